"""Detector and tracker together on made scenes whose truth is known."""

import pytest

from edge.model.scene import Scene
from edge.settings import LineSettings
from tests.support.boxes import ids
from tests.support.stage import BRIGHT, CAR, DARK, Cast, Figure, show, together, walk
from tests.support.truth import count
from tests.support.watching import watch

_LINE = LineSettings(line="middle", points=((0.5, 0.05), (0.5, 0.95)))
_ALONE = walk(DARK, -20, 660, 250, begin_s=2, seconds=9)


@pytest.mark.parametrize("fps", [5.0, 10.0, 15.0])
@pytest.mark.parametrize("figure", [DARK, BRIGHT, CAR], ids=["dark", "bright", "car"])
def test_one_who_goes_by_is_one_object_that_crosses_once(figure: Figure, fps: float) -> None:
    scenes = list(watch(show(walk(figure, -60, 700, 250, begin_s=2, seconds=7), 11, fps)))
    assert len(ids(scenes)) == 1
    assert count(scenes, [_LINE]) == [(0, 1)]


@pytest.mark.parametrize("fps", [5.0, 10.0])
@pytest.mark.parametrize("apart", [6, 25], ids=["nearly behind one another", "one further away"])
def test_two_who_cross_keep_their_ids(apart: int, fps: float) -> None:
    cast = together(
        walk(BRIGHT, 660, -20, 250 - apart, begin_s=2, seconds=9), walk(DARK, -20, 660, 250, begin_s=2, seconds=9)
    )
    scenes = list(watch(show(cast, 13, fps)))
    assert len(ids(scenes)) == 2
    assert count(scenes, [_LINE]) == [(1, 1)]


def _stops(stream_s: float) -> list[tuple[Figure, float, float]]:
    """Walk for 4 s, stand for 20 s, walk on."""
    if stream_s < 2:
        return []
    way_s = min(stream_s - 2, 4.0) + max(0.0, stream_s - 26)
    return [(DARK, -20 + 80 * way_s, 250)]


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_one_who_stops_for_twenty_seconds_stays_the_same(fps: float) -> None:
    scenes = list(watch(show(_stops, 35, fps)))
    assert len(ids(scenes)) == 1
    assert all(scene.tracks for scene in scenes if 4 <= scene.stream_s <= 29)
    assert count(scenes, [_LINE]) == [(0, 1)]


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_one_hidden_behind_a_post_keeps_the_id(fps: float) -> None:
    scenes = list(watch(show(_ALONE, 13, fps, post=320)))
    assert len(ids(scenes)) == 1
    assert count(scenes, [_LINE]) == [(0, 1)]


@pytest.mark.parametrize("step", [0.6, 1.5], ids=["darker", "brighter"])
def test_a_sudden_change_of_light_finds_nobody(step: float) -> None:
    scenes = list(watch(show(lambda _: [], 12, light=lambda stream_s: step if stream_s >= 5 else 1.0)))
    assert not ids(scenes)


def test_a_slow_change_of_light_finds_nobody_but_who_is_there() -> None:
    scenes = list(watch(show(_ALONE, 13, light=lambda stream_s: 1.0 - 0.03 * stream_s)))
    assert len(ids(scenes)) == 1
    assert count(scenes, [_LINE]) == [(0, 1)]


def _leaves(stream_s: float) -> list[tuple[Figure, float, float]]:
    """Stand there from the first frame on, then go."""
    return [(DARK, 200 + 80 * max(0.0, stream_s - 4), 250)]


def test_who_stood_there_at_the_start_leaves_no_ghost_behind() -> None:
    scenes = list(watch(show(_leaves, 25)))
    assert len(ids(scenes)) == 1
    assert not scenes[-1].tracks
    assert count(scenes, [_LINE]) == [(0, 1)]


def test_nothing_is_believed_while_the_background_is_learnt() -> None:
    scenes: list[Scene] = list(watch(show(_moves_at_once, 3)))
    assert not scenes[0].settled
    assert scenes[-1].settled


def _moves_at_once(stream_s: float) -> list[tuple[Figure, float, float]]:
    return [(DARK, 100 + 60 * stream_s, 250)]


def test_the_same_walk_mirrored_is_counted_mirrored() -> None:
    back: Cast = walk(DARK, 660, -20, 250, begin_s=2, seconds=9)
    assert count(watch(show(back, 13)), [_LINE]) == [(1, 0)]
