"""When cameras were watched: a sum of zero says something only where somebody looked."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge.health import Health
from edge.model.clock import Clock
from edge.outputs.webhooks.payload import Span
from edge.store.sum_rows import SumRows
from edge.store.windows import DAY_US, SECOND_US, plausible

LOOK_S = 5
SHORTEST_GAP_US = 15 * SECOND_US
"""Shorter gaps are not told: cameras are looked at every five seconds, and a restart takes a moment."""
SAVE_US = 60 * SECOND_US
KEPT_US = 9 * DAY_US
MOST_UNSURE = 1000
"""So many times that were written by a clock that nobody had set are written anew once it is right."""
_STEP_US = 2 * SECOND_US


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all cameras: when, by all clocks, whether the time was known, how many pictures each had given."""

    wall_us: int
    started_us: int
    monotonic_s: float
    synced: bool
    frames: dict[str, int]


class Watch:
    """Looks at the health of all cameras now and then; who gave pictures since the look before was watched meanwhile.

    A camera that is well was watched up to its newest picture, however slowly they come.

    Written once a minute: a power cut takes that much, which then counts as not watched.
    """

    def __init__(self, rows: SumRows, clock: Clock, health: Health) -> None:
        self._rows = rows
        self._clock = clock
        self._health = health
        self._last: _Look | None = None
        self._going: dict[str, Span] = {}
        self._ended: list[tuple[str, Span]] = []
        self._unsure: deque[tuple[str, Span]] = deque(maxlen=MOST_UNSURE)
        self._saved_us = 0

    def look(self) -> None:
        """Take one look."""
        now = self._look()
        last, self._last = self._last, now
        if last is None or not plausible(now.wall_us):
            return
        passed_us = now.wall_us - last.wall_us
        step_us = now.started_us - last.started_us
        slept_us = passed_us - step_us - (now.monotonic_s - last.monotonic_s) * SECOND_US
        set_anew = abs(step_us) > _STEP_US
        if slept_us > _STEP_US or (set_anew and last.synced):
            self._end(list(self._going))
            return
        if now.synced and not last.synced:
            self._ended += self._unsure
            self._unsure.clear()
        if set_anew:
            self._move(step_us)
            last = replace(last, wall_us=last.wall_us + step_us)
        seen = [channel for channel, frames in now.frames.items() if frames > last.frames.get(channel, frames)]
        for channel in seen:
            begun = self._going.get(channel, Span(last.wall_us, now.wall_us))
            self._going[channel] = Span(begun.since_us, now.wall_us)
        self._end([channel for channel in self._going if channel not in now.frames])  # a slow one may give none yet
        if abs(now.wall_us - self._saved_us) >= SAVE_US:
            self.save()

    def _look(self) -> _Look:
        channels = self._health.snapshot().channels
        frames = {name: channel.frames for name, channel in channels.items() if channel.status == "ok"}
        clock = self._clock
        return _Look(clock.now_us(), clock.started_us(), clock.monotonic_s(), clock.synced(), frames)

    def _move(self, step_us: int) -> None:
        """Tell what was watched before the time was known by the right clock."""
        self._going = {channel: _moved(span, step_us) for channel, span in self._going.items()}
        self._ended = [(channel, _moved(span, step_us)) for channel, span in self._ended]
        self._unsure = deque(((channel, _moved(span, step_us)) for channel, span in self._unsure), maxlen=MOST_UNSURE)

    def _end(self, channels: Iterable[str]) -> None:
        self._ended += [(channel, self._going.pop(channel)) for channel in channels]

    def save(self) -> None:
        """Write what is not written."""
        spans = [*self._ended, *self._going.items()]
        rows = {(channel, span.since_us): span.until_us for channel, span in spans}
        now_us = self._clock.now_us()
        if self._rows.put_seen(rows, now_us - KEPT_US):
            if self._last is not None and not self._last.synced:
                self._unsure += self._ended
            self._ended.clear()
            self._saved_us = now_us

    def gaps(self, channel_id: str, window: Span) -> list[Span]:
        """Return when a camera was not watched within a window, in order; raises StoreError."""
        spans = [Span(*pair) for pair in self._rows.seen(channel_id, window.since_us, window.until_us)]
        spans += [span for channel, span in self._ended if channel == channel_id]
        if channel_id in self._going:
            spans.append(self._going[channel_id])
        return gaps_between(spans, window)


def _moved(span: Span, by_us: int) -> Span:
    return Span(span.since_us + by_us, span.until_us + by_us)


def gaps_between(spans: Sequence[Span], window: Span) -> list[Span]:
    """Return what of a window no span covers, but for the shortest pieces; spans may overlap and come in any order."""
    gaps: list[Span] = []
    reached_us = window.since_us
    for span in [*sorted(spans, key=lambda each: each.since_us), Span(window.until_us, window.until_us)]:
        since_us = min(span.since_us, window.until_us)
        if since_us - reached_us >= SHORTEST_GAP_US:
            gaps.append(Span(reached_us, since_us))
        reached_us = max(reached_us, span.until_us)
    return gaps
