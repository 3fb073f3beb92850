"""What holds for every path over a line; single situations are in tests/scenarios."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Direction, Event, EventType
from edge.model.geometry import Box
from edge.model.scene import Scene, Sighting
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from tests.support.scenarios import Actor, scenes

HEIGHT = 0.15
ASPECT = 4 / 3
MARGIN = 0.1 * HEIGHT
STAY_S = 0.45
WALK_S = 1.0

Way = Sequence[tuple[float, float, float]]

rates = st.one_of(st.sampled_from([5.0, 7.5, 10.0, 12.5, 15.0]), st.floats(5.0, 15.0))
angles = st.floats(0.0, 2 * math.pi)
stops = st.lists(
    st.tuples(st.sampled_from([-1, 1]), st.floats(0.03, 0.2), st.floats(-0.2, 0.2)), min_size=1, max_size=8
)
"""Where someone stays for a while: side of the line, distance from it, place along it (units of the height)."""
wanders = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.1, 1.0)), min_size=2, max_size=25)
shakes = st.lists(st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0)), min_size=1, max_size=7)


def line_at(angle: float) -> LineSettings:
    """Return an endless line through the middle of the picture, at an angle."""
    dx, dy = math.cos(angle) * 2 / ASPECT, math.sin(angle) * 2
    points = ((0.5 - dx, 0.5 - dy), (0.5 + dx, 0.5 + dy))
    return LineSettings(line="L", id="L", points=points, min_angle=0)


def way_of(angle: float, places: Sequence[tuple[int, float, float]]) -> Way:
    """Return the path past these stops, staying at each."""
    way = []
    for number, (side, off, along) in enumerate(places):
        x = along * math.cos(angle) - side * off * math.sin(angle)
        y = along * math.sin(angle) + side * off * math.cos(angle)
        at_s = number * (STAY_S + WALK_S)
        way += [(at_s, 0.5 + x / ASPECT, 0.5 + y), (at_s + STAY_S, 0.5 + x / ASPECT, 0.5 + y)]
    return way


def told(line: LineSettings, way: Way, fps: float, shake: Sequence[tuple[float, float]] = ((0.0, 0.0),)) -> list[Event]:
    """Return the crossings of someone who goes this way; boxes tremble by `shake`, in shares of the margin."""
    channel = ChannelSettings(name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=(line,))
    rules = make_rules(channel, UTC)
    actor = Actor(1, way, size=(0.0, HEIGHT))
    events: list[Event] = []
    for number, scene in enumerate(scenes([actor], fps=fps, aspect=ASPECT)):
        shaken = _shaken(scene, *shake[number % len(shake)])
        events += [event for rule in rules for event in rule.update(shaken) if isinstance(event, Event)]
    return [event for event in events if event.type is EventType.TRIPWIRE_CROSSED]


def _shaken(scene: Scene, x: float, y: float) -> Scene:
    dx, dy = x * MARGIN / ASPECT, y * MARGIN

    def moved(one: Sighting) -> Sighting:
        box = one.box
        return Sighting(one.stream_s, Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy))

    tracks = tuple(replace(track, new=tuple(moved(one) for one in track.new)) for track in scene.tracks)
    return replace(scene, tracks=tracks)


def directions(events: Sequence[Event]) -> list[Direction | None]:
    return [event.direction for event in events]


def swapped(events: Sequence[Event]) -> list[Direction]:
    return [Direction.B_TO_A if event.direction is Direction.A_TO_B else Direction.A_TO_B for event in events]


@given(angles, stops, rates)
def test_each_change_of_side_is_told_once_at_any_frame_rate(
    angle: float, places: Sequence[tuple[int, float, float]], fps: float
) -> None:
    sides = [side for side, _, _ in places]
    expected = [
        Direction.A_TO_B if after > 0 else Direction.B_TO_A for before, after in pairwise(sides) if before != after
    ]
    assert directions(told(line_at(angle), way_of(angle, places), fps)) == expected


@given(angles, stops, rates, shakes)
def test_trembling_boxes_change_nothing(
    angle: float, places: Sequence[tuple[int, float, float]], fps: float, shake: Sequence[tuple[float, float]]
) -> None:
    small = [(x / 3, y / 3) for x, y in shake]
    line, way = line_at(angle), way_of(angle, places)
    assert directions(told(line, way, fps, small)) == directions(told(line, way, fps))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10), wanders, rates)
def test_a_line_drawn_the_other_way_swaps_the_directions(
    points: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]], fps: float
) -> None:
    line = LineSettings(line="L", id="L", points=tuple(points))
    other = replace(line, points=line.points[::-1])
    way = [(0.7 * number, x, y) for number, (x, y) in enumerate(places)]
    forward, backward = told(line, way, fps), told(other, way, fps)
    assert directions(forward) == swapped(backward)


@given(angles, wanders, rates)
def test_directions_alternate_on_an_endless_line(
    angle: float, places: Sequence[tuple[float, float]], fps: float
) -> None:
    way = [(0.7 * number, x, y) for number, (x, y) in enumerate(places)]
    events = told(line_at(angle), way, fps)
    assert all(one.direction is not other.direction for one, other in pairwise(events))


@given(stops, rates)
def test_a_mirrored_picture_swaps_the_directions(places: Sequence[tuple[int, float, float]], fps: float) -> None:
    angle = 1.1
    line, way = line_at(angle), way_of(angle, places)
    mirrored_line = replace(line, points=tuple((1 - x, y) for x, y in line.points))
    mirrored = told(mirrored_line, [(t, 1 - x, y) for t, x, y in way], fps)
    assert directions(told(line, way, fps)) == swapped(mirrored)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10), wanders, rates)
def test_times_rise_and_lie_on_the_path(
    points: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]], fps: float
) -> None:
    way = [(0.7 * number, x, y) for number, (x, y) in enumerate(places)]
    events = told(LineSettings(line="L", id="L", points=tuple(points), min_angle=0), way, fps)
    times = [event.stream_s for event in events]
    assert times == sorted(set(times))
    assert all(0.0 <= at_s <= way[-1][0] + 1e-9 for at_s in times)


@given(rates, st.floats(0.0, 1.0), st.floats(0.0, 2 * math.pi), st.integers(2, 6))
def test_a_stay_of_one_frame_more_than_asked_for_counts_at_any_rate_and_phase(
    fps: float, phase_s: float, angle: float, frames: int
) -> None:
    line = replace(line_at(angle), frames=frames)
    beyond, leap_s, begin_s = (-0.1, 0.1), 0.001, 3.0 + phase_s
    end_s = begin_s + leap_s + frames / 5 + 0.001
    times = (0.0, begin_s, begin_s + leap_s, end_s, end_s + leap_s, end_s + 3.0)
    offs = (beyond[0], beyond[0], beyond[1], beyond[1], beyond[0], beyond[0])
    way = [
        (at_s, 0.5 - off * math.sin(angle) / ASPECT, 0.5 + off * math.cos(angle))
        for at_s, off in zip(times, offs, strict=True)
    ]
    assert directions(told(line, way, fps)) == [Direction.A_TO_B, Direction.B_TO_A]
