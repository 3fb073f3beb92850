"""Small parts of the detector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detect.blobs import blobs, clean
from edge.detect.pairs import side_by_side
from edge.detect.scale import shrink
from edge.model.scene import Picture
from edge.model.size import MAX_ROWS, size_for


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (768, 576, (384, 288)),
        (1280, 720, (512, 288)),
        (1920, 1080, (512, 288)),
        (640, 360, (512, 288)),
        (320, 240, (320, 240)),
    ],
)
def test_the_usual_sizes(width: int, height: int, size: tuple[int, int]) -> None:
    assert size_for(width, height, 640) == size


@given(st.integers(2, 4000), st.integers(2, 4000), st.integers(160, 1920))
def test_any_size_becomes_even_and_small_enough(width: int, height: int, most: int) -> None:
    columns, rows = size_for(width, height, most)
    assert columns % 2 == rows % 2 == 0
    assert 2 <= columns <= max(2, min(width, most) + 1)
    assert 2 <= rows <= max(2, min(height, MAX_ROWS) + 1)


def test_odd_pictures_are_shrunk_too() -> None:
    picture = Picture(np.zeros((243, 321), np.uint8), np.zeros((122, 161), np.uint8), np.zeros((122, 161), np.uint8))
    small = shrink(picture, 640)
    assert small.luma.shape == (small.rows, small.columns)
    assert small.chroma[0].shape == (small.rows // 2, small.columns // 2)


def test_single_pixels_are_no_blobs() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10, 10] = mask[30, 50] = 255
    assert len(blobs(clean(mask), 1)) == 0


def test_two_heads_beside_one_another_are_two_people() -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[20:50, 10:38] = 255
    mask[10:20, 13:20] = mask[10:20, 28:35] = 255
    assert len(side_by_side(mask, (10, 10, 38, 50))) == 2


@pytest.mark.parametrize("head", [(20, 28), (18, 30)], ids=["one head", "a hat"])
def test_one_head_is_one_person(head: tuple[int, int]) -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[20:50, 12:36] = 255
    mask[10:20, head[0] : head[1]] = 255
    assert len(side_by_side(mask, (12, 10, 36, 50))) == 1
