"""Which pixels a polygon covers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.geometry import Point
from edge.model.raster import contains, covered
from tests.support.masks import POLYGONS, SIZES, Polygon, inside, stars, touched


@settings(max_examples=40, deadline=None)
@given(stars(), st.tuples(st.integers(2, 20), st.integers(2, 16)))
def test_every_pixel_is_covered_that_the_polygon_touches(polygon: Polygon, size: tuple[int, int]) -> None:
    assert not (touched(polygon, *size) & ~covered([polygon], *size)).any()


def test_what_ends_between_pixels_covers_both_and_what_ends_on_a_pixel_no_more() -> None:
    half = covered([((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))], 8, 6)
    assert half[:, :4].all()
    assert not half[:, 4:].any()
    more = covered([((0.0, 0.0), (0.51, 0.0), (0.51, 0.51), (0.0, 0.51))], 8, 6)
    assert more[:4, :5].all()
    assert np.count_nonzero(more) == 20


@pytest.mark.parametrize("name", POLYGONS)
def test_a_point_is_inside_where_the_winding_number_says_so(name: str) -> None:
    random = np.random.default_rng(3)
    for x, y in random.uniform(0, 1, (300, 2)).tolist():
        assert contains(POLYGONS[name], Point(x, y)) == inside(POLYGONS[name], x, y)


def test_several_polygons_cover_what_each_covers_and_none_covers_nothing() -> None:
    some = [POLYGONS["triangle"], POLYGONS["strip"]]
    both = covered([some[0]], 31, 17) | covered([some[1]], 31, 17)
    assert (covered(some, 31, 17) == both).all()
    assert not covered([], 31, 17).any()
    assert covered([POLYGONS["whole"]], 31, 17).all()


@given(stars(), SIZES)
def test_a_pixel_whose_middle_is_inside_is_covered(polygon: Polygon, size: tuple[int, int]) -> None:
    found = covered([polygon], *size)
    for row in range(0, size[1], 7):
        for column in range(0, size[0], 7):
            if inside(polygon, (column + 0.5) / size[0], (row + 0.5) / size[1]):
                assert found[row, column]
