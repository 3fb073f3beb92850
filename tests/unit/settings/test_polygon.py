"""Polygons: area, and sides that meet."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings.checks import simple_polygon
from edge.settings.polygon import area, contains, crossing_sides

Corners = list[tuple[float, float]]


@st.composite
def stars(draw: st.DrawFn) -> Corners:
    """Give a polygon around the middle of the frame, so that it cannot cross itself: radii at rising angles."""
    count = draw(st.integers(3, 12))
    radii = draw(st.lists(st.floats(0.1, 0.5), min_size=count, max_size=count))
    angles = [2 * math.pi * i / count for i in range(count)]
    return [(0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


@given(stars())
def test_a_star_is_right_in_both_directions(corners: Corners) -> None:
    assert simple_polygon(tuple(corners)) is None
    assert simple_polygon(tuple(reversed(corners))) is None
    assert area(corners) == pytest.approx(area(corners[::-1]))


@given(stars(), st.data())
def test_where_a_polygon_begins_does_not_matter(corners: Corners, data: st.DataObject) -> None:
    turn = data.draw(st.integers(0, len(corners) - 1))
    turned = corners[turn:] + corners[:turn]
    assert area(turned) == pytest.approx(area(corners))
    assert simple_polygon(tuple(turned)) is None


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_quadrangle_with_two_corners_exchanged_crosses(x: float, y: float) -> None:
    assert crossing_sides([(0, 0), (x, 0), (0, y), (x, y)]) is not None


def test_areas() -> None:
    assert area([(0, 0), (1, 0), (1, 1), (0, 1)]) == 1
    assert area([(0, 0), (1, 0), (0, 1)]) == 0.5


@pytest.mark.parametrize(
    ("corners", "sides"),
    [
        pytest.param([(0, 0), (1, 1), (1, 0), (0, 1)], (1, 3), id="bow-tie"),
        pytest.param([(0, 0), (1, 0), (0.5, 0), (0.5, 1)], (1, 2), id="folds-back"),
        pytest.param([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)], (1, 3), id="touches"),
        pytest.param([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0.5), (0, 0.9)], (4, 5), id="runs-over"),
    ],
)
def test_sides_that_meet(corners: Corners, sides: tuple[int, int]) -> None:
    assert crossing_sides(corners) == sides


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([(0, 0), (0.5, 0), (1, 0), (1, 1)], id="straight-on"),
        pytest.param([(0, 0), (1, 0), (1, 1), (0.5, 0.2), (0, 1)], id="hollow"),
        pytest.param([(0.1, 0.1), (0.12, 0.1), (0.12, 0.12)], id="small"),
    ],
)
def test_right_polygons(corners: Corners) -> None:
    assert simple_polygon(tuple(corners)) is None


@given(stars(), st.floats(0.0, 1.0), st.floats(0, 2 * math.pi))
def test_inside_a_star_is_what_lies_below_its_outline(corners: Corners, share: float, angle: float) -> None:
    """Seen from the middle, a place is inside where it is nearer than the outline in its direction."""
    count = len(corners)
    sector = int(angle / (2 * math.pi) * count) % count
    (x1, y1), (x2, y2) = ((x - 0.5, y - 0.5) for x, y in (corners[sector], corners[(sector + 1) % count]))
    across, down = math.cos(angle), math.sin(angle)
    turn = (x2 - x1) * down - (y2 - y1) * across
    if abs(turn) < 1e-6:
        return
    outline = (y1 * (x2 - x1) - x1 * (y2 - y1)) / turn
    near, far = outline * (0.02 + 0.96 * share), outline * (1.02 + share)
    assert contains(corners, 0.5 + near * across, 0.5 + near * down)
    assert not contains(corners, 0.5 + far * across, 0.5 + far * down)
