"""Pedestrian, vehicle, or nobody knows."""

from dataclasses import replace

import pytest

from edge.model.geometry import Box, Point
from edge.model.scene import Detection, Detections, Origin
from edge.settings import CalibrationRuler
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.support.boxes import follow, frame, person

_FAR = CalibrationRuler(foot=(0.5, 0.4), height=0.1)
_NEAR = CalibrationRuler(foot=(0.5, 0.8), height=0.3)


@pytest.mark.parametrize(
    ("y", "height"), [(0.4, 0.1), (0.6, 0.2), (0.8, 0.3), (0.9, 0.35)], ids=["far", "between", "near", "nearer"]
)
def test_between_two_rulers_a_person_grows_evenly(y: float, height: float) -> None:
    assert Classifier((_NEAR, _FAR)).person_height(Point(0.1, y)) == pytest.approx(height)


def test_above_the_horizon_a_person_still_has_a_height() -> None:
    height = Classifier((_NEAR, _FAR)).person_height(Point(0.5, 0.0))
    assert height is not None
    assert height > 0


def test_without_a_ruler_nobody_knows_how_tall_a_person_is() -> None:
    assert Classifier().person_height(Point(0.5, 0.5)) is None


@pytest.mark.parametrize(
    ("box", "origin"),
    [
        (Box(0.48, 0.65, 0.52, 0.8), Origin.UNKNOWN),
        (Box(0.48, 0.5, 0.54, 0.8), Origin.PEDESTRIAN),
        (Box(0.3, 0.5, 0.6, 0.8), Origin.VEHICLE),
        (Box(0.2, 0.79, 0.7, 0.8), Origin.UNKNOWN),
    ],
    ids=["half a person", "a person", "a car", "a flat thing"],
)
def test_with_a_ruler_size_and_shape_decide(box: Box, origin: Origin) -> None:
    assert Classifier((_FAR, _NEAR)).origin(box, 16 / 9, 0.1) is origin


def test_who_walks_steadily_becomes_a_pedestrian_and_stays_one_standing() -> None:
    tracker = Tracker(1, Classifier())
    scenes = follow(tracker, [[person(min(0.2 + 0.02 * number, 0.6))] for number in range(60)])
    assert scenes[10].tracks[0].origin is Origin.PEDESTRIAN
    assert scenes[-1].tracks[0].origin is Origin.PEDESTRIAN


def test_what_only_trembles_stays_unknown() -> None:
    tracker = Tracker(1, Classifier())
    shown = [[person(0.5 + 0.03 * (number % 2), 0.7 + 0.02 * (number % 3))] for number in range(60)]
    assert {track.origin for scene in follow(tracker, shown) for track in scene.tracks} <= {Origin.UNKNOWN}


@pytest.mark.parametrize(
    ("box", "speed", "origin"),
    [
        (Box(0.48, 0.5, 0.54, 0.8), 3.5, Origin.UNKNOWN),
        (Box(0.42, 0.5, 0.62, 0.8), 0.8, Origin.UNKNOWN),
        (Box(0.42, 0.5, 0.62, 0.8), 2.5, Origin.VEHICLE),
        (Box(0.42, 0.38, 0.72, 0.8), 0.8, Origin.VEHICLE),
        (Box(0.3, 0.5, 0.6, 0.8), 0.5, Origin.VEHICLE),
    ],
    ids=["narrow and faster than anyone runs", "people side by side", "a car from ahead", "a van that creeps", "a car"],
)
def test_with_a_ruler_speed_tells_too(box: Box, speed: float, origin: Origin) -> None:
    """`speed` is in persons per second; a person is 0.3 of the frame's height here."""
    assert Classifier((_FAR, _NEAR)).origin(box, 16 / 9, speed * 0.3) is origin


@pytest.mark.parametrize(
    "box",
    [Box(0.3, 0.5, 0.36, 0.52), Box(0.1, 0.78, 0.5, 0.86), Box(0.11, 0.81, 0.235, 0.86)],
    ids=["too small to have a shape", "a row of bottles, not a lorry", "a shorter row"],
)
def test_without_a_ruler_what_no_vehicle_looks_like_is_nothing_known(box: Box) -> None:
    assert Classifier().origin(box, 16 / 9, 0.3) is Origin.UNKNOWN


def test_without_a_ruler_the_longest_lorry_is_a_vehicle() -> None:
    """16.5 by 4 m, from the side."""
    assert Classifier().origin(Box(0.2, 0.6, 0.432, 0.7), 16 / 9, 0.3) is Origin.VEHICLE


def test_a_sighting_after_a_gap_tells_no_class() -> None:
    """A busy processor leaves frames out: what is seen then may be another thing."""
    tracker, box = Tracker(1, Classifier()), Box(0.1, 0.5, 0.25, 0.65)
    moments = [0.0, 0.2, 0.4, *(0.4 + 0.7 * step for step in range(1, 6))]
    origins = set()
    for moment in moments:
        shown = replace(box, left=box.left + 0.1 * moment, right=box.right + 0.1 * moment)
        tracker.expected(moment)
        scene = tracker.update(frame(moment), Detections((Detection(shown),)))
        origins |= {track.origin for track in scene.tracks}
    assert origins == {Origin.UNKNOWN}
