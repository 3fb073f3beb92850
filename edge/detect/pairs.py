"""People side by side: one blob with a gap between their heads or bodies."""

import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Mask
from edge.detect.blobs import Rect
from edge.detect.stature import Stature

Numbers = NDArray[np.float64]

_LEAST_SHAPE = 0.5
_LEAST_ROWS = 14
_VALLEY = 0.55
_SLIM = 1.6
_MOST_HEADS = 1.15
_DIP = 0.87
_THIN = 0.6
"""Columns so much emptier than on both sides lie between two bodies, even where heads and feet touch."""
_CHEST = (0.25, 0.45)
_WHOLE = 0.8
_BETWEEN_HEADS = 0.06
_PEAK = 0.6
_MARGIN = 0.2
_WIDEST = 0.8


def side_by_side(mask: Mask, rect: Rect) -> list[Rect]:
    """Return the boxes of the people in one blob, or the blob's own box.

    Between two people the columns of the mask are shorter or emptier than on both sides; a car or a person alone has
    no such valley.
    """
    left, top, right, bottom = (int(value) for value in rect)
    part = mask[top:bottom, left:right] > 0
    rows, columns = part.shape
    if rows < _LEAST_ROWS or not _LEAST_SHAPE <= columns / rows <= 2 / _SLIM:
        return [rect]
    cut = _cut(part)
    if cut is None or max(cut, columns - cut) * _SLIM > rows:
        return [rect]
    first, second = _tight(part, left, top, 0, cut), _tight(part, left, top, cut, columns)
    return [*side_by_side(mask, first), *side_by_side(mask, second)]


def _cut(part: NDArray[np.bool_]) -> int | None:
    """Return the column at which to cut, None where there is one person or none."""
    rows, columns = part.shape
    heads = columns / rows <= _MOST_HEADS
    extent = np.where(part.any(axis=0), rows - part.argmax(axis=0) - part[::-1].argmax(axis=0), 0)
    cut = _valley(_smooth(extent), rows, _DIP if heads else _VALLEY)
    if cut is None and heads:
        cut = _valley(_smooth(np.count_nonzero(part, axis=0)), rows, _THIN)
    return None if cut is None or _is_stride(part, cut) else cut


def _is_stride(part: NDArray[np.bool_], cut: int) -> bool:
    """Tell whether a valley is only the room between the legs of one who strides: whole above, one head."""
    rows = len(part)
    chest = part[int(_CHEST[0] * rows) : int(_CHEST[1] * rows), max(0, cut - 1) : cut + 1]
    if np.count_nonzero(chest) <= _WHOLE * chest.size:
        return False
    top = np.where(part.any(axis=0), part.argmax(axis=0), rows)
    return bool(top[cut] - max(top[:cut].min(), top[cut:].min()) < _BETWEEN_HEADS * rows)


def _smooth(heights: NDArray[np.int64]) -> Numbers:
    return np.convolve(heights, np.ones(3) / 3, mode="same")


def _valley(heights: Numbers, rows: int, deepest: float) -> int | None:
    """Return the column of the deepest valley between two peaks; None where none is so deep."""
    columns = len(heights)
    low, high = int(columns * _MARGIN), int(np.ceil(columns * (1 - _MARGIN)))
    if high - low < 1 or heights[low:high].min() >= deepest * heights.max():
        return None
    before = np.maximum.accumulate(heights)
    after = np.maximum.accumulate(heights[::-1])[::-1]
    lower_peak = np.minimum(before, after)
    depth = heights / np.maximum(lower_peak, 1e-6)
    depth[lower_peak < _PEAK * rows] = 1.0
    cut = low + int(np.argmin(depth[low:high]))
    return cut if depth[cut] < deepest else None


def _tight(part: NDArray[np.bool_], left: int, top: int, low: int, high: int) -> Rect:
    """Return the box of the columns low to high, without empty rows."""
    rows = np.flatnonzero(part[:, low:high].any(axis=1))
    return left + low, top + int(rows[0]), left + high, top + int(rows[-1]) + 1


def apart(mask: Mask, rect: Rect, stature: Stature) -> list[Rect]:
    """Return the boxes of the people in one blob: one before the other, each perhaps several side by side."""
    return [person for box in _before_and_behind(mask, rect, stature) for person in side_by_side(mask, box)]


def _before_and_behind(mask: Mask, rect: Rect, stature: Stature) -> list[Rect]:
    """Cut a blob too tall for one person above the head of the nearer one; who is behind has the feet hidden."""
    usual, foot = stature.usual(rect[3]), stature.foot(rect[1])
    if usual is None or foot is None or not stature.too_tall(rect) or rect[2] - rect[0] > _WIDEST * usual:
        return [rect]
    left, top, right, bottom = (int(value) for value in rect)
    cut = max(top + 1, round(bottom - usual))
    part = mask[top:bottom, left:right] > 0
    if not part[: cut - top].any() or not part[cut - top :].any():
        return [rect]
    far = _columns(part[: cut - top], left, top)
    near = _columns(part[cut - top :], left, cut)
    return [(far[0], far[1], far[2], min(foot, far[3] + usual, rect[3])), near]


def _columns(part: NDArray[np.bool_], left: int, top: int) -> Rect:
    """Return the box of what is in a part of a mask, whose first pixel is at `left`, `top`."""
    filled = np.flatnonzero(part.any(axis=0))
    return _tight(part, left, top, int(filled[0]), int(filled[-1]) + 1)
