"""People who meet, part and come out of one shape."""

import pytest

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Scene
from edge.track.classify import Classifier
from edge.track.match import unlikeness
from edge.track.tracker import Tracker
from tests.support.boxes import follow, frame, ids, person

_BLACK, _WHITE = (40.0, 380.0, 390.0, 60.0, 380.0, 380.0), (200.0, 400.0, 370.0, 90.0, 420.0, 370.0)


def test_a_shape_that_becomes_two_is_as_slim_as_one_at_once() -> None:
    def shown(number: int) -> list[Box]:
        x = 0.2 + 0.015 * number
        one, other = person(x - 0.013), person(x + 0.013)
        return [Box(one.left, one.top, other.right, one.bottom)] if number < 15 else [one, other]

    scenes = follow(Tracker(1, Classifier()), [shown(number) for number in range(25)])
    assert ids(scenes) == {1, 2}
    parted = next(track for track in scenes[15].tracks if track.object_id == 1)
    assert parted.box.width == pytest.approx(person(0.5).width, rel=0.05)


def test_who_is_suddenly_wide_has_met_someone_and_stays_slim() -> None:
    def shown(number: int) -> list[Box]:
        one = person(0.2 + 0.015 * number)
        return [Box(one.left, one.top, one.right + (one.width if number in {20, 21} else 0.0), one.bottom)]

    scenes = follow(Tracker(1, Classifier()), [shown(number) for number in range(22)])
    assert scenes[-1].tracks[0].box.width < 1.4 * person(0.5).width


def _met(colours: tuple[tuple[float, ...], tuple[float, ...]]) -> list[Scene]:
    """Let two walk close beside one another, be out of sight for a second, and come back with sides changed."""
    tracker, scenes = Tracker(1, Classifier()), []
    for number in range(30):
        y = 0.3 + 0.01 * number
        sides = (0.497, 0.503) if number < 15 else (0.503, 0.497)
        items = tuple(Detection(person(x, y), colours=worn) for x, worn in zip(sides, colours, strict=True))
        hidden = 15 <= number < 20
        scenes.append(tracker.update(frame(number / 5), Detections(() if hidden else items)))
    return scenes


@pytest.mark.parametrize("worn", [(_BLACK, _WHITE), ((), ())], ids=["told apart", "by place alone"])
def test_who_comes_back_is_known_by_what_they_wear(worn: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    scenes = _met(worn)
    assert ids(scenes) == {1, 2}
    before, after = ({each.object_id: each.box.center.x for each in scenes[at].tracks} for at in (10, 29))
    assert ((before[1] < before[2]) != (after[1] < after[2])) == (worn[0] != ())


def test_colours_not_known_are_neither_alike_nor_unlike() -> None:
    unlike = unlikeness([_BLACK, ()], [_BLACK, _WHITE, ()])
    assert unlike[0, 0] == 0.0
    assert unlike[0, 0] < unlike[0, 2] == unlike[1, 0] < unlike[0, 1]
