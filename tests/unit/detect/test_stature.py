"""How tall people are, learnt, and blobs that hold more than one of them."""

import numpy as np
import pytest

from edge.detect.blobs import Rect, blobs
from edge.detect.pairs import apart
from edge.detect.stature import Stature

_TOP, _SLOPE, _LEVEL = 40, 0.25, 10.0


def _person(foot: float, middle: float = 100.0, share: float = 1.0) -> Rect:
    height = (_SLOPE * foot + _LEVEL) * share
    return middle - 0.15 * height, foot - height, middle + 0.15 * height, foot


def _learnt(*, odd: int = 0) -> Stature:
    """Return what is learnt from three people who come nearer, each of `odd` of ten seen twice as tall."""
    stature = Stature()
    for key in range(3):
        for step in range(20):
            stature.learn(key, _person(100.0 + 7 * step, share=2.0 if step % 10 < odd else 1.0))
    return stature


def test_nothing_is_known_before_three_have_gone_by() -> None:
    stature = Stature()
    for step in range(100):
        stature.learn(step % 2, _person(100.0 + step))
    assert stature.usual(150.0) is None
    assert not stature.too_tall((0, 0, 10, 300))


@pytest.mark.parametrize("odd", [0, 2], ids=["all alone", "some are two"])
@pytest.mark.parametrize("foot", [110.0, 220.0])
def test_the_nearer_the_taller(foot: float, odd: int) -> None:
    assert _learnt(odd=odd).usual(foot) == pytest.approx(_SLOPE * foot + _LEVEL, rel=0.1)


def test_who_stands_still_or_is_no_person_teaches_nothing() -> None:
    stature = Stature()
    for key in range(9):
        for step in range(50):
            stature.learn(key, _person(150.0))
            stature.learn(100 + key, (10.0 * step, 100.0, 10.0 * step + 80, 140.0))
    assert stature.usual(150.0) is None


def test_one_behind_another_are_two_with_feet_of_their_own() -> None:
    stature = _learnt()
    near, far = _person(200.0), _person(170.0, 104.0)
    mask = np.zeros((240, 240), np.uint8)
    for left, top, right, bottom in (near, far):
        mask[round(top) : round(bottom), round(left) : round(right)] = 255
    blob = (min(near[0], far[0]), far[1] - 20, max(near[2], far[2]), near[3])
    mask[round(far[1]) - 20 : round(far[1]), 100:108] = 255
    found = sorted(apart(mask, blob, stature), key=lambda rect: rect[3])
    assert len(found) == 2
    assert found[1][3] == pytest.approx(near[3], abs=2)
    assert found[1][1] == pytest.approx(near[1], abs=3)
    assert found[0][3] < near[3]


def test_only_what_is_small_both_ways_is_too_small() -> None:
    stature = _learnt()
    assert stature.too_small((100, 180, 115, 200))
    assert not stature.too_small((100, 165, 115, 200))
    assert not stature.too_small((100, 185, 150, 200))
    assert not Stature().too_small((100, 180, 115, 200))


def test_a_person_alone_stays_one() -> None:
    rect = _person(200.0)
    mask = np.zeros((240, 240), np.uint8)
    mask[round(rect[1]) : round(rect[3]), round(rect[0]) : round(rect[2])] = 255
    assert apart(mask, rect, _learnt()) == [rect]


def test_bodies_apart_are_two_even_where_heads_and_feet_touch() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[20:80, 20:60] = 255
    mask[30:72, 37:43] = 0
    assert len(apart(mask, (20, 20, 60, 80), Stature())) == 2


@pytest.mark.parametrize(("tape", "width"), [(4, 20), (30, 60)], ids=["flat", "as thick as a body"])
def test_what_is_flat_does_not_widen_who_touches_it(tape: int, width: int) -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[20:70, 20:40] = 255
    mask[40 : 40 + tape, 40:80] = 255
    (left, _, right, _), *more = blobs(mask, 1).tolist()
    assert not more
    assert (left, right) == (20, 20 + width)


@pytest.mark.parametrize("head", [0.0, 20.0, 60.0, 200.0])
def test_feet_are_below_the_head_also_where_the_line_has_come_to_nothing(head: float) -> None:
    """Learnt near the camera from people who grow fast, the line is below zero at the top of the picture."""
    stature = Stature()
    for key in range(3):
        for step in range(20):
            foot = 160.0 + 4 * step
            high = 0.8 * foot - 100.0
            stature.learn(key, (90.0, foot - high, 90.0 + 0.3 * high, foot))
    foot_row = stature.foot(head)
    assert foot_row is not None
    assert foot_row > head
