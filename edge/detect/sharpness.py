"""How sharp a picture is, whatever is in it and however bright: its finest steps against its coarse ones."""

import cv2
import numpy as np

from edge.model.scene import Plane

_LINES = 48
_FINE_OF = 640
_COARSE = 8
_POWER = 4
"""Strong edges decide: noise and compression are in the weak ones."""
_LEVELS = np.arange(256, dtype=np.float64) ** _POWER


def sharpness(luma: Plane) -> float:
    """Return the ratio of fine to coarse steps along some lines: near 1 in focus, 0.2 and less far out of it."""
    lines = np.ascontiguousarray(luma[:: max(1, luma.shape[0] // _LINES)])
    fine = max(1, round(luma.shape[1] / _FINE_OF))
    ratio = _strength(lines, fine) / max(_strength(lines, fine * _COARSE), 1.0)
    return float(ratio ** (1 / _POWER))


def _strength(lines: Plane, apart: int) -> float:
    steps = cv2.absdiff(lines[:, apart:], lines[:, :-apart])
    counts = np.asarray(cv2.calcHist([steps], [0], None, [256], [0, 256])).ravel()
    return float(counts @ _LEVELS) / steps.size
