"""Objects that a neural detector has named, and frames at which it did not look."""

import numpy as np
import pytest

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Frame, Origin, Picture, Scene
from edge.track.classify import Classifier
from edge.track.tracker import LOST_S, Tracker

NOT_LOOKED = Detections((), looked=False)
PLANES = (np.zeros((90, 160), np.uint8), np.zeros((45, 80), np.uint8), np.zeros((45, 80), np.uint8))


def frame(number: int) -> Frame:
    return Frame("c", number, number * 100_000, number / 10, Picture(*PLANES))


def walker(number: int, label: str = "person", confidence: float = 0.4, *, down: float = 0.0) -> Detection:
    left = 0.1 + 0.01 * number
    return Detection(Box(left, 0.4 + down, left + 0.05, 0.8 + down), confidence, label)


def walked(tracker: Tracker, count: int, *found: Detection, start: int = 0) -> Scene:
    scene = None
    for number in range(start, start + count):
        items = found or (walker(number),)
        scene = tracker.update(frame(number), Detections(items))
    assert scene is not None
    return scene


def test_what_the_network_believes_little_is_an_object_nevertheless() -> None:
    scene = walked(Tracker(1, Classifier()), 12)
    assert [(each.label, each.origin, each.confidence) for each in scene.tracks] == [("person", Origin.PEDESTRIAN, 0.4)]


@pytest.mark.parametrize(
    ("label", "origin"),
    [("truck", Origin.VEHICLE), ("Bicycle", Origin.VEHICLE), ("Person", Origin.PEDESTRIAN), ("dog", Origin.UNKNOWN)],
)
def test_what_it_is_called_says_what_it_is(label: str, origin: Origin) -> None:
    tracker = Tracker(1, Classifier())
    for number in range(12):
        scene = tracker.update(frame(number), Detections((walker(number, label),)))
    assert [each.origin for each in scene.tracks] == [origin]


def test_one_wrong_name_changes_nothing() -> None:
    tracker = Tracker(1, Classifier())
    for number in range(15):
        label = "car" if number == 13 else "person"
        scene = tracker.update(frame(number), Detections((walker(number, label),)))
    assert [(each.label, each.origin) for each in scene.tracks] == [("person", Origin.PEDESTRIAN)]


def test_frames_at_which_the_network_did_not_look_lose_nobody() -> None:
    tracker = Tracker(1, Classifier())
    before = walked(tracker, 12).tracks[0]
    blind = round(10 * LOST_S) + 20
    for number in range(12, 12 + blind):
        scene = tracker.update(frame(number), NOT_LOOKED)
        assert scene.settled
        assert [each.object_id for each in scene.tracks] == [before.object_id]
        assert scene.tracks[0].new == ()
        assert scene.ended == ()


def test_nobody_is_kept_for_ever_without_an_answer() -> None:
    tracker = Tracker(1, Classifier())
    walked(tracker, 12)
    ended = [each for number in range(12, 140) for each in tracker.update(frame(number), NOT_LOOKED).ended]
    assert len(ended) == 1


def test_an_answer_without_anybody_loses_in_the_usual_time() -> None:
    tracker = Tracker(1, Classifier())
    walked(tracker, 12)
    scenes = [tracker.update(frame(number), Detections(())) for number in range(12, 40)]
    assert sum(len(each.ended) for each in scenes) == 1


def test_somebody_before_a_car_is_no_piece_of_it() -> None:
    tracker = Tracker(1, Classifier())
    for number in range(40):
        left = 0.05 + 0.01 * number
        car = Detection(Box(left, 0.3, left + 0.4, 0.85), 0.8, "car")
        person = Detection(Box(left + 0.2, 0.4, left + 0.25, 0.8), 0.8, "person")
        scene = tracker.update(frame(number), Detections((car, person)))
    assert sorted(each.label for each in scene.tracks) == ["car", "person"]
