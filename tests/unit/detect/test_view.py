"""The view of the demo street, spoilt in all ways, and what only looks like it."""

import numpy as np
import pytest

from edge.capture.privacy import PrivacyPainter
from edge.detect.hidden import Hidden
from edge.detect.view import ViewWatch
from edge.model.scene import Frame, ViewFault
from edge.settings import MaskSettings
from tests.support.attacks import ATTACKS, NEGATIVES, Bgr, light
from tests.support.masks import privacy
from tests.support.spoiling import FROM_S, SECONDS, TO_S, picture_of, spoilt, street_pictures, told

FPS = 2.0
CHOSEN = (
    "black",
    "flooded, added",
    "flooded, lamp",
    "defocus 4",
    "defocus 8",
    "covered, plain, left",
    "covered, cloth, top",
    "covered, skin, right",
    "covered, all, plain",
    "bag",
    "turned 30 %",
    "turned 100 %",
    "turned to a wall",
)


@pytest.fixture(scope="module")
def street() -> list[Bgr]:
    return street_pictures(70.0, FPS)


@pytest.mark.parametrize("name", CHOSEN)
def test_each_attack_is_told_once_in_time_with_its_reason_and_again_when_it_comes_again(
    street: list[Bgr], name: str
) -> None:
    change, reasons = ATTACKS[name]
    spans = [(FROM_S, TO_S), (60.0, 70.0)]
    events = told(spoilt(street, change, FPS, spans=spans), FPS)
    assert [event.reason in reasons for event in events] == [True, True]
    for event, (begin_s, _) in zip(events, spans, strict=True):
        assert begin_s + SECONDS - 0.1 <= event.stream_s <= begin_s + SECONDS + 2.0


@pytest.mark.parametrize("name", NEGATIVES)
def test_what_only_looks_like_it_is_not_told(street: list[Bgr], name: str) -> None:
    assert not told(spoilt(street, NEGATIVES[name], FPS, spans=[(20.0, 70.0)]), FPS)


def watched(pictures: list[Bgr], masks: tuple[MaskSettings, ...] = ()) -> list[tuple[ViewFault | None, bool]]:
    watch, painter = ViewWatch(Hidden(masks)), PrivacyPainter(masks)
    views = []
    for number, each in enumerate(pictures):
        frame = Frame("c", number, 0, number / FPS, picture_of(each))
        views.append(watch.look(painter.painted(frame).picture, frame.stream_s))
    return [(view.fault, view.settled) for view in views]


@pytest.mark.parametrize("name", ["black", "flooded, lamp", "defocus 8", "covered, all, plain", "turned to a wall"])
def test_what_privacy_masks_hide_has_no_say(street: list[Bgr], name: str) -> None:
    change, reasons = ATTACKS[name]
    masks = privacy(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)), ((0.6, 0.7), (1.0, 0.7), (1.0, 1.0), (0.6, 1.0)))
    views = watched(list(spoilt(street[:80], change, FPS, spans=[(30.0, 40.0)])), masks)
    assert not any(fault for fault, _ in views[:60])
    told_as = {fault for fault, _ in views[64:]}
    assert len(told_as) == 1
    assert told_as <= set(reasons)


def test_nothing_is_said_in_the_first_fifteen_seconds(street: list[Bgr]) -> None:
    views = watched(street[:40])
    assert [settled for _, settled in views].index(True) == 15 * FPS


def test_black_from_the_start_is_dark_until_the_first_picture_which_is_learnt(street: list[Bgr]) -> None:
    black = [np.zeros_like(each) for each in street[:50]]
    views = watched(black + street[:60])
    assert views[40] == (ViewFault.DARK, True)
    assert all(fault is None for fault, _ in views[50:])
    assert [settled for _, settled in views[50:]].index(True) == 15 * FPS


def test_a_view_that_stays_spoilt_for_ten_minutes_is_taken_for_normal(street: list[Bgr]) -> None:
    change, _ = ATTACKS["rotated 180"]
    turned = [change(each, 0.0) for each in street[60:90]]
    views = watched(street[:60] + turned * 43)
    assert views[70][0] is ViewFault.MOVED
    assert views[-1] == (None, True)


def test_a_sudden_dark_that_leaves_the_outlines_is_no_fault(street: list[Bgr]) -> None:
    assert not told(spoilt(street, light(0.35), FPS, spans=[(20.0, 70.0)]), FPS)


@pytest.mark.parametrize("name", ["dusk to 4 %", "exposure steps"])
def test_at_one_picture_a_second_the_same_is_not_told(street: list[Bgr], name: str) -> None:
    assert not told(spoilt(street[::2], NEGATIVES[name], 1.0, spans=[(20.0, 70.0)]), 1.0)


@pytest.mark.parametrize("name", ["black", "defocus 4", "turned 30 %"])
def test_at_one_picture_a_second_an_attack_is_told_in_time(street: list[Bgr], name: str) -> None:
    change, reasons = ATTACKS[name]
    events = told(spoilt(street[::2], change, 1.0, spans=[(FROM_S, TO_S)]), 1.0)
    assert [event.reason in reasons for event in events] == [True]
    assert events[0].stream_s <= FROM_S + SECONDS + 2.0
