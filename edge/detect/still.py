"""How long each pixel has stood still, so that what stays becomes background at last, and ghosts at once."""

import cv2
import numpy as np

from edge.detect.background import Mask
from edge.model.scene import Plane

TICK_S = 0.5
_SAME = 12
_UNKNOWN_S = 15.0
_KNOWN_S = 120.0
_GHOST_S = 2.0
_GHOST_SHARE = 0.7
_GHOST_EDGE = 0.6
_LEAST_EDGE = 12.0
_MOST_TICKS = 254

_LIMITS = np.full(256, _KNOWN_S / TICK_S, np.uint8)
"""Ticks by what is in the mask `free`."""
_LIMITS[255] = _UNKNOWN_S / TICK_S


class Stillness:
    """Counts ticks of half a second for which a foreground pixel has not changed."""

    def __init__(self) -> None:
        self._last: Plane | None = None
        self._ticks = np.zeros((0, 0), np.uint8)
        self._next_s = 0.0

    def due(self, stream_s: float) -> bool:
        """Tell whether it is time for the next tick."""
        if stream_s < self._next_s:
            return False
        self._next_s = stream_s + TICK_S * 0.95
        return True

    def tick(self, luma: Plane, mask: Mask, free: Mask) -> Mask:
        """Take in a picture and return where it has stood still for too long; `free` is where no known object is."""
        if self._last is None or self._last.shape != luma.shape or not cv2.countNonZero(mask):
            self._ticks = np.zeros(luma.shape, np.uint8)
        else:
            _, same = cv2.threshold(cv2.absdiff(luma, self._last), _SAME, 255, cv2.THRESH_BINARY_INV)
            same = cv2.bitwise_and(same, mask)
            _, ticks = cv2.threshold(self._ticks, _MOST_TICKS, _MOST_TICKS, cv2.THRESH_TRUNC)
            self._ticks = np.asarray(cv2.bitwise_and(ticks + np.uint8(1), same), np.uint8)
        self._last = luma.copy()
        return np.asarray(cv2.compare(self._ticks, cv2.LUT(free, _LIMITS), cv2.CMP_GE), np.uint8)

    def stands(self, mask: Mask, top: int, bottom: int, left: int, right: int) -> bool:
        """Tell whether a part of the mask has stood still for a while."""
        part = mask[top:bottom, left:right] > 0
        still = self._ticks[top:bottom, left:right] >= _GHOST_S / TICK_S
        return bool(int(np.count_nonzero(still & part)) >= _GHOST_SHARE * max(1, int(np.count_nonzero(part))))


def is_ghost(mask: Mask, luma: Plane, background: Plane) -> bool:
    """Tell whether a still blob is only a hole in the background.

    Where something stands, the picture has an edge around it; where something has left, the background has.
    The three are cut out around the blob.
    """
    ring = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    now, before = _edge(luma, np.asarray(ring, np.uint8)), _edge(background, np.asarray(ring, np.uint8))
    return before >= _LEAST_EDGE and now < _GHOST_EDGE * before


def _edge(plane: Plane, ring: Mask) -> float:
    """Return the mean strength of the edges on a ring, in grey levels."""
    gradient = cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return float(np.mean(gradient[ring > 0])) if cv2.countNonZero(ring) else 0.0
