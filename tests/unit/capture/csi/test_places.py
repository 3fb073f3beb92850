"""From a place in the network's input to a place in the picture, and back again by a way of its own."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.csi.sensor import SensorView
from edge.model.geometry import Box

PIXELS = (4056, 3040)
ALL = {"ScalerCrop": (0, 0, *PIXELS)}
SHARES = st.floats(0.0, 1.0)


def area(x: float, y: float, width: float, height: float) -> SimpleNamespace:
    return SimpleNamespace(x=x, y=y, width=width, height=height)


def near(box: Box | None, *corners: float) -> bool:
    return box is not None and (box.left, box.top, box.right, box.bottom) == pytest.approx(corners, abs=1e-6)


def test_the_whole_sensor_is_the_whole_picture() -> None:
    assert near(SensorView(PIXELS).box((0.1, 0.2, 0.3, 0.4), None, ALL), 0.1, 0.2, 0.3, 0.4)
    assert near(SensorView(PIXELS).box((0.1, 0.2, 0.3, 0.4), area(0, 0, 0, 0), {}), 0.1, 0.2, 0.3, 0.4)


def test_a_wide_picture_shows_a_strip_of_the_sensor() -> None:
    crop = {"ScalerCrop": (0, 760, 4056, 1520)}
    assert near(SensorView(PIXELS).box((0.25, 0.25, 0.5, 0.75), None, crop), 0.25, 0.0, 0.5, 1.0)
    assert near(SensorView(PIXELS).box((0.25, 0.5, 0.5, 0.625), None, crop), 0.25, 0.5, 0.5, 0.75)


def test_what_the_network_sees_beside_the_picture_is_not_there() -> None:
    crop = {"ScalerCrop": (1014, 760, 2028, 1520)}
    assert SensorView(PIXELS).box((0.0, 0.0, 0.2, 0.2), None, crop) is None
    assert near(SensorView(PIXELS).box((0.0, 0.25, 0.5, 0.5), None, crop), 0.0, 0.0, 0.5, 0.5)


def test_a_network_that_sees_a_square_of_the_sensor() -> None:
    square = area(508, 0, 3040, 3040)
    left = 508 / 4056
    assert near(SensorView(PIXELS).box((0.0, 0.0, 0.5, 1.0), square, ALL), left, 0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("rotation", "corners"),
    [
        (0, (0.1, 0.2, 0.3, 0.6)),
        (90, (0.4, 0.1, 0.8, 0.3)),
        (180, (0.7, 0.4, 0.9, 0.8)),
        (270, (0.2, 0.7, 0.6, 0.9)),
    ],
)
def test_boxes_turn_with_the_picture(rotation: int, corners: tuple[float, ...]) -> None:
    assert near(SensorView(PIXELS, rotation).box((0.1, 0.2, 0.3, 0.6), None, ALL), *corners)


@pytest.mark.parametrize(
    "corners",
    [(0.3, 0.2, 0.1, 0.6), (0.1, 0.2, 0.1, 0.6), (float("nan"), 0.2, 0.3, 0.6), (-3.0, 0.1, -1.0, 0.2)],
    ids=["inside out", "no width", "no number", "outside"],
)
def test_what_is_no_box_is_none(corners: tuple[float, ...]) -> None:
    assert SensorView(PIXELS).box(corners, None, ALL) is None


@given(SHARES, SHARES, SHARES, SHARES, st.sampled_from([0, 90, 180, 270]))
def test_every_box_lies_in_the_picture(x: float, y: float, wide: float, tall: float, rotation: int) -> None:
    crop = {"ScalerCrop": (300, 200, 3000, 1700)}
    box = SensorView(PIXELS, rotation).box((x, y, x + wide, y + tall), area(508, 0, 3040, 3040), crop)
    if box is not None:
        assert 0.0 <= box.left < box.right <= 1.0
        assert 0.0 <= box.top < box.bottom <= 1.0
