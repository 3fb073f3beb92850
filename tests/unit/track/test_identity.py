"""One person is one object: pieces, those lost for a moment, those who went."""

import pytest

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.support.boxes import follow, frame, ids, person

_WORN = (40.0, 380.0, 390.0, 60.0, 380.0, 380.0)
_OTHERS = (200.0, 400.0, 370.0, 90.0, 420.0, 370.0)


def _legs(box: Box) -> Box:
    return Box(box.left + 0.2 * box.width, box.bottom - 0.35 * box.height, box.right - 0.2 * box.width, box.bottom)


@pytest.mark.parametrize("fps", [5.0, 10.0, 15.0])
def test_a_piece_within_someone_gets_no_id(fps: float) -> None:
    whole = [person(0.2 + 0.06 * number / fps) for number in range(round(6 * fps))]
    scenes = follow(
        Tracker(1, Classifier()), [[box, _legs(box)] if box.left > 0.25 else [box] for box in whole], fps=fps
    )
    assert ids(scenes) == {1}


def test_a_piece_that_was_told_is_dropped_when_the_whole_turns_up_around_it() -> None:
    def shown(number: int) -> list[Box]:
        box = person(0.3 + 0.015 * number)
        return [_legs(box)] if number < 4 else [box, _legs(box)]

    scenes = follow(Tracker(1, Classifier()), [shown(number) for number in range(30)])
    assert len(scenes[-1].tracks) == 1
    assert len(ids(scenes)) <= 2


def _broken(worn: tuple[float, ...], gap: int, jump: float) -> set[int]:
    """Walk, be out of sight for some frames, and come up a little further than could be expected."""
    tracker, scenes = Tracker(1, Classifier()), []
    for number in range(40):
        box = person(0.3 + 0.01 * number + (jump if number >= 15 + gap else 0.0))
        seen = () if 15 <= number < 15 + gap else (Detection(box, colours=_WORN if number < 15 else worn),)
        scenes.append(tracker.update(frame(number / 5), Detections(seen)))
    return ids(scenes)


def test_who_comes_up_near_where_one_alike_was_lost_is_the_same() -> None:
    assert _broken(_WORN, 5, 0.12) == {1}


def test_who_wears_other_colours_is_another() -> None:
    assert _broken(_OTHERS, 5, 0.12) == {1, 2}


def test_who_comes_up_far_away_is_another() -> None:
    assert _broken(_WORN, 5, 0.45) == {1, 2}


def test_who_comes_in_where_another_went_out_is_another() -> None:
    out = [[person(0.8 + 0.012 * number)] for number in range(16)]
    scenes = follow(Tracker(1, Classifier()), [*out, *[[]] * 4, *reversed(out)])
    assert ids(scenes) == {1, 2}


def test_nobody_is_lost_while_nothing_is_believed() -> None:
    tracker = Tracker(1, Classifier())
    scenes = follow(tracker, [[person(0.3 + 0.01 * number)] for number in range(10)])
    scenes += [tracker.update(frame(2.0 + number / 5), Detections((), settled=False)) for number in range(20)]
    scenes += follow(tracker, [[person(0.4)]] * 5, start_s=6.0)
    assert ids(scenes) == {1}
    assert not any(scene.ended for scene in scenes)


@pytest.mark.parametrize("second", [(0.18, 0.72), (0.06, 0.85)], ids=["beyond it", "on the other side"])
def test_of_two_who_come_up_at_once_where_one_was_lost_only_one_is_the_same(second: tuple[float, float]) -> None:
    """As in a trembling picture: both once got its id, and a scene had the same object twice."""
    tracker, scenes = Tracker(1, Classifier()), []
    for number in range(40):
        x = 0.3 + 0.01 * number
        boxes = [person(x)] if number < 15 else [person(x + 0.12), person(x + second[0], second[1])]
        seen = () if 15 <= number < 20 else tuple(Detection(box, colours=_WORN) for box in boxes)
        scenes.append(tracker.update(frame(number / 5), Detections(seen)))
    for scene in scenes:
        told = [track.object_id for track in scene.tracks]
        assert len(told) == len(set(told))
    assert {track.object_id for track in scenes[-1].tracks} == {1, 2}
