"""From a mask to blobs: what hangs together, in pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Mask

Rects = NDArray[np.float64]
"""(n, 4): left, top, right, bottom in pixels, right and bottom exclusive."""

Rect = tuple[float, float, float, float]
"""The same for one."""

_MAJORITY = 110
_FLAT = 0.12
_MUCH = 0.3
_WIDE = 0.65
_JOIN = np.ones((5, 3), np.uint8)


def clean(mask: Mask) -> Mask:
    """Drop single pixels, then close small gaps, rather upwards than sideways: people stand."""
    if not cv2.countNonZero(mask):
        return mask
    cv2.blur(mask, (3, 3), mask)
    cv2.threshold(mask, _MAJORITY, 255, cv2.THRESH_BINARY, mask)
    if not cv2.countNonZero(mask):
        return mask
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _JOIN), np.uint8)


def blobs(mask: Mask, least_area: float) -> Rects:
    """Return the boxes of all that is large enough, without what hangs on to them at a side and is flat.

    A waving tape or a kerb in changing light would otherwise make who walks by as wide as itself.
    """
    if not cv2.countNonZero(mask):
        return np.empty((0, 4))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = [
        _trimmed(mask, x, y, x + width, y + height)
        for x, y, width, height in map(cv2.boundingRect, contours)
        if width * height >= least_area
    ]
    return np.array(found, np.float64).reshape(-1, 4)


def _trimmed(mask: Mask, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
    if right - left < _WIDE * (bottom - top):
        return left, top, right, bottom
    part = mask[top:bottom, left:right]
    filled = cv2.reduce(part, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0]
    body = np.flatnonzero(filled > 255 * _FLAT * (bottom - top))
    low, high = int(body[0]), int(body[-1]) + 1
    if right - left - (high - low) < _MUCH * (right - left):
        return left, top, right, bottom
    rows = np.flatnonzero(part[:, low:high].any(axis=1))
    return left + low, top + int(rows[0]), left + high, top + int(rows[-1]) + 1
