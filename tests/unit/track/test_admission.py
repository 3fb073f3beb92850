"""Who becomes an object, and what is told of those who do not."""

import pytest

from edge.model.event import Why
from edge.model.geometry import Box
from edge.model.scene import Scene
from edge.settings import CalibrationRuler
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.support.boxes import follow, ids, person

_LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
_GONE: list[list[Box]] = [[]] * 15


def _reasons(scenes: list[Scene]) -> list[Why]:
    return [refused.why for scene in scenes for refused in scene.refused]


def _walks(start: float, step: float, count: int = 12, height: float = 0.2) -> list[list[Box]]:
    return [[person(start + step * number, height=height)] for number in range(count)] + _GONE


def test_who_stays_in_an_exclude_mask_is_told_once_when_lost() -> None:
    scenes = follow(Tracker(1, Classifier(), [_LEFT]), _walks(0.1, 0.02))
    assert not ids(scenes)
    assert _reasons(scenes) == [Why.MASKED]
    assert not _reasons(scenes[:12])


def test_who_leaves_the_mask_is_confirmed_there_with_all_that_was_seen() -> None:
    scenes = follow(Tracker(1, Classifier(), [_LEFT]), _walks(0.4, 0.02))
    assert len(ids(scenes)) == 1
    assert not _reasons(scenes)
    told = [sighting for scene in scenes for track in scene.tracks for sighting in track.new]
    assert told[0].stream_s == 0.0
    assert len(told) == 12


def test_who_enters_a_mask_stays_the_object_that_he_was() -> None:
    scenes = follow(Tracker(1, Classifier(), [_LEFT]), _walks(0.7, -0.03))
    assert len(ids(scenes)) == 1
    assert not _reasons(scenes)


def test_the_feet_may_be_hidden_right_below() -> None:
    under = ((0.0, 0.705), (1.0, 0.705), (1.0, 1.0), (0.0, 1.0))
    assert _reasons(follow(Tracker(1, Classifier(), [under]), _walks(0.1, 0.02))) == [Why.MASKED]
    further = tuple((x, y + 0.02 if y < 1 else y) for x, y in under)
    assert len(ids(follow(Tracker(1, Classifier(), [further]), _walks(0.1, 0.02)))) == 1


def test_a_mask_down_to_the_picture_s_edge_holds_who_stands_on_it() -> None:
    at_edge = [[Box(0.1 + 0.02 * n, 0.8, 0.15 + 0.02 * n, 1.0)] for n in range(12)] + _GONE
    assert _reasons(follow(Tracker(1, Classifier(), [_LEFT]), at_edge)) == [Why.MASKED]


def test_what_does_not_move_is_told_with_how_far_it_moved() -> None:
    scenes = follow(Tracker(1, Classifier()), _walks(0.3, 0.0005))
    refused = [each for scene in scenes for each in scene.refused]
    assert [each.why for each in refused] == [Why.NOT_MOVED]
    measure = refused[0].measures[0]
    assert (measure.name, measure.limit) == ("moved_heights", 0.5)
    assert measure.value == pytest.approx(11 * 0.0005 * 16 / 9 / 0.2, rel=0.2)


@pytest.mark.parametrize(("height", "usual"), [(0.05, 0.16), (0.6, 0.1)], ids=["too small", "too large"])
def test_what_is_of_no_size_that_fits_is_told_in_persons(height: float, usual: float) -> None:
    ruler = CalibrationRuler(foot=(0.5, 0.7), height=usual)
    scenes = follow(Tracker(1, Classifier((ruler,))), _walks(0.2, 0.02, 12, height))
    refused = [each for scene in scenes for each in scene.refused]
    assert [each.why for each in refused] == [Why.OTHER_SIZE]
    assert refused[0].measures[0].value == pytest.approx(height / usual, rel=0.1)


def test_what_was_hardly_seen_is_not_told() -> None:
    assert not _reasons(follow(Tracker(1, Classifier()), _walks(0.3, 0.0, 2)))
