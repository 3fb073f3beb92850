"""Which pixels of a picture polygons lie on: for masks."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Point

Corner = tuple[float, float]
"""x and y in fractions of the frame."""

Covered = NDArray[np.bool_]
"""(rows, columns), True where a pixel is touched."""


def covered(polygons: Sequence[Sequence[Corner]], columns: int, rows: int) -> Covered:
    """Return the pixels of a picture that lie in one of the polygons, be it only partly: rounded outwards."""
    touched = np.zeros((rows, columns), bool)
    for corners in polygons:
        scaled = [(x * columns, y * rows) for x, y in corners]
        inside = np.zeros((rows, columns), bool)
        for start, end in pairwise([*scaled, scaled[0]]):
            upper, lower = sorted((start, end), key=lambda corner: corner[1])
            _turn_over(inside, upper, lower)
            _trace(touched, upper, lower)
        touched |= inside
    return touched


def contains(corners: Sequence[Corner], point: Point) -> bool:
    """Tell whether a point lies in a polygon; one right on a side may be told either way."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
        if (y1 > point.y) != (y2 > point.y) and point.x < x1 + (point.y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def _turn_over(inside: Covered, upper: Corner, lower: Corner) -> None:
    """Turn over all pixels to the right of a side: by the last side, those with their middle inside are left True."""
    rows, columns = inside.shape
    first, last = max(0, math.ceil(upper[1] - 0.5)), min(rows, math.ceil(lower[1] - 0.5))
    if first >= last:
        return
    middles = np.arange(first, last) + 0.5
    across = upper[0] + (middles - upper[1]) / (lower[1] - upper[1]) * (lower[0] - upper[0])
    inside[first:last] ^= np.arange(columns) + 0.5 >= across[:, None]


def _trace(touched: Covered, upper: Corner, lower: Corner) -> None:
    """Mark the pixels that a side runs through."""
    rows, columns = touched.shape
    high, slope = lower[1] - upper[1], lower[0] - upper[0]
    for row in range(max(0, math.floor(upper[1])), min(rows, math.ceil(lower[1]))):
        begin = max(0.0, (row - upper[1]) / high) if high else 0.0
        end = min(1.0, (row + 1 - upper[1]) / high) if high else 1.0
        ends = sorted((upper[0] + begin * slope, upper[0] + end * slope))
        touched[row, max(0, math.floor(ends[0])) : min(columns, math.ceil(ends[1]))] = True
