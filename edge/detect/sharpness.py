"""How sharp a picture is, whatever is in it and however bright: its finest steps against its coarse ones."""

import cv2
import numpy as np

from edge.detect.hidden import Hidden
from edge.model.scene import Plane

_LINES = 48
_FINE_OF = 640
_COARSE = 8
_POWER = 4
"""Strong edges decide: noise and compression are in the weak ones."""
_LEVELS = np.arange(256, dtype=np.float64) ** _POWER


def sharpness(luma: Plane, hidden: Hidden) -> float:
    """Return the ratio of fine to coarse steps along some lines: near 1 in focus, 0.2 and less far out of it."""
    apart = max(1, luma.shape[0] // _LINES)
    lines = np.ascontiguousarray(luma[::apart])
    seen = np.ascontiguousarray(hidden.open(luma.shape[1], luma.shape[0])[::apart]) if hidden else None
    fine = max(1, round(luma.shape[1] / _FINE_OF))
    ratio = _strength(lines, seen, fine) / max(_strength(lines, seen, fine * _COARSE), 1.0)
    return float(ratio ** (1 / _POWER))


def _strength(lines: Plane, seen: Plane | None, apart: int) -> float:
    steps = cv2.absdiff(lines[:, apart:], lines[:, :-apart])
    counted = None if seen is None else cv2.bitwise_and(seen[:, apart:], seen[:, :-apart])
    counts = np.asarray(cv2.calcHist([steps], [0], counted, [256], [0, 256])).ravel()
    return float(counts @ _LEVELS) / max(1.0, float(counts.sum()))
