"""How size grows with the row where somebody stands: a straight line through many, of whom some are wrong."""

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 4
_LEAST_SPREAD = 0.5
"""Samples less spread than this share of a height tell no perspective."""
_NEAR = 0.03
_NO_PERSPECTIVE = 0.01
"""Rulers whose rows are no further apart tell none."""
_SMALLEST = 0.2
"""Beyond the far ruler nobody is smaller than this share of the smaller one."""

Samples = NDArray[np.float64]
"""(n, 2): the feet's row and the height, both in the same unit."""


def fit_heights(samples: Samples, least_spread: float = _LEAST_SPREAD) -> tuple[float, float]:
    """Return slope and height at row 0 of the line that leaves outliers out; who is nearer is never smaller.

    Where the rows spread less than `least_spread` of the middle height, the line is level.
    """
    foot, height = samples.T
    middle = float(np.median(height))
    if float(np.std(foot)) < least_spread * middle:
        return 0.0, middle
    weight = np.ones(len(foot))
    slope = level = 0.0
    for _ in range(_ROUNDS):
        total = weight.sum()
        mean_foot, mean_height = float(weight @ foot / total), float(weight @ height / total)
        away = foot - mean_foot
        slope = max(0.0, float((weight * away) @ (height - mean_height)) / max(1e-6, float((weight * away) @ away)))
        level = mean_height - slope * mean_foot
        miss = np.abs(height - slope * foot - level) / middle
        weight = 1.0 / np.maximum(miss, _NEAR)
    return slope, level


def height_between(far: tuple[float, float], near: tuple[float, float], row: float) -> float:
    """Return how tall a standing person is with the feet at a row, given two rulers: the feet's row and the height."""
    span = near[0] - far[0]
    if span < _NO_PERSPECTIVE:
        return (far[1] + near[1]) / 2
    height = far[1] + (row - far[0]) / span * (near[1] - far[1])
    return max(height, _SMALLEST * min(far[1], near[1]))
