"""People who meet and part keep their ids, by the colours they wear; what is seen meanwhile is told late, and once."""

from collections import Counter

import pytest

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Scene
from edge.track.classify import Classifier
from edge.track.meetings import LATE_S
from edge.track.tracker import Tracker
from tests.support.boxes import frame, person

_DARK = (45.0, 385.0, 390.0, 60.0, 390.0, 382.0)
_JEANS = (60.0, 380.0, 398.0, 95.0, 405.0, 372.0)
_MEET_S, _PART_S, _MISTAKEN_S, _END_S = 4.0, 4.4, 5.0, 8.0
_SPEED = 0.08
_WIDTH = 0.02


def _shown(at_s: float) -> tuple[Box, Box]:
    """Return two who come to one another, stand as one, and go back to where they came from."""
    away = max(0.0, (_MEET_S - at_s) * _SPEED, (at_s - _PART_S) * _SPEED)
    return person(0.5 - away), person(0.5 + away)


def _seen(at_s: float, left: tuple[float, ...], right: tuple[float, ...]) -> tuple[Detection, ...]:
    """Return what a detector tells that takes the two for one another as they part."""
    one, other = _shown(at_s)
    if other.left - one.left < _WIDTH:
        return (Detection(one, 0.5, key=1),)
    if _PART_S < at_s < _MISTAKEN_S:
        return Detection(one, 0.5, key=2), Detection(other, 0.5, key=1)
    return Detection(one, colours=left), Detection(other, colours=right)


def _met(fps: float, left: tuple[float, ...], right: tuple[float, ...], until_s: float = _END_S) -> list[Scene]:
    tracker, scenes = Tracker(1, Classifier()), []
    for number in range(round(until_s * fps)):
        at_s = number / fps
        tracker.expected(at_s)
        scenes.append(tracker.update(frame(at_s), Detections(_seen(at_s, left, right))))
    rest = tracker.rest(scenes[-1])
    return scenes if rest is None else [*scenes, rest]


def _sides(scene: Scene) -> list[int]:
    """Return the ids from left to right."""
    return [track.object_id for track in sorted(scene.tracks, key=lambda track: track.box.left)]


def _before(scenes: list[Scene]) -> list[int]:
    return _sides([scene for scene in scenes if scene.stream_s < 2.0][-1])


@pytest.mark.parametrize("fps", [5.0, 10.0, 15.0])
@pytest.mark.parametrize(("left", "right"), [(_DARK, _JEANS), (_JEANS, _DARK)])
def test_who_meets_and_goes_back_keeps_the_id(fps: float, left: tuple[float, ...], right: tuple[float, ...]) -> None:
    scenes = _met(fps, left, right)
    assert _sides(scenes[-1]) == _before(scenes)


@pytest.mark.parametrize("worn", [_DARK, ()])
def test_who_wears_the_same_cannot_be_told_apart(worn: tuple[float, ...]) -> None:
    scenes = _met(10.0, worn, worn)
    assert _sides(scenes[-1]) == _before(scenes)[::-1]


@pytest.mark.parametrize("until_s", [4.5, 5.0, 5.5, _END_S])
def test_each_sighting_is_told_once_and_in_order(until_s: float) -> None:
    scenes = _met(10.0, _DARK, _JEANS, until_s)
    told = [(track.object_id, each.stream_s) for scene in scenes for track in scene.tracks for each in track.new]
    assert max(Counter(told).values()) == 1
    assert told[-1][1] == pytest.approx(until_s - 0.1)
    for key in {object_id for object_id, _ in told}:
        times = [at_s for object_id, at_s in told if object_id == key]
        assert times == sorted(times)
    seen = sum(len(_seen(number / 10, _DARK, _JEANS)) for number in range(round(until_s * 10)))
    assert len(told) == seen


def test_what_is_seen_in_a_meeting_is_told_late_but_not_much() -> None:
    scenes = _met(10.0, _DARK, _JEANS)
    late = [scene.stream_s - each.stream_s for scene in scenes for track in scene.tracks for each in track.new]
    assert 0.5 < max(late) <= LATE_S + 0.1 + 1e-6
    assert all(track.new for track in scenes[-1].tracks)
