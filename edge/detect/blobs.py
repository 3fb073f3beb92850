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
_JOIN = np.ones((5, 3), np.uint8)


def clean(mask: Mask) -> Mask:
    """Drop single pixels, then close small gaps, rather upwards than sideways: people stand."""
    cv2.blur(mask, (3, 3), mask)
    cv2.threshold(mask, _MAJORITY, 255, cv2.THRESH_BINARY, mask)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _JOIN), np.uint8)


def blobs(mask: Mask, least_area: float) -> Rects:
    """Return the boxes of all that is large enough."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = [
        (x, y, x + width, y + height)
        for x, y, width, height in map(cv2.boundingRect, contours)
        if width * height >= least_area
    ]
    return np.array(found, np.float64).reshape(-1, 4)
