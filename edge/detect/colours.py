"""Which colours an object wears: six numbers by which it is told from its neighbours."""

import cv2
import numpy as np

from edge.detect.blobs import Rect
from edge.detect.looks import Canvas

_BANDS = ((0.15, 0.5), (0.5, 0.9))
"""Jacket and trousers: shares of the height from above."""
_CHROMA_WEIGHT = 3.0
_LEAST = 4


def colours(rect: Rect, canvas: Canvas) -> tuple[float, ...]:
    """Return brightness and the two chroma means of jacket and trousers, in grey levels; empty where too small."""
    left, top, right, bottom = _even(rect, canvas)
    found: list[float] = []
    for high, low in _BANDS:
        first = (top + int(high * (bottom - top))) // 2 * 2
        last = (top + int(low * (bottom - top)) + 1) // 2 * 2
        if right - left < _LEAST or last - first < _LEAST:
            return ()
        planes = canvas.cut(left, first, right, last)
        mask = canvas.mask[first:last, left:right]
        half = np.ascontiguousarray(mask[::2, ::2])
        if not cv2.countNonZero(half):
            return ()
        found.append(cv2.mean(planes[0], mask)[0])
        found += [_CHROMA_WEIGHT * cv2.mean(plane, half)[0] for plane in planes[1:]]
    return tuple(found)


def _even(rect: Rect, canvas: Canvas) -> tuple[int, int, int, int]:
    rows, columns = canvas.mask.shape
    left, top = max(0, int(rect[0]) // 2 * 2), max(0, int(rect[1]) // 2 * 2)
    return left, top, min(columns // 2 * 2, int(rect[2]) // 2 * 2), min(rows // 2 * 2, int(rect[3]) // 2 * 2)
