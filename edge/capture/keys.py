"""Which packets of a live stream are decoded: all; key frames only; or none until the next key frame, to catch up.

Pictures between two key frames build on one another, so none of them can be left out alone. Pure: waits and moments
come in as values.
"""

BEHIND_S = 0.6
"""Packets that have waited for longer before they are decoded mean that decoding is behind, ..."""
PATIENCE_S = 0.3
"""... where that goes on for so long: a moment's rest of the machine is made up for in less."""
_CAUGHT_UP_S = 0.2
_LONGEST_S = 12.0
_REST_S = 1.0


class Chooser:
    """Chooses the packets of one opened stream. `skipped` counts those left out since decoding has fallen behind.

    With `keys_only` a key frame a second is decoded at most, and nothing else; what that leaves out is not counted.
    """

    def __init__(self) -> None:
        self.keys_only = False
        self.skipped = 0
        self._behind_since_s: float | None = None
        self._skips_since_s: float | None = None
        self._decoded_s = 0.0
        self._rested = False

    def wants(self, *, key: bool, waited_s: float, now_s: float) -> bool:
        """Tell whether a packet is decoded now: whether it begins a `key` frame, and how long it has waited."""
        if self.keys_only:
            return self._rests(key=key, now_s=now_s)
        if self._skips_since_s is None:
            if not self._falls_behind(waited_s, now_s):
                return True
            self._skips_since_s = now_s
        if (key and waited_s <= _CAUGHT_UP_S) or now_s - self._skips_since_s > _LONGEST_S:
            self._skips_since_s = self._behind_since_s = None
            self._rested = False
            return True
        self.skipped += not self._rested
        return False

    def _rests(self, *, key: bool, now_s: float) -> bool:
        """Choose a key frame a second; whoever wants all again has to wait for the next."""
        self._skips_since_s, self._rested = now_s, True
        if not key or now_s - self._decoded_s < _REST_S:
            return False
        self._decoded_s = now_s
        return True

    def _falls_behind(self, waited_s: float, now_s: float) -> bool:
        if waited_s <= BEHIND_S:
            self._behind_since_s = None
            return False
        if self._behind_since_s is None:
            self._behind_since_s = now_s
        return now_s - self._behind_since_s >= PATIENCE_S
