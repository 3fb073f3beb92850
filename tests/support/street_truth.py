"""The demo street played through the whole pipeline, and what its script says of each kind of event."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

from edge.capture.demo import DemoSource
from edge.capture.street.script import StreetScript
from edge.capture.street.truth import Crossing, Span, Stay, followers, joined
from edge.config.loader import load
from edge.model.event import Event, EventType
from edge.model.geometry import Box, Point
from edge.model.scene import Track
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, DemoSettings, LineSettings, ZoneSettings
from tests.support.clock import HandClock

Truth = TypeVar("Truth")

WITHIN_S = 1.5
"""An event belongs to what the script says so soon before or after."""
SLACK_S = 3.0
"""What happens so shortly before the end is not compared: its event may come after it."""

DEMO = Path(__file__).parents[2] / "edge" / "cli" / "demo.yaml"


@dataclass(frozen=True, slots=True)
class Play:
    """What the demo gave in a time: its events, and where each event's object was when it was told."""

    channel: ChannelSettings
    script: StreetScript
    until_s: float
    events: tuple[Event, ...]
    boxes: tuple[Box | None, ...]

    def of(self, kind: EventType, rule: str = "", until_s: float = math.inf) -> list[Event]:
        """Return the events of a kind (and of a rule) before a time, in order of time."""
        known = (event for event in self.events if event.stream_s < until_s)
        found = [event for event in known if event.type is kind and rule in {"", event.rule_name}]
        return sorted(found, key=lambda event: event.stream_s)

    def line_settings(self, name: str) -> LineSettings:
        """Return a line."""
        return next(rule for rule in self.channel.rules if isinstance(rule, LineSettings) and rule.line == name)

    def line(self, name: str) -> list[Point]:
        """Return a line's points."""
        return [Point(*corner) for corner in self.line_settings(name).points]

    def zone(self, name: str) -> tuple[ZoneSettings, list[Point]]:
        """Return a zone and its corners."""
        rule = next(rule for rule in self.channel.rules if isinstance(rule, ZoneSettings) and rule.zone == name)
        return rule, [Point(*corner) for corner in rule.polygon]

    def stays(self, name: str) -> tuple[Stay, ...]:
        """Return who is in a zone and when, by the script."""
        return self.script.stays(self.zone(name)[1], 0, self.until_s)


@dataclass(frozen=True, slots=True)
class Matched(Generic[Truth]):
    """Truths and events that belong together, and those that are left over."""

    pairs: tuple[tuple[Truth, Event], ...]
    missed: tuple[Truth, ...]
    extra: tuple[Event, ...]

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision; 1 where there is nothing."""
        return 2 * len(self.pairs) / max(1, 2 * len(self.pairs) + len(self.missed) + len(self.extra))


def demo_settings() -> DemoSettings:
    """Return how `edge demo` sets its camera up."""
    demo = load(DEMO).channels[0].source.demo
    assert demo is not None
    return demo


def play(until_s: float, *, fps: float, seed: int | None = None) -> Play:
    """Play the demo as `edge demo` is set up, at so many pictures a second."""
    channel, demo = load(DEMO).channels[0], demo_settings()
    demo = replace(demo, fps=fps, seed=demo.seed if seed is None else seed)
    source = DemoSource(channel.id, demo, HandClock(), realtime=False)
    source.open()
    pipeline = build_pipeline(channel, 1, UTC)
    events: list[Event] = []
    boxes: list[Box | None] = []
    while (frame := source.read()) is not None and frame.stream_s <= until_s:
        result = pipeline.process(frame)
        known = {track.object_id: track for track in (*result.scene.tracks, *result.scene.ended)}
        events.extend(result.events)
        boxes.extend(_box(event, known) for event in result.events)
    assert frame is not None
    closing = pipeline.close(frame.time_us, frame.stream_s)
    return Play(channel, StreetScript(demo.seed), until_s, (*events, *closing), (*boxes, *(None for _ in closing)))


def match(
    truths: Sequence[Truth],
    events: Sequence[Event],
    when: Callable[[Truth], float],
    *,
    within_s: float,
    alike: Callable[[Truth, Event], bool] = lambda truth, event: True,  # noqa: ARG005 - all are alike
) -> Matched[Truth]:
    """Bring truths and events together, the nearest in time first, each once."""
    near = sorted(
        (abs(when(truth) - event.stream_s), row, column)
        for row, truth in enumerate(truths)
        for column, event in enumerate(events)
        if abs(when(truth) - event.stream_s) <= within_s and alike(truth, event)
    )
    pairs: dict[int, int] = {}
    for _, row, column in near:
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return Matched(
        tuple((truths[row], events[column]) for row, column in sorted(pairs.items())),
        tuple(truth for row, truth in enumerate(truths) if row not in pairs),
        tuple(event for column, event in enumerate(events) if column not in pairs.values()),
    )


def crossings(play: Play, line: str) -> Matched[Crossing]:
    """Compare a line's crossings."""
    return match(
        play.script.crossings(play.line(line), 0, play.until_s - SLACK_S),
        play.of(EventType.TRIPWIRE_CROSSED, line, play.until_s - SLACK_S),
        lambda crossing: crossing.stream_s,
        within_s=1.0,
        alike=lambda crossing, event: crossing.direction is event.direction,
    )


def tailgating(play: Play) -> Matched[Crossing]:
    """Compare those who walk close behind another over the pavement's line."""
    rule = play.line_settings("Pavement")
    assert rule.tailgating is not None
    truth = followers(play.script.crossings(play.line("Pavement"), 0, play.until_s), rule.tailgating.seconds)
    return match(truth, play.of(EventType.TAILGATING, "Pavement"), lambda crossing: crossing.stream_s, within_s=1.0)


def joins(play: Play) -> Matched[Stay]:
    """Compare who comes into the zone at the bench."""
    until_s = play.until_s - SLACK_S
    truth = [stay for stay in play.stays("Bench") if stay.since_s < until_s]
    return match(truth, play.of(EventType.REGION_JOIN, "Bench", until_s), lambda stay: stay.since_s, within_s=WITHIN_S)


def leaves(play: Play) -> Matched[Stay]:
    """Compare who leaves it."""
    until_s = play.until_s - SLACK_S
    truth = [stay for stay in play.stays("Bench") if stay.until_s < until_s]
    return match(truth, play.of(EventType.REGION_LEAVE, "Bench", until_s), lambda stay: stay.until_s, within_s=WITHIN_S)


def loitering(play: Play) -> Matched[Stay]:
    """Compare who stays there over the limit."""
    zone, _ = play.zone("Bench")
    assert zone.loitering is not None
    limit_s, until_s = zone.loitering.seconds, play.until_s - SLACK_S
    truth = [
        stay
        for stay in play.stays("Bench")
        if stay.until_s - stay.since_s >= limit_s and stay.since_s + limit_s < until_s
    ]
    return match(
        truth,
        play.of(EventType.LOITERING, "Bench", until_s),
        lambda stay: stay.since_s + limit_s,
        within_s=WITHIN_S,
    )


def episodes(play: Play, on: EventType, off: EventType) -> list[Span]:
    """Return from when until when something was on at the bench; AssertionError where on and off do not alternate."""
    begins, ends = play.of(on, "Bench"), play.of(off, "Bench")
    assert len(begins) == len(ends)
    found = [Span(begin.stream_s, end.stream_s) for begin, end in zip(begins, ends, strict=True)]
    assert all(before.until_s <= after.since_s for before, after in pairwise(found))
    return found


def motion_in_common(play: Play) -> float:
    """Return the intersection over the union of the times with motion at the bench, as told and by the script."""
    zone, polygon = play.zone("Bench")
    assert zone.motion is not None
    off_s = zone.motion.off_delay_s
    truth = joined(play.script.walks(polygon, 0, play.until_s), off_s)
    told = [
        Span(each.since_s, max(each.since_s, each.until_s - off_s))
        for each in episodes(play, EventType.MOTION_ON, EventType.MOTION_OFF)
    ]
    both = sum(max(0.0, min(a.until_s, b.until_s) - max(a.since_s, b.since_s)) for a in truth for b in told)
    return both / (sum(each.until_s - each.since_s for each in (*truth, *told)) - both)


def _box(event: Event, known: dict[int, Track]) -> Box | None:
    return known[event.object_id].box if event.object_id in known else None
