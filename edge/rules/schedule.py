"""When a rule is watched: its schedule, read on the device's local clock.

A span begins at the first moment at which the clock on the wall shows `from`, and ends at the last at which it shows
`to`: an hour that comes twice in autumn is watched as a whole, and one that is left out in spring has no length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from edge.model.scene import Scene
from edge.settings.rules import ALL_DAYS, ScheduleSettings

_AROUND_DAYS = 8
"""So many days before and after a moment are worked out: a span that comes once a week lies within."""

_EVER = 2**62
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class _Span:
    """A time in which nothing changes: microseconds UTC, its end not included."""

    begin_us: int
    end_us: int
    is_open: bool = True


class Schedule:
    """Tells whether a rule is watched at a moment; a schedule without entries is always open."""

    def __init__(self, entries: Sequence[ScheduleSettings], zone: tzinfo) -> None:
        self._entries = tuple(entries)
        self._zone = zone
        self._now = _Span(0, 0) if self._entries else _Span(-_EVER, _EVER)

    def open_at(self, time_us: int) -> bool:
        """Tell whether the rule is watched at a moment, microseconds UTC."""
        return self._at(time_us).is_open

    def since_us(self, time_us: int) -> int:
        """Return since when it has been as it is at a moment (microseconds UTC), going back a week at most."""
        return self._at(time_us).begin_us

    def since_s(self, scene: Scene) -> float:
        """Return the same at a scene, in seconds into the stream; of a rule that is always watched, long ago."""
        return scene.stream_s - (scene.time_us - self.since_us(scene.time_us)) / _SECOND_US

    def shut_s(self, scene: Scene) -> float | None:
        """Return when it closed, in seconds into the stream; None where it is open."""
        return None if self.open_at(scene.time_us) else self.since_s(scene)

    def _at(self, time_us: int) -> _Span:
        if not self._now.begin_us <= time_us < self._now.end_us:
            self._now = self._work_out(time_us)
        return self._now

    def _work_out(self, time_us: int) -> _Span:
        today = datetime.fromtimestamp(time_us / _SECOND_US, self._zone).date()
        spans = _joined(sorted(self._spans(today), key=lambda span: span.begin_us))
        around_us = _AROUND_DAYS * 86_400 * _SECOND_US
        closed_us, opens_us = time_us - around_us, time_us + around_us
        for span in spans:
            if span.begin_us <= time_us < span.end_us:
                return span
            if span.end_us <= time_us:
                closed_us = max(closed_us, span.end_us)
            else:
                opens_us = min(opens_us, span.begin_us)
        return _Span(closed_us, opens_us, is_open=False)

    def _spans(self, today: date) -> Iterator[_Span]:
        for ahead in range(-_AROUND_DAYS, _AROUND_DAYS + 1):
            day = today + timedelta(days=ahead)
            for entry in self._entries:
                if ALL_DAYS[day.weekday()] in entry.days:
                    over_midnight = timedelta(days=1 if entry.to < entry.from_ else 0)
                    begin_us = _moment_us(day, entry.from_, self._zone, fold=0)
                    end_us = _moment_us(day + over_midnight, entry.to, self._zone, fold=1)
                    if begin_us < end_us:
                        yield _Span(begin_us, end_us)


def _joined(spans: Sequence[_Span]) -> list[_Span]:
    """Return spans in order of their begin as spans that do not touch."""
    joined: list[_Span] = []
    for span in spans:
        if joined and span.begin_us <= joined[-1].end_us:
            joined[-1] = _Span(joined[-1].begin_us, max(joined[-1].end_us, span.end_us))
        else:
            joined.append(span)
    return joined


def _moment_us(day: date, text: str, zone: tzinfo, *, fold: int) -> int:
    """Return when the clock shows HH:MM on a day, the first time (fold 0) or the last; 24:00 is the next day's 00:00.

    Where the clock leaps over that time it is the moment of the leap.
    """
    hours, minutes = int(text[:2]), int(text[3:])
    shown = datetime.combine(day + timedelta(days=hours // 24), time(hours % 24, minutes), UTC).replace(tzinfo=None)
    early, late = sorted(round(shown.replace(tzinfo=zone, fold=each).timestamp()) for each in (0, 1))
    if _shown(early, zone) == shown:
        return (late if fold else early) * _SECOND_US
    while late - early > 1:  # the clock shows less than `shown` at `early`, more at `late`
        middle = (early + late) // 2
        early, late = (middle, late) if _shown(middle, zone) < shown else (early, middle)
    return late * _SECOND_US


def _shown(moment_s: int, zone: tzinfo) -> datetime:
    """Return what the clock on the wall shows."""
    return datetime.fromtimestamp(moment_s, zone).replace(tzinfo=None, fold=0)
