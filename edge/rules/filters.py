"""The options that every rule has: which objects count, and how often it may speak."""

from edge.model.scene import Track
from edge.settings.rules import RuleOptions


def counts(options: RuleOptions, track: Track) -> bool:
    """Tell whether a rule counts this object: its class as known now, and its height as a share of the frame's."""
    in_size = options.min_size <= track.box.height <= options.max_size
    return track.origin.value in options.objects and in_size


class Cooldown:
    """Quiet time after each event of a rule."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last_s: float | None = None

    def allows(self, stream_s: float) -> bool:
        """Tell whether an event at this moment of the stream may be told; if so, the quiet time starts there."""
        if self._seconds and self._last_s is not None and abs(stream_s - self._last_s) < self._seconds:
            return False
        self._last_s = stream_s
        return True
