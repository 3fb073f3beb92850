"""Counts on real video, without a neural net, against the truth."""

import pytest

from edge.model.scene import Origin
from edge.settings import LineSettings
from tests.support.shared_data import shared
from tests.support.truth import LINE_A, LINE_C, LINES, count, error, true_scenes
from tests.support.watching import frames, watch

_ROAD_LINE = LineSettings(line="road", points=((0.55, 0.02), (0.55, 0.98)))


@pytest.mark.parametrize(("fps", "most"), [(5.0, 0.05), (10.0, 0.08)])
def test_vtest_is_counted_right(fps: float, most: float) -> None:
    clip, truth = shared("data/video/vtest.avi"), shared("data/video/vtest.gt.txt")
    lines = [LINE_A, LINE_C, *LINES]
    counted = count(watch(frames(clip, fps)), lines)
    (a_to_b, b_to_a), (c_to_d, d_to_c) = counted[:2]
    assert abs(a_to_b - 9) + abs(b_to_a - 6) + abs(c_to_d - 1) + abs(d_to_c - 3) <= 1
    assert error(counted[2:], count(true_scenes(truth), LINES)) <= most


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_road_is_counted_right(fps: float) -> None:
    assert count(watch(frames(shared("data/video/road.avi"), fps)), [_ROAD_LINE]) == [(0, 5)]


@pytest.mark.parametrize("fps", [5.0, 10.0])
def test_bottles_are_neither_people_nor_vehicles(fps: float) -> None:
    clip = shared("data/video/bottle-detection.mp4")
    origins = {track.origin for scene in watch(frames(clip, fps)) for track in scene.tracks}
    assert origins <= {Origin.UNKNOWN}
