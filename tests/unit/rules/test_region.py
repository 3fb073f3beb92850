"""The geometry of zones, against another reckoning of it."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.region import Numbers, Regions, depth, last_share, outline, snapped, spots_at

ASPECT = 16 / 9
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
places = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=20)


@st.composite
def polygons(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Draw a polygon within the picture, convex or not."""
    far = draw(st.lists(st.floats(0.05, 0.45), min_size=3, max_size=12))
    turns = [2 * math.pi * number / len(far) for number in range(len(far))]
    return tuple((0.5 + off * math.cos(turn), 0.5 + off * math.sin(turn)) for off, turn in zip(far, turns, strict=True))


def _spots(some: Sequence[tuple[float, float]]) -> Numbers:
    x, y = np.array(some).T
    return spots_at(x * ASPECT, y)


@given(st.lists(polygons(), min_size=1, max_size=4), places)
def test_distances_are_those_of_another_reckoning(
    zones: Sequence[Sequence[tuple[float, float]]], some: Sequence[tuple[float, float]]
) -> None:
    off = Regions(zones, ASPECT).off(_spots(some))
    for column, zone in enumerate(zones):
        corners = np.array([(x * ASPECT, y) for x, y in zone], np.float32).reshape(-1, 1, 2)
        for row, (x, y) in enumerate(some):
            expected = cv2.pointPolygonTest(corners, (x * ASPECT, y), measureDist=True)
            assert abs(off[column, row] - expected) < 1e-3


@given(places)
def test_everybody_is_inside_the_whole_picture(some: Sequence[tuple[float, float]]) -> None:
    assert np.isposinf(Regions((WHOLE,), ASPECT).off(_spots(some))).all()


def test_sides_on_the_edge_of_the_picture_are_no_outline() -> None:
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    off = Regions((left_half,), ASPECT).off(_spots([(0.0, 1.0), (0.25, 0.0), (0.75, 1.0)]))
    assert off[0].tolist() == pytest.approx([0.5 * ASPECT, 0.25 * ASPECT, -0.25 * ASPECT], abs=1e-5)
    assert len(outline(left_half, ASPECT).pieces) == 1


def test_corners_near_the_edge_are_moved_onto_it_unless_that_spoils_the_zone() -> None:
    assert snapped(((0.01, 0.015), (0.99, 0.01), (0.985, 0.99), (0.01, 0.99))) == WHOLE
    strip = ((0.0, 0.3), (0.015, 0.3), (0.015, 0.9), (0.0, 0.9))
    assert snapped(strip) == strip


def test_the_depth_of_a_zone_is_half_its_narrow_side() -> None:
    corridor = ((0.2, 0.4), (0.8, 0.4), (0.8, 0.5), (0.2, 0.5))
    assert depth(corridor, ASPECT) == pytest.approx(0.05, rel=0.1)
    assert depth(WHOLE, ASPECT) == math.inf


def test_a_path_meets_the_outline_where_it_comes_in_last() -> None:
    bay = ((0.2, 0.2), (0.4, 0.2), (0.4, 0.7), (0.6, 0.7), (0.6, 0.2), (0.8, 0.2), (0.8, 0.9), (0.2, 0.9))
    sides = outline(bay, 1.0)
    assert last_share(sides, (0.1, 0.5), (0.7, 0.5)) == pytest.approx(5 / 6, abs=1e-4)
    assert last_share(sides, (0.45, 0.3), (0.55, 0.3)) is None


@given(st.lists(polygons(), min_size=1, max_size=3), st.floats(0.0, 1.0))
def test_who_stands_on_the_outline_is_inside(zones: Sequence[Sequence[tuple[float, float]]], share: float) -> None:
    regions = Regions(zones, ASPECT)
    for row, zone in enumerate(zones):
        for (ax, ay), (bx, by) in zip(zone, (*zone[1:], zone[0]), strict=True):
            off = regions.off(_spots([(ax + share * (bx - ax), ay + share * (by - ay))]))
            assert 0.0 <= off[row, 0] < 1e-9
