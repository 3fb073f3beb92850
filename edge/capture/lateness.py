"""How old a live picture is, as far as that can be told: pure, time stamps and moments come in as values."""

_LATE_S = 1.2
_LEAK = 0.02
_LONG_S = 2.0
_LONG_PICTURES = 3
_SPACE_S = 60.0
_LONGEST_SPACE_S = 3600.0


class Lateness:
    """Judges pictures by their time stamps against their arrival.

    The picture that came soonest after its stamp is the measure; it fades by 2 % of the time that passes, since a
    camera's clock may run slow. What stands in a queue on the way (after a stall of the network, or of this program)
    comes later than that. A stamp that does not rise says nothing, and the measure begins anew with it.
    """

    def __init__(self) -> None:
        self._soonest_s: float | None = None
        self._pts_s = 0.0
        self._arrival_s = 0.0
        self._late_since_s: float | None = None
        self._late = 0
        self._space_s = _SPACE_S
        self._gave_up_s: float | None = None

    def restart(self) -> None:
        """Begin a new connection."""
        self._forget()

    def is_late(self, pts_s: float | None, arrival_s: float, now_s: float) -> bool:
        """Tell whether the picture stamped `pts_s` that arrived at `arrival_s` is too old to be looked at.

        At most 1.2 s, and the time that the camera leaves between two pictures: the end of a picture is known only when
        the next one begins.
        """
        step_s = 0.0 if pts_s is None or self._soonest_s is None else pts_s - self._pts_s
        age_s = now_s - arrival_s + self._behind_s(pts_s, arrival_s)
        if age_s <= _LATE_S + max(0.0, step_s):
            self._late_since_s, self._late = None, 0
            return False
        self._late_since_s = now_s if self._late_since_s is None else self._late_since_s
        self._late += 1
        return True

    def gives_up(self, now_s: float) -> bool:
        """Tell whether pictures have been late for so long that a new connection is to throw away what is queued.

        A camera whose stamps are wrong looks the same: so not again within a minute, and twice as long after each
        time, up to an hour. Meanwhile what comes is taken for what there is.
        """
        if self._late < _LONG_PICTURES or self._late_since_s is None or now_s - self._late_since_s < _LONG_S:
            return False
        if self._gave_up_s is not None and now_s - self._gave_up_s < self._space_s:
            self._forget()
            return False
        quiet = self._gave_up_s is None or now_s - self._gave_up_s > 4 * self._space_s
        self._space_s = _SPACE_S if quiet else min(_LONGEST_SPACE_S, 2 * self._space_s)
        self._gave_up_s = now_s
        return True

    def _behind_s(self, pts_s: float | None, arrival_s: float) -> float:
        if pts_s is None:
            return 0.0
        offset_s = arrival_s - pts_s
        if self._soonest_s is None or pts_s <= self._pts_s:
            self._soonest_s = offset_s
        else:
            faded_s = self._soonest_s + _LEAK * max(0.0, arrival_s - self._arrival_s)
            self._soonest_s = min(offset_s, faded_s)
        self._pts_s, self._arrival_s = pts_s, arrival_s
        return offset_s - self._soonest_s

    def _forget(self) -> None:
        self._soonest_s = None
        self._late_since_s, self._late = None, 0
