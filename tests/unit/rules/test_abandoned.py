"""AbandonedObject as a rule: what is told of a thing, by who is near it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Event, EventType, Suppressed, Told, Why
from edge.model.geometry import Box
from edge.model.scene import Observation, Origin, Scene, Sighting, Thing, Track
from edge.rules.bodies import Bodies
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings

START_US = 1_700_000_000_000_000
FPS = 5
BAG = Box(0.48, 0.45, 0.52, 0.5)
Walk = Sequence[tuple[float, float]]
"""A person's place (x of the foot, y is 0.5) at whole seconds."""


def run(
    walks: Sequence[Walk],
    *,
    seconds: float = 30.0,
    since_s: float = 3.0,
    until_s: float = 1e9,
    box: Box = BAG,
    looks: tuple[float, float] = (0.0, 0.0),
    standing: tuple[Track, float] | None = None,
) -> list[Told]:
    """Return what is told of a bag that lies from `since_s` on, with people who walk in straight lines in between.

    `looks` is how much of its box it fills, and how much of it has changed; `standing` is who stands there until when.
    """
    asked = AbandonedSettings(seconds=8.0, owner_s=3.0)
    zone = ZoneSettings(zone="z", id="z", polygon=((0.2, 0.2), (0.9, 0.2), (0.9, 0.9), (0.2, 0.9)), abandoned=asked)
    channel = ChannelSettings(
        name="c", id="c", source=SourceSettings(demo=DemoSettings()), rules=(zone,), objects=False
    )
    rules = make_rules(channel, UTC)
    stood: dict[int, tuple[float, float]] = {}
    told: list[Told] = []
    for number in range(round(seconds * FPS)):
        now_s = number / FPS
        tracks = tuple(_track(key, walk, now_s, stood) for key, walk in enumerate(walks, 1))
        if standing is not None and now_s < standing[1]:
            tracks += (replace(standing[0], object_id=50, last_s=now_s),)
        seen = since_s + 3.0 <= now_s <= until_s
        things = (Thing(99, box, since_s, now_s, *looks),) if seen else ()
        scene = Scene("c", START_US + round(now_s * 1e6), now_s, 4 / 3, tracks, observed=Observation(things=things))
        told += [each for rule in rules for each in rule.update(scene)]
    return [each for each in told if each.type is EventType.ABANDONED]


def _track(key: int, walk: Walk, now_s: float, stood: dict[int, tuple[float, float]]) -> Track:
    times, places = [row[0] for row in walk], [row[1] for row in walk]
    before = max((index for index, at_s in enumerate(times) if at_s <= now_s), default=0)
    after = min(before + 1, len(times) - 1)
    share = (now_s - times[before]) / (times[after] - times[before]) if after > before else 0.0
    x = places[before] + share * (places[after] - places[before])
    place, moved_s = stood.get(key, (x, now_s))
    if abs(place - x) > 0.15 * 0.2:
        place, moved_s = x, now_s
    stood[key] = (place, moved_s)
    box = Box(x - 0.03, 0.3, x + 0.03, 0.5)
    return Track(key, box, Origin.PEDESTRIAN, 1.0, 0.0, now_s, (Sighting(now_s, box),), moved_s=moved_s)


def events(told: Sequence[Told]) -> list[float]:
    """Return when the events became true."""
    return [each.stream_s for each in told if isinstance(each, Event)]


def reasons(told: Sequence[Told]) -> list[Why]:
    """Return why there was none."""
    return [each.why for each in told if isinstance(each, Suppressed)]


def test_a_thing_alone_is_told_once_when_its_time_is_up() -> None:
    told = run([])
    assert events(told) == [11.0]
    assert reasons(told) == []


def test_an_owner_who_stays_keeps_it_and_one_who_goes_is_waited_for() -> None:
    stays = run([[(0.0, 0.45), (60.0, 0.45)]])
    assert events(stays) == []
    assert reasons(stays) == [Why.OWNER_NEAR]
    goes = events(run([[(0.0, 0.47), (15.0, 0.47), (16.0, 0.1), (60.0, 0.1)]]))
    assert len(goes) == 1
    assert 18.0 <= goes[0] <= 19.2


def test_an_owner_who_walks_up_and_down_beside_it_stays() -> None:
    told = run([[(at_s, 0.4 if at_s % 2 else 0.56) for at_s in range(61)]])
    assert events(told) == []


def test_passers_by_are_no_owners() -> None:
    walkers = [[(0.0, 0.0), (start, 0.0), (start + 4, 1.0), (60.0, 1.0)] for start in (5.0, 7.0, 9.0, 11.0)]
    assert events(run(walkers)) == [11.0]


def test_what_is_taken_away_in_time_is_not_told() -> None:
    assert run([], until_s=10.0) == []


def test_sizes_and_the_shape_of_a_person() -> None:
    assert reasons(run([], box=Box(0.3, 0.3, 0.7, 0.7))) == [Why.OTHER_SIZE]
    assert reasons(run([], box=Box(0.48, 0.3, 0.53, 0.5))) == [Why.PERSON]


@pytest.mark.parametrize(
    ("width", "looks", "is_thing"),
    [
        (0.1, (0.8, 0.0), True),
        (0.1, (0.6, 0.0), False),
        (0.1, (0.8, 0.2), False),
        (0.06, (0.9, 0.0), False),
    ],
    ids=["a block", "the outline of a person", "a block that moves", "as narrow as a person"],
)
def test_what_is_as_tall_as_a_person_is_told_if_it_is_plainly_a_thing(
    width: float, looks: tuple[float, float], *, is_thing: bool
) -> None:
    passing = [[(0.0, 0.0), (start, 0.0), (start + 4, 1.0), (60.0, 1.0)] for start in (0.1, 1.0, 2.0, 3.0)]
    told = run(passing, box=Box(0.5, 0.35, 0.5 + width * 0.75, 0.5), looks=looks)
    assert len(events(told)) == (1 if is_thing else 0)
    assert (Why.PERSON in reasons(told)) is not is_thing


@pytest.mark.parametrize(
    ("standing", "since_s", "is_part"),
    [
        (Box(0.46, 0.2, 0.54, 0.52), 4.0, True),
        (Box(0.46, 0.2, 0.54, 0.52), 11.5, False),
        (Box(0.475, 0.445, 0.525, 0.505), 4.0, False),
        (Box(0.5, 0.2, 0.6, 0.52), 4.0, False),
    ],
    ids=["stands over all of it", "has only just come", "is hardly larger", "covers half of it"],
)
def test_a_part_of_something_larger_that_stands_there_is_no_thing_until_that_goes(
    standing: Box, since_s: float, *, is_part: bool
) -> None:
    bodies, thing = Bodies(()), Thing(99, BAG, 3.0, 13.0)
    track = Track(1, standing, Origin.UNKNOWN, 1.0, 0.0, 13.0, (), moved_s=since_s)
    scene = Scene("c", START_US, 13.0, 4 / 3, (track,), observed=Observation(things=(thing,)))
    assert bodies.part_of(thing, scene) is is_part
    assert not bodies.part_of(thing, replace(scene, tracks=()))


def test_what_stands_over_a_thing_for_a_while_only_delays_it() -> None:
    over = Track(1, Box(0.46, 0.1, 0.54, 0.52), Origin.UNKNOWN, 1.0, 0.0, 0.0, (), moved_s=4.0)
    told = run([], standing=(over, 20.0))
    assert reasons(told) == [Why.PERSON]
    assert events(told) == [pytest.approx(20.0, abs=0.3)]


def test_outside_the_zone_nothing_is_told() -> None:
    assert run([], box=Box(0.05, 0.45, 0.09, 0.5)) == []


_WALKS = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0.0, 1.0)), min_size=1, max_size=6, unique_by=lambda row: row[0]),
    max_size=3,
)


@given(walks=_WALKS, owned=st.booleans())
def test_at_most_one_event_and_none_while_an_owner_stays(walks: list[list[tuple[int, float]]], *, owned: bool) -> None:
    people: list[Walk] = [[(float(at_s), x) for at_s, x in sorted(walk)] for walk in walks]
    if owned:
        people.append([(0.0, 0.46), (60.0, 0.46)])
    told = run(people, seconds=24.0)
    assert len(events(told)) <= (0 if owned else 1)
    assert len(set(reasons(told))) == len(reasons(told))
