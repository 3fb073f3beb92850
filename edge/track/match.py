"""Which detection is which object."""

import numpy as np
from numpy.typing import NDArray

from edge.track.motion import Numbers

Rows = NDArray[np.intp]

_FAR = 1e6
_OVERLAP_WEIGHT = 0.6
_SIZE_WEIGHT = 0.3


def costs(expected: Numbers, seen: Numbers, reach: Numbers) -> Numbers:
    """Return what it costs to take each detection (column) for each object (row); 1 and more is out of the question.

    Both are rows of centre x, bottom y, width, height. `reach` is how far each object may be from where it is
    expected, in units of the frame's height.
    """
    away = np.hypot(expected[:, None, 0] - seen[None, :, 0], _middle(expected)[:, None] - _middle(seen)[None, :])
    near = away / reach[:, None]
    overlap = _overlap(expected, seen)
    ratio = np.abs(np.log((expected[:, None, 3] + 1e-6) / (seen[None, :, 3] + 1e-6)))
    cost = near * (1 - _OVERLAP_WEIGHT) + (1 - overlap) * _OVERLAP_WEIGHT * 0.8 + _SIZE_WEIGHT * ratio * 0.3
    return np.asarray(np.where((near < 1.0) | (overlap > 0.3), np.minimum(cost, 0.99), _FAR))  # noqa: PLR2004


def assign(cost: Numbers) -> tuple[Rows, Rows]:
    """Return pairs of rows and columns: again and again those that are each other's best."""
    rows: list[Rows] = []
    columns: list[Rows] = []
    left = np.array(cost)
    while left.size:
        best_column = left.argmin(axis=1)
        best_row = left.argmin(axis=0)
        row = np.flatnonzero((best_row[best_column] == np.arange(len(left))))
        row = row[left[row, best_column[row]] < 1.0]
        if not len(row):
            break
        column = best_column[row]
        rows.append(row)
        columns.append(column)
        left[row, :] = _FAR
        left[:, column] = _FAR
    empty = np.zeros(0, np.intp)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *columns])


def _middle(boxes: Numbers) -> Numbers:
    return np.asarray(boxes[:, 1] - boxes[:, 3] / 2)


def _overlap(first: Numbers, second: Numbers) -> Numbers:
    """Return the share of each pair's common area in their joint area."""
    across = np.minimum(first[:, None, 0] + first[:, None, 2] / 2, second[None, :, 0] + second[None, :, 2] / 2)
    across = across - np.maximum(first[:, None, 0] - first[:, None, 2] / 2, second[None, :, 0] - second[None, :, 2] / 2)
    down = np.minimum(first[:, None, 1], second[None, :, 1])
    down = down - np.maximum(first[:, None, 1] - first[:, None, 3], second[None, :, 1] - second[None, :, 3])
    common = np.clip(across, 0, None) * np.clip(down, 0, None)
    joint = (first[:, 2] * first[:, 3])[:, None] + (second[:, 2] * second[:, 3])[None, :] - common
    return np.asarray(common / np.maximum(joint, 1e-9))
