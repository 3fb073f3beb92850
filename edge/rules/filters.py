"""The options that every rule has: which objects count, and how often it may speak."""

from edge.model.event import Why
from edge.model.scene import Track
from edge.settings.rules import RuleOptions


def counts(options: RuleOptions, track: Track) -> bool:
    """Tell whether a rule counts this object: its class as known now, and its height as a share of the frame's."""
    return why_not(options, track) is None


def why_not(options: RuleOptions, track: Track) -> Why | None:
    """Tell why a rule does not count this object, None where it does."""
    if track.origin.value not in options.objects:
        return Why.OTHER_CLASS
    return None if options.min_size <= track.box.height <= options.max_size else Why.OTHER_SIZE


class Cooldown:
    """Quiet time after each event of a rule."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last_s: float | None = None

    def allows(self, stream_s: float) -> bool:
        """Tell whether an event at this moment of the stream may be told; if so, the quiet time starts there.

        Moments may come out of order; the quiet time is that after the latest one.
        """
        if self._seconds and self._last_s is not None and abs(stream_s - self._last_s) < self._seconds:
            return False
        self._last_s = stream_s if self._last_s is None else max(self._last_s, stream_s)
        return True
