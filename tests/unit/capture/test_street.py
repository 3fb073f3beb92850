"""The demo street: the script is pure and plausible, and what is drawn is what it says."""

import itertools
from functools import lru_cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.capture.street.actor import Actor
from edge.capture.street.body import Person, Suitcase
from edge.capture.street.picture import StreetPainter, make_painter
from edge.capture.street.plans import BLOCK_S, PAVEMENT_LINE_X, ROAD_LINE_X
from edge.capture.street.programme import CYCLE, MishapKind
from edge.capture.street.script import StreetScript
from edge.capture.street.truth import SETTLE_S, Crossing, crowds, followers
from edge.capture.street.view import HEIGHT, WIDTH, fraction_of
from edge.model.event import Direction
from edge.model.geometry import Box, Point
from edge.model.scene import Origin, Plane

PAVEMENT = (Point(*fraction_of(PAVEMENT_LINE_X, 0, 12.8)), Point(*fraction_of(PAVEMENT_LINE_X, 0, 8.8)))
ROAD = (Point(*fraction_of(ROAD_LINE_X, 0, 20.1)), Point(*fraction_of(ROAD_LINE_X, 0, 13.35)))
BENCH = tuple(Point(*fraction_of(x, 0, z)) for x, z in ((10.2, 9.6), (15.9, 9.6), (16.6, 12.6), (10.2, 12.6)))
WHOLE = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
SEEDS = (1, 2, 3)
MANY_SEEDS = (*range(1, 9), 2**31)


@lru_cache(maxsize=1)
def painter() -> StreetPainter:
    return make_painter(1)


def luma(t: float) -> Plane:
    return painter().picture(round(t * 10), t).y


def crossings(seed: int, until_s: float) -> tuple[Crossing, ...]:
    script = StreetScript(seed)
    return (*script.crossings(PAVEMENT, 0, until_s), *script.crossings(ROAD, 0, until_s))


def test_the_same_seed_gives_the_same_play_in_whatever_order_one_asks() -> None:
    first, second = StreetScript(5), StreetScript(5)
    times = [3.0, 20.5, 61.2, 400.0, 7200.4]
    forward = [first.actors(t) for t in times]
    backward = [second.actors(t) for t in reversed(times)]
    assert forward == backward[::-1]
    assert any(forward)


def test_other_seeds_give_other_plays() -> None:
    assert len({crossings(seed, 120) for seed in range(6)}) == 6


@pytest.mark.parametrize("seed", SEEDS)
def test_it_begins_empty_and_someone_crosses_soon(seed: int) -> None:
    script = StreetScript(seed)
    assert not any(script.actors(0.1 * number) for number in range(round(SETTLE_S * 10)))
    assert min(crossing.stream_s for crossing in crossings(seed, 30)) < 12
    assert script.crossings(PAVEMENT, 0, 12)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_lively_but_calm_for_ever(seed: int) -> None:
    script = StreetScript(seed)
    for since_s in (0.0, 3600.0, 86_400.0):
        for line, origin in ((PAVEMENT, Origin.PEDESTRIAN), (ROAD, Origin.VEHICLE)):
            found = script.crossings(line, since_s, since_s + 300)
            assert 15 < len(found) < 90
            assert {crossing.direction for crossing in found} == set(Direction)
            assert {crossing.origin for crossing in found} == {origin}
    assert max(len(script.actors(float(t))) for t in range(300)) < 20


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_crosses_while_the_light_switches(seed: int) -> None:
    for crossing in crossings(seed, 600):
        boundary = round(crossing.stream_s / BLOCK_S) * BLOCK_S
        assert abs(crossing.stream_s - boundary) > 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_some_wait_at_the_bench(seed: int) -> None:
    waits = [stay.until_s - stay.since_s for stay in StreetScript(seed).stays(BENCH, 0, 900)]
    long = [wait for wait in waits if wait > 12]
    assert len(long) >= 4
    assert max(long) < 60


@pytest.mark.parametrize("seed", MANY_SEEDS)
@pytest.mark.parametrize("begins_s", [0.0, 6000.0])
def test_ten_minutes_hold_all_that_there_is_to_tell(seed: int, begins_s: float) -> None:
    script, ends_s = StreetScript(seed), begins_s + CYCLE * BLOCK_S
    close = followers(script.crossings(PAVEMENT, begins_s, ends_s), 0.9)
    assert len(close) == 6
    stays = script.stays(BENCH, begins_s, ends_s)
    assert sum(stay.until_s - stay.since_s > 12 for stay in stays) >= 10
    assert len(crowds(stays, 4, 10, 3)) >= 2
    (thing,) = script.left(begins_s, ends_s)
    assert thing.until_s - thing.since_s > 45
    assert [each.kind for each in script.mishaps(begins_s, ends_s)] == [MishapKind.COVERED, MishapKind.HUNG]


@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_the_first_two_minutes_show_a_good_deal(seed: int) -> None:
    script = StreetScript(seed)
    stays = script.stays(BENCH, 0, 120)
    assert min(stay.since_s for stay in stays) < 30
    assert min(stay.since_s + 10 for stay in stays if stay.until_s - stay.since_s > 12) < 60
    assert followers(script.crossings(PAVEMENT, 0, 120), 0.9)
    assert script.walks(BENCH, 0, 30)


@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_nobody_is_in_the_street_while_the_camera_fails(seed: int) -> None:
    script = StreetScript(seed)
    for mishap in script.mishaps(0, 3600):
        for step in range(round((mishap.until_s - mishap.since_s + 6) * 2)):
            assert not script.actors(mishap.since_s - 1 + step / 2)


@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_an_occasion_is_never_left_out_and_no_two_meet_on_the_line(seed: int) -> None:
    script = StreetScript(seed)
    crossings = script.crossings(PAVEMENT, 0, 600)
    assert sum(70 <= crossing.object_id % 100 < 80 for crossing in crossings) == 1 + 15 + 3 + 1 + 1 + 3 + 1
    gaps = [after.stream_s - before.stream_s for before, after in itertools.pairwise(crossings)]
    close = len(followers(crossings, 0.9))
    assert sum(gap < 1.5 for gap in gaps) == close


def test_a_suitcase_is_no_object_but_is_in_the_picture() -> None:
    script = StreetScript(1)
    (thing,) = script.left(0, 600)
    middle_s = (thing.since_s + thing.until_s) / 2
    (lies,) = [actor for actor in script.actors(middle_s) if isinstance(actor.look, Suitcase)]
    assert lies.box == thing.box
    assert lies.gait == 0
    assert script.left(thing.until_s + 1, 600) == ()
    assert not any(stay.object_id == thing.object_id for stay in script.stays(WHOLE, 0, 600))


def test_spans_can_be_asked_for_in_parts() -> None:
    script = StreetScript(2)
    whole = script.crossings(ROAD, 0, 240)
    parts = [c for since_s in range(0, 240, 60) for c in script.crossings(ROAD, since_s, since_s + 60)]
    assert [(c.object_id, c.direction) for c in parts] == [(c.object_id, c.direction) for c in whole]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1e6))
def test_everyone_is_of_a_plausible_size_in_the_picture(seed: int, t: float) -> None:
    for actor in StreetScript(seed).actors(t):
        box = actor.box
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
        assert box.height < (0.25 if isinstance(actor.look, Person) else 0.35)
        assert box.width < (0.12 if isinstance(actor.look, Person) else 0.40)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_walk_and_cars_drive_steadily(seed: int) -> None:
    script = StreetScript(seed)
    before: dict[int, Actor] = {}
    for number in range(1200):
        actors = {actor.object_id: actor for actor in script.actors(20 + number * 0.1)}
        for object_id in actors.keys() & before.keys():
            here, there = before[object_id], actors[object_id]
            speed = 10 * ((here.x - there.x) ** 2 + (here.z - there.z) ** 2) ** 0.5
            assert speed < (2.0 if isinstance(here.look, Person) else 9.0)
        before = actors


def test_pictures_are_the_same_for_the_same_seed() -> None:
    again = make_painter(1)
    for t in (0.0, 9.3, 33.0):
        first, second = painter().picture(round(t * 10), t), again.picture(round(t * 10), t)
        assert all(np.array_equal(getattr(first, plane), getattr(second, plane)) for plane in "yuv")
    assert (first.width, first.height) == (WIDTH, HEIGHT)


def test_what_stands_still_stays_but_for_noise() -> None:
    change = np.abs(luma(1.0).astype(int) - luma(1.1).astype(int))
    steady = np.ones_like(change, bool)
    steady[: round(HEIGHT * 0.45)] = False
    assert change[steady].mean() < 3
    assert change[steady].max() < 20


def test_boxes_hold_what_is_drawn() -> None:
    shown = 0
    for t in (7.0, 16.3, 44.0, 58.5, 63.0, 150.0, 200.5, 230.0):
        script = StreetScript(1)
        light = script.light(t)
        filled, empty = painter().draw(t, light), painter().empty(t, light)
        change = np.abs(filled.astype(int) - empty.astype(int)).max(axis=2) > 24
        allowed = np.zeros_like(change)
        for actor in script.actors(t):
            allowed |= shadow_or_body(actor, change.shape)
            if actor.z < 20 and actor.box.left > 0.02 and actor.box.right < 0.98:
                own = change[rows_columns(actor.box, change.shape)]
                assert own.mean() > 0.25
                assert own.any(axis=1).mean() > 0.8, actor
                shown += 1
        stray = change & ~allowed
        assert stray.mean() < 0.0005
    assert shown > 8


def test_the_hand_hides_the_whole_street_and_lets_go_of_it() -> None:
    cover = next(each for each in StreetScript(1).mishaps(0, 600) if each.kind is MishapKind.COVERED)
    before, after = luma(cover.since_s - 0.1), luma(cover.until_s + 0.1)
    for t in (cover.since_s + 1, cover.until_s - 1):
        hidden = luma(t).astype(int)
        assert np.abs(np.diff(hidden, axis=1)).mean() < 0.5 * np.abs(np.diff(before.astype(int), axis=1)).mean()
        strength = cv2.Laplacian(cv2.GaussianBlur(luma(t), (0, 0), 3), cv2.CV_32F)
        assert np.abs(strength).max() < 8
    assert np.abs(before.astype(int) - after.astype(int)).mean() < 12


def test_a_mishap_is_drawn_only_in_its_time() -> None:
    cover = next(each for each in StreetScript(1).mishaps(0, 600) if each.kind is MishapKind.COVERED)
    at_first = luma(cover.since_s + 0.01)
    assert np.abs(at_first.astype(int) - luma(cover.since_s - 0.01).astype(int)).mean() < 4


def rows_columns(box: Box, shape: tuple[int, ...], grow: int = 0) -> tuple[slice, slice]:
    top, bottom = max(0, round(box.top * shape[0]) - grow), round(box.bottom * shape[0]) + grow
    left, right = max(0, round(box.left * shape[1]) - grow), round(box.right * shape[1]) + grow
    return slice(top, bottom), slice(left, right)


def shadow_or_body(actor: Actor, shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return where someone and his shadow may change the picture: the shadow falls to the right and away."""
    mask = np.zeros(shape, bool)
    mask[rows_columns(actor.box, shape, grow=2)] = True
    reach = actor.box.width * 0.5 if not isinstance(actor.look, Person) else actor.box.height * 0.6
    mask[
        rows_columns(Box(actor.box.left, actor.box.top, actor.box.right + reach, actor.box.bottom), shape, grow=10)
    ] = True
    return mask


def test_a_plain_background_subtractor_finds_those_who_walk() -> None:
    subtractor = cv2.createBackgroundSubtractorMOG2(history=200, varThreshold=25, detectShadows=False)
    script, found, wanted = StreetScript(1), 0, 0
    for number in range(200):
        t = number * 0.1
        mask = subtractor.apply(cv2.resize(luma(t), (640, 360))) == 255
        near = [actor for actor in script.actors(t) if actor.z < 20 and actor.gait > 0.5 and actor.box.right < 0.9]
        wanted += len(near)
        found += sum(bool(mask[rows_columns(actor.box, mask.shape)].mean() > 0.15) for actor in near)
    assert wanted > 100
    assert found > 0.8 * wanted, (found, wanted)


def test_light_changes_slowly_but_for_the_switch_of_exposure() -> None:
    script = StreetScript(1)
    gains = [script.light(number * 0.1).gain for number in range(6000)]
    steps = [abs(after / before - 1) for before, after in itertools.pairwise(gains)]
    switches = [step for step in steps if step > 0.03]
    assert 3 <= len(switches) <= 6
    assert max(step for step in steps if step <= 0.03) < 0.004
    assert max(script.light(float(t)).sun for t in range(600)) > 0.9
    assert min(script.light(float(t)).sun for t in range(600)) < 0.3
