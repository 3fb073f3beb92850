"""Masks for tests: polygons of any kind, and an independent answer to what they cover."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.settings import MaskSettings

Polygon = tuple[tuple[float, float], ...]

TRIANGLE: Polygon = ((0.1, 0.2), (0.7, 0.3), (0.4, 0.9))
CONCAVE: Polygon = ((0.15, 0.1), (0.85, 0.15), (0.8, 0.9), (0.5, 0.35), (0.2, 0.85))
AT_EDGES: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.23), (0.37, 0.5), (0.0, 1.0))
WHOLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
STRIP: Polygon = ((0.501, 0.0), (0.502, 0.0), (0.502, 1.0), (0.501, 1.0))
POLYGONS = {"triangle": TRIANGLE, "concave": CONCAVE, "edges": AT_EDGES, "whole": WHOLE, "strip": STRIP}

SIZES = st.tuples(st.integers(2, 70), st.integers(2, 50))
"""Columns and rows, odd ones too."""


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Give a polygon, mostly concave: corners around a middle, those beyond the picture moved to its edge."""
    count = draw(st.integers(3, 9))
    middle = draw(st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)))
    reaches = draw(st.lists(st.floats(0.05, 0.9), min_size=count, max_size=count))
    turns = [2 * np.pi * (number + 0.3) / count for number in range(count)]
    corners = [
        (middle[0] + reach * np.cos(turn), middle[1] + reach * np.sin(turn))
        for reach, turn in zip(reaches, turns, strict=True)
    ]
    return tuple((float(np.clip(x, 0, 1)), float(np.clip(y, 0, 1))) for x, y in corners)


def inside(polygon: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Tell by the winding number whether a point lies in a polygon."""
    corners = np.array(polygon) - (x, y)
    angles = np.arctan2(corners[:, 1], corners[:, 0])
    steps = (np.roll(angles, -1) - angles + np.pi) % (2 * np.pi) - np.pi
    return abs(float(steps.sum())) > np.pi


def touched(polygon: Polygon, columns: int, rows: int, fine: int = 5) -> NDArray[np.bool_]:
    """Return the pixels with one of fine x fine places in the polygon: most of those that it touches, and no other."""
    shares = (np.arange(fine) + 0.5) / fine
    found = np.zeros((rows, columns), bool)
    for row in range(rows):
        for column in range(columns):
            places = [((column + dx) / columns, (row + dy) / rows) for dx in shares for dy in shares]
            found[row, column] = any(inside(polygon, *place) for place in places)
    return found


def privacy(*polygons: Polygon) -> tuple[MaskSettings, ...]:
    """Return privacy masks."""
    return tuple(MaskSettings(kind="privacy", polygon=polygon) for polygon in polygons)


def exclude(*polygons: Polygon) -> tuple[MaskSettings, ...]:
    """Return exclude masks."""
    return tuple(MaskSettings(kind="exclude", polygon=polygon) for polygon in polygons)
