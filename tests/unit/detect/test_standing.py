"""Real people who stand nearly still: passed by others, in changing light, and for long."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from edge.model.scene import Frame, Scene
from tests.support.boxes import ids
from tests.support.cut_outs import Planes, empty_background
from tests.support.standing import Visit, show, standing, true_scenes
from tests.support.stays import Polygon, score, told
from tests.support.watching import watch

_ZONE: Polygon = ((0.2, 0.4), (0.75, 0.4), (0.75, 0.9), (0.2, 0.9))
_SIZE = (384, 288)


@pytest.fixture(scope="module")
def ground() -> Planes:
    return empty_background("vtest.avi", _SIZE)


def _owners(scenes: Iterable[Scene], x: float, foot: float, since_s: float, until_s: float) -> set[int]:
    """Return the ids of who stands at a place between two moments."""
    return {
        track.object_id
        for scene in scenes
        if since_s <= scene.stream_s <= until_s
        for track in scene.tracks
        if abs(track.box.center.x - x) < 0.02 and abs(track.box.bottom - foot) < 0.03
    }


def test_three_who_stay_for_a_while_join_and_leave_once_each(ground: Planes) -> None:
    visits = [
        Visit("e", 0.55, 0.55, 1.0, 17),
        Visit("a", 0.35, 0.75, 5.0, 12),
        Visit("b", 0.5, 0.77, 9.0, 13, to_the_right=False),
    ]
    seconds = max(standing(each, _SIZE).gone_s for each in visits) + 3
    seen = told(watch(show(visits, seconds, 5, ground)), [_ZONE])[0]
    true = told(true_scenes(visits, seconds, 5, _SIZE), [_ZONE])[0]
    result = score(seen.stays, true.stays)
    assert (result.right, result.told, result.dwell_right) == (6, 6, 3)
    assert len(seen.loiter) == len(true.loiter)


@pytest.mark.parametrize("foot", [0.68, 0.74], ids=["behind", "in front"])
def test_who_walks_by_does_not_take_the_name_of_who_stands(foot: float, ground: Planes) -> None:
    visits = [Visit("b", 0.5, 0.71, 1.0, 30), Visit("a", 0.9, foot, 9.0, 0.1)]
    scenes = list(watch(show(visits, 30, 5, ground)))
    before, after = (_owners(scenes, 0.5, 0.71, *span) for span in ((8.5, 9.5), (27.0, 30.0)))
    assert len(before) == 1
    assert before == after


@pytest.mark.parametrize("gain", [0.5, 0.7, 1.8])
def test_who_stands_stays_the_same_when_the_light_changes(gain: float, ground: Planes) -> None:
    visits = [Visit("b", 0.5, 0.7, 1.0, 30)]
    scenes = list(watch(_lit(show(visits, 30, 5, ground), 14.0, gain)))
    assert _owners(scenes, 0.5, 0.7, 12.0, 29.0) == ids(scenes)
    assert all(scene.tracks for scene in scenes if 12.0 <= scene.stream_s <= 29.0)


def _lit(shown: Iterable[Frame], since_s: float, gain: float) -> Iterator[Frame]:
    for frame in shown:
        y = np.clip(16 + (frame.picture.y - 16.0) * gain, 0, 255).astype(np.uint8)
        yield frame if frame.stream_s < since_s else replace(frame, picture=replace(frame.picture, y=y))


def test_who_stands_for_minutes_stays_and_leaves_no_ghost(ground: Planes) -> None:
    visit = Visit("b", 0.5, 0.7, 1.0, 170, sway=0.0)
    when = standing(visit, _SIZE)
    scenes = list(watch(show([visit], when.gone_s + 5, 5, ground)))
    assert len(ids(scenes)) == 1
    assert not scenes[-1].tracks
    still = [scene for scene in scenes if when.begin_s + 2 <= scene.stream_s <= when.end_s]
    assert all(scene.tracks and scene.tracks[0].moved_s <= when.begin_s + 1 for scene in still)
