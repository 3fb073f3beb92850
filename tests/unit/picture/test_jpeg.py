import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.scene import Picture
from edge.picture.colour import scaled_size
from edge.picture.jpeg import encode
from tests.support.pictures import decoded, plain_picture

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (0, 0, 255),
    "green": (0, 255, 0),
    "blue": (255, 0, 0),
    "skin": (140, 170, 220),
}


@pytest.mark.parametrize("full_range", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("bgr", COLOURS.values(), ids=COLOURS.keys())
def test_colours_survive(bgr: tuple[int, int, int], *, full_range: bool) -> None:
    picture = plain_picture(64, 48, bgr, full_range=full_range)
    image = decoded(encode(picture, max_width=64, quality=95))
    assert image.shape == (48, 64, 3)
    assert np.abs(image.astype(int) - np.array(bgr)).max() <= 4


def test_wider_pictures_are_reduced_and_narrow_ones_left_alone() -> None:
    picture = plain_picture(1280, 720, (80, 90, 100))
    assert decoded(encode(picture, max_width=640, quality=80)).shape == (360, 640, 3)
    assert decoded(encode(picture, max_width=500, quality=80)).shape == (281, 500, 3)
    assert decoded(encode(picture, max_width=4000, quality=80)).shape == (720, 1280, 3)


def test_things_stay_where_they_are_when_reduced() -> None:
    picture = plain_picture(640, 360, (0, 0, 0))
    luma = picture.y.copy()
    luma[90:270, 160:320] = 235
    image = decoded(encode(Picture(luma, picture.u, picture.v), max_width=160, quality=95))
    assert image[23:67, 41:79].min() > 230
    assert image[:, :38].max() < 25
    assert image[:, 82:].max() < 25


def test_planes_may_be_views_with_a_stride() -> None:
    padded = [np.full((height, stride), 128, np.uint8) for height, stride in ((50, 96), (25, 64), (25, 64))]
    picture = Picture(padded[0][:, :70], padded[1][:, :35], padded[2][:, :35])
    assert decoded(encode(picture, max_width=640, quality=80)).shape == (50, 70, 3)


def test_better_quality_takes_more_bytes() -> None:
    noise = np.random.default_rng(1).integers(16, 235, (120, 160), dtype=np.uint8)
    picture = Picture(noise, np.full((60, 80), 128, np.uint8), np.full((60, 80), 128, np.uint8))
    sizes = [len(encode(picture, max_width=160, quality=quality)) for quality in (30, 60, 90)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 250))
def test_any_size_gives_a_jpeg_of_the_asked_width(width: int, height: int, max_width: int) -> None:
    image = decoded(encode(plain_picture(width, height, (10, 200, 30)), max_width=max_width, quality=50))
    assert image.shape[1::-1] == scaled_size(width, height, max_width)
