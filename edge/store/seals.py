"""Times of channels whose sums have been sent: no later event falls into them."""

from edge.store.windows import DAY_US

FAR_US = 8 * DAY_US
"""No event is moved farther: a clock that was far ahead for a while has sealed a time that is yet to come."""
NEVER_US = -(2**62)


class Seals:
    """One span a channel, from the first window that was summed to the last; used under the committer's lock."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[int, int]] = {}

    def put(self, channel_id: str, since_us: int, until_us: int) -> None:
        """Seal one more piece of a channel's time; pieces grow together."""
        since, until = self._spans.get(channel_id, (since_us, until_us))
        self._spans[channel_id] = (min(since, since_us), max(until, until_us))

    def open_from_us(self, channel_id: str, time_us: int) -> int:
        """Return the end of the sealed time that `time_us` lies in; long ago where it lies in none."""
        since, until = self._spans.get(channel_id, (0, NEVER_US))
        return until if since <= time_us < until <= time_us + FAR_US else NEVER_US
