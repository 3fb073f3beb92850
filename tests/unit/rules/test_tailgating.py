"""Who follows whom over a line; by times of crossing, whichever is told first."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Direction, Event, EventType, Suppressed, Told, Why
from edge.model.geometry import Box, Point
from edge.model.scene import Origin, Track
from edge.rules.passage import Crossing
from edge.rules.table import make_rules
from edge.rules.tailgating import LEAST_S, Followers
from edge.rules.walks import Walks
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from edge.settings.rules import TailgatingSettings
from tests.support.scenarios import Actor, scenes

LINE = LineSettings(line="L", id="L", points=((0.5, 0.0), (0.5, 1.0)), tailgating=TailgatingSettings())
ASPECT = 4 / 3
BEFORE_S, AFTER_S = 2.0, 1.5
REACH = 0.3

rates = st.one_of(st.sampled_from([5.0, 7.5, 10.0, 12.5, 15.0]), st.floats(5.0, 15.0))
angles = st.floats(0.0, 2 * math.pi)


def line_at(angle: float, seconds: float = 1.0) -> LineSettings:
    """Return an endless line through the middle of the picture, at an angle."""
    dx, dy = math.cos(angle) * 2 / ASPECT, math.sin(angle) * 2
    return replace(
        LINE, points=((0.5 - dx, 0.5 - dy), (0.5 + dx, 0.5 + dy)), tailgating=TailgatingSettings(seconds=seconds)
    )


def walker(object_id: int, over_s: float, angle: float = math.pi / 2, way: int = 1) -> Actor:
    """Return someone who walks straight over the line at an angle at a time, seen long before; way 1 is a_to_b."""
    dx, dy = -math.sin(angle) * way / ASPECT, math.cos(angle) * way
    since_s, until_s = over_s - BEFORE_S, over_s + AFTER_S
    start, end = -REACH, REACH * AFTER_S / BEFORE_S
    return Actor(
        object_id,
        [
            (since_s, 0.5 + start * dx, 0.5 + start * dy),
            (until_s, 0.5 + end * dx, 0.5 + end * dy),
        ],
    )


def told(line: LineSettings, actors: Sequence[Actor], fps: float = 10.0) -> list[Told]:
    channel = ChannelSettings(
        name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=(line,), objects=False
    )
    rules = make_rules(channel, UTC)
    return [
        each
        for scene in scenes(actors, fps=fps, aspect=ASPECT)
        for rule in rules
        for each in rule.update(scene)
        if each.type is EventType.TAILGATING
    ]


def followers(line: LineSettings, actors: Sequence[Actor], fps: float = 10.0) -> list[int]:
    return [each.object_id for each in told(line, actors, fps) if isinstance(each, Event)]


def refused(line: LineSettings, actors: Sequence[Actor], fps: float = 10.0) -> list[tuple[int, Why]]:
    return [(each.object_id, each.why) for each in told(line, actors, fps) if isinstance(each, Suppressed)]


@given(angles, st.integers(1, 6), st.floats(LEAST_S + 0.02, 3.0), st.floats(0.5, 2.0), rates)
def test_of_people_in_a_row_each_but_the_first_follows_if_near_enough(
    angle: float, count: int, apart_s: float, seconds: float, fps: float
) -> None:
    row = [walker(number + 1, 3.0 + number * apart_s, angle) for number in range(count)]
    expected = list(range(2, count + 1)) if apart_s <= seconds else []
    found = followers(line_at(angle, seconds), row, fps)
    assert sorted(found) == expected or abs(apart_s - seconds) < 1e-3


@given(st.floats(0.0, LEAST_S - 0.01), angles, rates)
def test_who_crosses_within_two_frames_may_be_the_other_half(apart_s: float, angle: float, fps: float) -> None:
    pair = [walker(1, 3.0, angle), walker(2, 3.0 + apart_s, angle)]
    assert followers(line_at(angle), pair, fps) == []
    assert [why for _, why in refused(line_at(angle), pair, fps)] == [Why.SAME_OBJECT]


@given(angles, st.lists(st.floats(0.0, 8.0), min_size=2, max_size=6, unique=True), rates)
def test_a_mirrored_picture_has_the_same_followers(angle: float, times: Sequence[float], fps: float) -> None:
    actors = [walker(number, 3.0 + at_s, angle) for number, at_s in enumerate(times)]
    line = line_at(angle)
    mirrored_line = replace(line, points=tuple((1 - x, y) for x, y in line.points))
    mirrored = [replace(actor, path=[(t, 1 - x, y) for t, x, y in actor.path]) for actor in actors]
    assert followers(line, actors, fps) == followers(mirrored_line, mirrored, fps)


def crossing(object_id: int, stream_s: float) -> Crossing:
    box = Box(0.0, 0.0, 0.1, 0.2)
    track = Track(object_id, box, Origin.PEDESTRIAN, 1.0, stream_s - BEFORE_S, stream_s, ())
    return Crossing(track, Direction.A_TO_B, stream_s, Point(0.5, 0.5), box)


@given(st.lists(st.integers(9, 40), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_it_does_not_matter_which_crossing_is_told_first(gaps: Sequence[int], random: object) -> None:
    times = [sum(gaps[:number]) / 20 for number in range(len(gaps) + 1)]
    order = sorted(range(len(times)), key=lambda _: random.random())  # type: ignore[attr-defined]
    row = Followers(TailgatingSettings(), Walks())
    found = [each for number in order for each in row.add(crossing(number, times[number]), times[-1])]
    follow = [each.crossing.track.object_id for each in found if each.why is None]
    assert sorted(follow) == [number for number, gap in enumerate(gaps, 1) if gap <= 20]


def test_only_the_same_way_counts() -> None:
    assert followers(LINE, [walker(1, 3.0), walker(2, 3.6, way=-1), walker(3, 4.4, way=-1)]) == [3]


def test_who_does_not_count_neither_follows_nor_leads() -> None:
    people = replace(LINE, objects=("Pedestrian",))
    car = replace(walker(2, 3.6), origin=Origin.VEHICLE)
    assert followers(people, [walker(1, 3.0), car, walker(3, 4.2)]) == []
    assert followers(LINE, [walker(1, 3.0), car, walker(3, 4.2)]) == [2, 3]
    one_way = replace(LINE, direction="b_to_a")
    assert told(one_way, [walker(1, 3.0), walker(2, 3.6)]) == []


def test_quiet_time_is_that_of_tailgating_itself() -> None:
    quiet = replace(LINE, cooldown_s=5.0)
    row = [walker(number, 3.0 + 0.7 * number) for number in range(4)]
    assert followers(quiet, row) == [1]
    assert refused(quiet, row) == [(2, Why.COOLDOWN), (3, Why.COOLDOWN)]


def test_who_was_counted_before_may_lead() -> None:
    once = replace(LINE, count_once=True)
    to_and_fro = Actor(1, [(0, 0.8, 0.5), (2, 0.2, 0.5), (4, 0.8, 0.5), (6, 0.2, 0.5)])
    assert followers(once, [to_and_fro, walker(2, 5.7)]) == [2]


def test_a_little_too_late_is_told_as_such() -> None:
    pair = [walker(1, 3.0), walker(2, 4.3)]
    assert followers(LINE, pair) == []
    assert refused(LINE, pair) == [(2, Why.TOO_LATE)]
    assert told(LINE, [walker(1, 3.0), walker(2, 4.7)]) == []


@pytest.mark.parametrize("fps", [5.0, 8.0, 10.0, 15.0])
def test_a_body_that_divides_before_the_line_does_not_follow_itself(fps: float) -> None:
    whole = walker(1, 3.0)
    half = Actor(2, [(2.7, 0.53, 0.5), (3.5, 0.5, 0.5), (5.0, 0.3, 0.5)], size=(0.03, 0.14))
    assert followers(LINE, [whole, half], fps) == []
    assert (2, Why.SAME_OBJECT) in refused(LINE, [whole, half], fps)


def test_who_was_beside_another_for_long_follows() -> None:
    behind = Actor(2, [(1.0, 0.8, 0.5), (3.6, 0.5, 0.5), (5.0, 0.3, 0.5)])
    assert followers(LINE, [walker(1, 3.0), behind]) == [2]


def test_an_event_shows_how_long_after() -> None:
    (event,) = (each for each in told(LINE, [walker(1, 3.0), walker(2, 3.7)]) if isinstance(each, Event))
    assert event.stream_s == pytest.approx(3.7, abs=1e-4)
    assert event.direction is Direction.A_TO_B
    assert event.evidence is not None
    (gap,) = event.evidence.measures
    assert gap.value == pytest.approx(0.7)
    assert (gap.name, gap.limit) == ("gap_s", 1.0)
    assert event.evidence.place is not None
    assert event.evidence.place.x == pytest.approx(0.5, abs=1e-4)
    assert event.evidence.path[0].stream_s < 3.7 < event.evidence.path[-1].stream_s
