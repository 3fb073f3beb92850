"""What holds for every path through a zone; single situations are in tests/scenarios."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.event import Event, EventType
from edge.model.origin import Origin
from edge.model.scene import Scene
from edge.pipeline import in_firing_order
from edge.rules.rule import Rule
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import CrowdSettings, LoiteringSettings, MotionSettings
from tests.support.actors import Actor, Span, scenes
from tests.support.balance import assert_balanced, assert_in_order

HEIGHT = 0.15
ASPECT = 4 / 3
EXAMPLES = 40
"""Each example is some seconds of several people at up to 15 frames a second."""

CLEAR = 0.03
"""Further from the outline than the margin, which is a tenth of a box's height at most."""

rates = st.one_of(st.sampled_from([5.0, 7.5, 10.0, 12.5, 15.0]), st.floats(5.0, 15.0))
places = st.tuples(st.floats(0.05, 0.95), st.floats(0.2, 0.98))


@st.composite
def zones(draw: st.DrawFn, name: str = "Z") -> ZoneSettings:
    """Draw a zone round a place: its corners lie in all directions, some of them near, so that it may be concave."""
    x, y = draw(st.floats(0.3, 0.7)), draw(st.floats(0.3, 0.7))
    far = draw(st.lists(st.floats(0.1, 0.28), min_size=3, max_size=9))
    turns = [2 * math.pi * number / len(far) for number in range(len(far))]
    corners = tuple((x + off * math.cos(turn), y + off * math.sin(turn)) for off, turn in zip(far, turns, strict=True))
    return ZoneSettings(
        zone=name,
        id=name,
        polygon=corners,
        join_leave=True,
        motion=MotionSettings(off_delay_s=draw(st.sampled_from([0.0, 1.0, 3.0]))),
        loitering=LoiteringSettings(seconds=draw(st.sampled_from([0.5, 2.0, 4.0]))),
        crowd=CrowdSettings(size=2, on_s=draw(st.sampled_from([0.0, 1.0])), off_s=draw(st.sampled_from([0.0, 1.0]))),
    )


@st.composite
def actors(draw: st.DrawFn) -> tuple[Actor, ...]:
    """Draw some who wander about, are hidden now and then, confirmed late or early, and taken for this or that."""
    result = []
    for object_id in range(1, draw(st.integers(1, 4)) + 1):
        begin_s = draw(st.floats(0.0, 3.0))
        stops = draw(st.lists(places, min_size=2, max_size=7))
        path = [(begin_s + 0.9 * number, x, y) for number, (x, y) in enumerate(stops)]
        hidden_s = draw(st.floats(0.0, 6.0))
        result.append(
            Actor(
                object_id,
                path,
                (0.05, HEIGHT),
                hidden=[(hidden_s, hidden_s + draw(st.sampled_from([0.0, 0.5, 1.9, 2.5])))],
                confirmed_after_s=draw(st.sampled_from([0.4, 0.4, 3.0])),
                origins=[(draw(st.floats(0.0, 5.0)), Origin.VEHICLE)],
            )
        )
    return tuple(result)


blinks = st.lists(
    st.tuples(st.floats(0.0, 6.0), st.floats(0.2, 3.0)).map(lambda each: (each[0], sum(each))), max_size=2
)
"""Spans in which the light changes."""


@dataclass(frozen=True)
class Told:
    """The events of each frame, with its scene; the last group is what `close` gave."""

    frames: list[tuple[Scene, tuple[Event, ...]]]
    closing: tuple[Event, ...]

    @property
    def events(self) -> list[Event]:
        return [event for _, group in self.frames for event in group] + list(self.closing)


def rules_for(some: Sequence[ZoneSettings]) -> tuple[Rule, ...]:
    channel = ChannelSettings(name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=tuple(some))
    return make_rules(channel, UTC)


def told(
    some: Sequence[ZoneSettings],
    cast: Sequence[Actor],
    fps: float,
    unsettled: Sequence[Span] = (),
    until_s: float | None = None,
) -> Told:
    """Return what the rules of these zones tell of these people."""
    rules, frames = rules_for(some), []
    for scene in scenes(cast, fps=fps, aspect=ASPECT, unsettled=unsettled, until_s=until_s):
        events = [each for rule in rules for each in rule.update(scene) if isinstance(each, Event)]
        frames.append((scene, in_firing_order(events)))
    last = frames[-1][0]
    return Told(frames, in_firing_order([each for rule in rules for each in rule.close(last.time_us, last.stream_s)]))


@settings(max_examples=EXAMPLES)
@given(zones(), actors(), rates, blinks, st.one_of(st.none(), st.floats(0.0, 12.0)))
def test_what_opens_is_closed_once_whenever_it_stops(
    zone: ZoneSettings, cast: Sequence[Actor], fps: float, unsettled: Sequence[Span], until_s: float | None
) -> None:
    only = replace(zone, objects=("Vehicle",), id="V", zone="V")
    result = told((zone, only), cast, fps, unsettled, until_s)
    assert_balanced(result.events)
    assert_in_order([*(group for _, group in result.frames), result.closing])
    same = Counter((event.type, event.rule_id, event.object_id, event.time_us) for event in result.events)
    assert set(same.values()) <= {1}
    for scene, group in result.frames:
        assert scene.settled or not group
        assert all(event.time_us <= scene.time_us for event in group)


@settings(max_examples=EXAMPLES)
@given(zones(), actors(), rates, blinks)
def test_dwell_is_from_join_to_leave_and_loitering_lies_between(
    zone: ZoneSettings, cast: Sequence[Actor], fps: float, unsettled: Sequence[Span]
) -> None:
    assert zone.loitering is not None
    joined: dict[int, Event] = {}
    loitered: dict[int, Event] = {}
    for event in told((zone,), cast, fps, unsettled).events:
        if event.type is EventType.REGION_JOIN:
            joined[event.object_id] = event
        elif event.type is EventType.LOITERING:
            assert event.object_id not in loitered
            loitered[event.object_id] = event
            stayed_s = event.stream_s - joined[event.object_id].stream_s
            assert math.isclose(stayed_s, zone.loitering.seconds, abs_tol=1e-6)
        elif event.type is EventType.REGION_LEAVE:
            stayed_s = event.stream_s - joined.pop(event.object_id).stream_s
            assert event.dwell_seconds is not None
            assert math.isclose(event.dwell_seconds, stayed_s, abs_tol=0.002)
            long_enough = stayed_s >= zone.loitering.seconds + 1e-6
            assert (loitered.pop(event.object_id, None) is not None) == long_enough or math.isclose(
                stayed_s, zone.loitering.seconds, abs_tol=1e-5
            )


@settings(max_examples=EXAMPLES)
@given(zones(), actors(), rates)
def test_a_crowd_counts_those_who_have_joined(zone: ZoneSettings, cast: Sequence[Actor], fps: float) -> None:
    inside: set[int] = set()
    for _, group in told((zone,), cast, fps).frames:
        inside |= {event.object_id for event in group if event.type is EventType.REGION_JOIN}
        inside -= {event.object_id for event in group if event.type is EventType.REGION_LEAVE}
        for event in group:
            if event.type is EventType.CROWD_ON:
                assert event.count == len(inside)


@settings(max_examples=EXAMPLES)
@given(zones(), actors(), rates)
def test_a_mirrored_picture_gives_the_same(zone: ZoneSettings, cast: Sequence[Actor], fps: float) -> None:
    mirror = replace(zone, polygon=tuple((1 - x, y) for x, y in zone.polygon))
    image = [replace(actor, path=[(at_s, 1 - x, y) for at_s, x, y in actor.path]) for actor in cast]
    seen, mirrored = told((zone,), cast, fps).events, told((mirror,), image, fps).events
    assert [(event.type, event.object_id) for event in seen] == [(event.type, event.object_id) for event in mirrored]
    assert all(abs(one.stream_s - other.stream_s) < 1e-3 for one, other in zip(seen, mirrored, strict=True))


@settings(max_examples=EXAMPLES)
@given(zones("A"), zones("B"), actors(), rates, st.floats(0.5, 8.0))
def test_a_rule_that_is_removed_closes_its_own_and_nothing_else(
    first: ZoneSettings, second: ZoneSettings, cast: Sequence[Actor], fps: float, removed_s: float
) -> None:
    alone = told((second,), cast, fps)
    rules, events, removed = rules_for((first, second)), [], False
    for scene, _ in alone.frames:
        if scene.stream_s > removed_s and not removed:
            going = [rule for rule in rules if _id_of(rule) == "A"]
            events += [each for rule in going for each in rule.close(scene.time_us, scene.stream_s)]
            rules = tuple(rule for rule in rules if rule not in going)
            removed = True
        told_now = [each for rule in rules for each in rule.update(scene) if isinstance(each, Event)]
        events += in_firing_order(told_now)
    last = alone.frames[-1][0]
    events += in_firing_order([each for rule in rules for each in rule.close(last.time_us, last.stream_s)])
    assert_balanced(events)
    assert [event for event in events if event.rule_id != "A"] == alone.events


def _id_of(rule: Rule) -> str:
    asked = rule.asked
    writer = asked[-1] if isinstance(asked, tuple) else asked
    return getattr(writer, "rule_id", "")


SQUARE = ZoneSettings(zone="S", id="S", polygon=((0.4, 0.3), (0.8, 0.3), (0.8, 0.9), (0.4, 0.9)), join_leave=True)
stops = st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=8)


@settings(max_examples=EXAMPLES)
@given(stops, rates, st.floats(0.0, 1.0))
def test_each_stay_of_three_frames_counts_once_at_any_rate_and_phase(
    places: Sequence[tuple[bool, float, float]], fps: float, phase_s: float
) -> None:
    stay_s, leap_s = 3 / 5 + 0.002, 0.001
    path: list[tuple[float, float, float]] = []
    at_s = 0.0
    for number, (inside, across, down) in enumerate(places):
        low, high = (0.4 + CLEAR, 0.8 - CLEAR) if inside else (0.05, 0.4 - CLEAR)
        spot = low + across * (high - low), 0.3 + CLEAR + down * (0.6 - 2 * CLEAR)
        path += [(at_s, *spot), (at_s + stay_s + (phase_s if number == 0 else 0.0), *spot)]
        at_s = path[-1][0] + leap_s
    joins = [inside for inside, _, _ in places]
    expected = sum(now and not before for before, now in pairwise([False, *joins]))
    events = told((SQUARE,), [Actor(1, path, (0.05, HEIGHT))], fps).events
    assert sum(event.type is EventType.REGION_JOIN for event in events) == expected
