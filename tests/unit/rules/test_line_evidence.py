"""Why a line counted someone, and why not; each near miss is told once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Event, EventType, Evidence, Suppressed, Told, Why
from edge.model.scene import Origin
from edge.rules.filters import Cooldown
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from edge.settings.rules import ScheduleSettings
from tests.support.scenarios import Actor, scenes

LINE = LineSettings(line="L", id="L", points=((0.5, 0.2), (0.5, 0.8)))
RATES = [5.0, 8.0, 10.0, 15.0]
Span = tuple[float, float]


def told(
    line: LineSettings,
    actors: Sequence[Actor],
    fps: float = 10.0,
    unsettled: Sequence[Span] = (),
    *,
    objects: bool = False,
) -> list[Told]:
    rules = (line,)
    channel = ChannelSettings(
        name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=rules, objects=objects
    )
    made = make_rules(channel, UTC)
    return [
        each for scene in scenes(actors, fps=fps, unsettled=unsettled) for rule in made for each in rule.update(scene)
    ]


def reasons(
    line: LineSettings, actors: Sequence[Actor], fps: float = 10.0, unsettled: Sequence[Span] = ()
) -> list[Why | None]:
    """Return what is told in order: a reason for each that was suppressed, None for each crossing."""
    return [each.why if isinstance(each, Suppressed) else None for each in told(line, actors, fps, unsettled)]


def evidence(each: Told) -> Evidence:
    assert each.evidence is not None
    return each.evidence


def walk(*way: tuple[float, float, float], object_id: int = 1) -> Actor:
    return Actor(object_id, way)


OVER = walk((0, 0.8, 0.5), (4, 0.2, 0.5))
BACK_AT_ONCE = walk((0, 0.8, 0.5), (3, 0.495, 0.5), (6, 0.8, 0.5))
BACK_SOON = walk((0, 0.8, 0.5), (2, 0.5, 0.5), (2.1, 0.47, 0.5), (2.2, 0.5, 0.5), (4, 0.8, 0.5))
SWAYS = walk(
    (0, 0.8, 0.5), (3, 0.51, 0.5), *((3 + n * 0.4, 0.5 + (-1) ** n * 0.01, 0.5) for n in range(12)), (10, 0.8, 0.5)
)
ROUND = walk((0, 0.7, 0.7), (2, 0.495, 0.7), (3, 0.495, 0.85), (5, 0.7, 0.85))
PAST_NEAR = walk((0, 0.7, 0.85), (3, 0.3, 0.85))
PAST_AND_BACK = walk((0, 0.7, 0.85), (2, 0.49, 0.85), (2.4, 0.53, 0.85), (2.8, 0.49, 0.85), (4, 0.7, 0.85))
PAST_FAR = walk((0, 0.7, 0.99), (3, 0.3, 0.99))
LOST_ON_LINE = walk((0, 0.8, 0.5), (3, 0.495, 0.5))
ALONG = walk((0, 0.53, 0.25), (3, 0.47, 0.75), (4, 0.44, 0.9))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize(
    ("line", "actor", "expected"),
    [
        pytest.param(LINE, OVER, [None], id="crosses"),
        pytest.param(LINE, BACK_AT_ONCE, [Why.TOO_SHORT], id="comes back within the margin"),
        pytest.param(LINE, SWAYS, [Why.SWAYING], id="sways"),
        pytest.param(LINE, PAST_NEAR, [Why.ROUND_THE_END], id="goes past the end"),
        pytest.param(LINE, PAST_AND_BACK, [], id="goes past the end and back"),
        pytest.param(LINE, PAST_FAR, [], id="goes by far from the end"),
        pytest.param(LINE, LOST_ON_LINE, [Why.TOO_SHORT], id="is lost on the line"),
        pytest.param(replace(LINE, min_angle=30), ALONG, [Why.SMALL_ANGLE], id="goes along the line"),
        pytest.param(replace(LINE, direction="b_to_a"), OVER, [Why.WRONG_WAY], id="goes the wrong way"),
        pytest.param(replace(LINE, direction="b_to_a"), BACK_AT_ONCE, [], id="turned before it was the wrong way"),
        pytest.param(replace(LINE, objects=("Vehicle",)), OVER, [Why.OTHER_CLASS], id="is of another class"),
        pytest.param(replace(LINE, objects=("Vehicle",)), BACK_AT_ONCE, [], id="turned, and is of another class"),
        pytest.param(replace(LINE, min_size=0.3), OVER, [Why.OTHER_SIZE], id="is too small"),
        pytest.param(
            replace(LINE, schedule=(ScheduleSettings(from_="06:00", to="07:00"),)),
            OVER,
            [Why.OUTSIDE_SCHEDULE],
            id="comes outside the schedule",
        ),
        pytest.param(
            replace(LINE, schedule=(ScheduleSettings(from_="22:00", to="23:00"),)),
            OVER,
            [None],
            id="comes within the schedule",
        ),
    ],
)
def test_each_near_miss_is_told_once_with_its_reason(
    line: LineSettings, actor: Actor, expected: Sequence[Why | None], fps: float
) -> None:
    assert reasons(line, [actor], fps) == expected


def test_who_comes_back_round_the_end_went_round_it() -> None:
    assert reasons(LINE, [ROUND]) == [Why.ROUND_THE_END]


def test_a_step_over_and_back_is_too_short_and_says_how_far_and_long_it_was() -> None:
    (missed,) = told(replace(LINE, frames=3), [BACK_SOON])
    assert isinstance(missed, Suppressed)
    assert missed.why is Why.TOO_SHORT
    beyond, frames = evidence(missed).measures
    assert (beyond.name, frames.name, frames.limit) == ("beyond_share", "frames", 3.0)
    assert beyond.limit is not None
    assert beyond.value > beyond.limit, "it was far enough away"
    assert frames.value < 3.0, "but not for long enough"


def test_a_crossing_shows_its_way_its_place_and_what_it_was_held_against() -> None:
    (event,) = told(LINE, [OVER])
    seen = evidence(event)
    assert seen.place is not None
    assert seen.place.x == pytest.approx(0.5, abs=1e-4)
    assert seen.place.y == pytest.approx(0.5, abs=1e-4)
    assert seen.box is not None
    assert seen.box.left < 0.5 < seen.box.right
    assert [each.stream_s for each in seen.path] == sorted(each.stream_s for each in seen.path)
    assert seen.path[0].x > 0.5 > seen.path[-1].x
    limits = {each.name: (each.value, each.limit) for each in seen.measures}
    assert limits.keys() == {"beyond_share", "frames", "angle_deg"}
    assert all(limit is not None and value >= limit for value, limit in limits.values())


def test_a_crossing_of_the_wrong_size_says_the_size() -> None:
    (missed,) = told(replace(LINE, min_size=0.3), [OVER])
    (height,) = evidence(missed).measures
    assert (height.name, round(height.value, 6), height.limit) == ("height_share", 0.15, 0.3)


def test_who_goes_over_in_a_light_change_and_is_lost_in_it() -> None:
    assert reasons(LINE, [walk((0, 0.8, 0.5), (3, 0.35, 0.5))], unsettled=[(1.9, 6.0)]) == [Why.LIGHT_CHANGE]


def test_who_goes_over_and_back_in_a_light_change() -> None:
    there_and_back = walk((0, 0.8, 0.5), (3, 0.35, 0.5), (6, 0.8, 0.5))
    assert reasons(LINE, [there_and_back], unsettled=[(1.5, 4.5)]) == [Why.LIGHT_CHANGE]
    assert reasons(LINE, [there_and_back], unsettled=[(1.5, 3.0)]) == [None, None]


def test_an_open_passage_that_a_light_change_ends() -> None:
    lost = walk((0, 0.8, 0.5), (3, 0.495, 0.5))
    assert reasons(LINE, [lost], unsettled=[(3.05, 9.0)]) == [Why.LIGHT_CHANGE]
    assert reasons(LINE, [lost], unsettled=[(3.05, 4.0)]) == [Why.LIGHT_CHANGE]


def test_who_was_counted_before_starts_no_quiet_time() -> None:
    line = replace(LINE, count_once=True, cooldown_s=3.0)
    first = walk((0, 0.8, 0.5), (2, 0.2, 0.5), (4, 0.8, 0.5), (8, 0.2, 0.5))  # at 1, 3 (quiet) and 6
    second = walk((0, 0.9, 0.6), (6.5, 0.9, 0.6), (8.5, 0.1, 0.6), object_id=2)  # at 7.5
    found = [(each.object_id, getattr(each, "why", None)) for each in told(line, [first, second])]
    assert found == [(1, None), (1, Why.COOLDOWN), (1, Why.COUNTED_BEFORE), (2, None)]


def test_who_came_in_the_quiet_time_has_not_been_counted() -> None:
    line = replace(LINE, count_once=True, cooldown_s=3.0)
    first = walk((0, 0.8, 0.5), (2, 0.2, 0.5))  # at 1
    second = walk((1, 0.8, 0.6), (3, 0.2, 0.6), (5, 0.8, 0.6), (7, 0.2, 0.6), object_id=2)  # at 2, 4, 6
    found = [(each.object_id, getattr(each, "why", None)) for each in told(line, [first, second])]
    assert found == [(1, None), (2, Why.COOLDOWN), (2, None), (2, Why.COOLDOWN)]


def test_a_late_crossing_does_not_shorten_the_quiet_time() -> None:
    quiet = Cooldown(5.0)
    assert [quiet.allows(at_s) for at_s in (10.0, 3.0, 12.0, 15.0)] == [True, True, False, True]


def test_who_appears_shows_the_sightings_until_then() -> None:
    appear, disappear = (each for each in told(LINE, [walk((0, 0.8, 0.5), (1, 0.7, 0.5))], objects=True))
    assert (appear.type, disappear.type) == (EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR)
    assert {each.name for each in evidence(appear).measures} == {"sightings", "age_s"}
    assert evidence(appear).path[0].x == pytest.approx(0.8)
    assert evidence(disappear).path[-1].x == pytest.approx(0.7)


def test_who_comes_and_goes_in_a_light_change_is_suppressed() -> None:
    ghost = walk((2.6, 0.1, 0.8), (3.2, 0.1, 0.7))
    found = told(LINE, [ghost], unsettled=[(2.0, 7.0)], objects=True)
    assert [(each.type, getattr(each, "why", None)) for each in found] == [(EventType.OBJECT_APPEAR, Why.LIGHT_CHANGE)]


ways = st.lists(
    st.lists(st.tuples(st.floats(0.2, 0.8), st.floats(0.1, 0.9)), min_size=2, max_size=8), min_size=2, max_size=4
)


@given(ways, st.sampled_from([((0.5, 0.2), (0.5, 0.8)), ((0.3, 0.3), (0.6, 0.5), (0.4, 0.8))]), st.sampled_from(RATES))
def test_all_at_once_are_judged_as_each_alone(
    places: Sequence[Sequence[tuple[float, float]]], points: tuple[tuple[float, float], ...], fps: float
) -> None:
    line = replace(LINE, points=points)
    actors = [
        walk(*((0.6 * step, x, y) for step, (x, y) in enumerate(way)), object_id=number)
        for number, way in enumerate(places)
    ]
    alone = [each for actor in actors for each in told(line, [actor], fps)]
    together = told(line, actors, fps)
    assert sorted(together, key=_order) == sorted(alone, key=_order)


def _order(each: Told) -> tuple[int, float, bool]:
    return each.object_id, each.stream_s, isinstance(each, Event)


@given(st.lists(st.tuples(st.floats(0.2, 0.8), st.floats(0.1, 0.9)), min_size=2, max_size=12), st.sampled_from(RATES))
def test_nothing_is_told_twice(places: Sequence[tuple[float, float]], fps: float) -> None:
    way = walk(*((0.6 * step, x, y) for step, (x, y) in enumerate(places)))
    found = [(each.object_id, each.stream_s) for each in told(LINE, [way], fps)]
    assert len(found) == len(set(found))


def test_a_vehicle_is_not_asked_about_by_a_line_for_people() -> None:
    car = replace(SWAYS, origin=Origin.VEHICLE)
    assert reasons(replace(LINE, objects=("Pedestrian",)), [car]) == []
