"""Which detection is which object.

Boxes are rows of centre x, bottom y, width, height in units of the frame's height.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.track.motion import Motion, Numbers

Rows = NDArray[np.intp]
Pairs = tuple[Rows, Rows]

_TOO_FAR = 1.0
"""A pair of this cost or more is out of the question."""
_REACH = 0.6
_LEAST_REACH = 0.03
_REACH_PER_S = 0.25
_NEW_REACH = 1.5
_FAST_REACH = 2.0
_FAST_ALIKE = 0.5
_OVERLAP_WEIGHT = 0.5
_PLACE_WEIGHT = 0.4
_SIZE_WEIGHT = 0.1
_OVERLAPS = 0.3
_YOUNG_COST = 0.005
_SEEN_TWICE = 2
_PROVEN = 3
_SURE = 0.9
_COLOUR_WEIGHT = 0.3
_OTHER_COLOURS = 70.0
"""Grey levels at which nothing is alike any more."""
_UNKNOWN_COLOURS = 0.3
_LEVEL = 0.25
_AS_TALL = 0.7
_OUT_S = 0.5
_BREAK_S = 0.25
_TALLER = 0.5
"""Difference of logarithms."""
_SLIMMER = 0.75


def match(
    motion: Motion,
    seen: Numbers,
    recognised: Sequence[tuple[int, int]],
    unlike: Numbers,
    stream_s: float,
    aspect: float = math.inf,
    doubtful: NDArray[np.bool_] | None = None,
) -> Pairs:
    """Return pairs of an object's row and a detection's column; `recognised` are those known beforehand.

    `aspect` is the frame's width over its height: who has walked out of the frame does not come back in at once.
    Those in `doubtful` are no more than candidates: after a break they go on as what is about as tall only.
    What is new and left over is matched once more, further away: nobody knows yet how fast it moves.
    """
    expected = motion.expected(stream_s)
    hidden_s = np.maximum(stream_s - motion.seen_s, 0.0)
    reach = np.maximum(_REACH * expected[:, 3], _LEAST_REACH) + _REACH_PER_S * expected[:, 3] * hidden_s
    reach = np.where(motion.hits < _SEEN_TWICE, reach * _NEW_REACH, reach)
    cost = costs(expected, seen, reach)
    cost = np.where(cost < _TOO_FAR, np.minimum(cost + _COLOUR_WEIGHT * unlike, 0.99 * _TOO_FAR), cost)
    cost[(hidden_s > _OUT_S) & ((expected[:, 0] < 0.0) | (expected[:, 0] > aspect))] = _TOO_FAR
    if doubtful is not None:
        broken = np.flatnonzero(doubtful & (hidden_s > _BREAK_S) & (motion.hits >= _PROVEN))
        taller = np.abs(np.log((expected[broken, None, 3] + 1e-6) / (seen[None, :, 3] + 1e-6)))
        cost[broken] = np.where(taller > _TALLER, _TOO_FAR, cost[broken])
    cost += np.where(motion.hits < _PROVEN, _YOUNG_COST, 0.0)[:, None]
    for row, column in recognised:
        cost[row, :] = cost[:, column] = _TOO_FAR
        cost[row, column] = 0.0
    rows, columns = assign(cost)
    more_rows, more_columns = _match_fast(motion, expected, seen, (rows, columns), stream_s)
    return np.concatenate((rows, more_rows)), np.concatenate((columns, more_columns))


def _match_fast(motion: Motion, expected: Numbers, seen: Numbers, taken: Pairs, stream_s: float) -> Pairs:
    free_rows = np.setdiff1d(np.flatnonzero(motion.hits < _SEEN_TWICE), taken[0])
    free_columns = np.setdiff1d(np.arange(len(seen)), taken[1])
    if not len(free_rows) or not len(free_columns):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    first, second = expected[free_rows], seen[free_columns]
    elapsed_s = np.maximum(stream_s - motion.seen_s[free_rows], 0.0)
    reach = _FAST_REACH * first[:, 2:].max(axis=1) * np.minimum(elapsed_s / 0.2, 1.0)
    cost = costs(first, second, reach + 1e-6)
    ratio = np.log((first[:, None, 2:] + 1e-6) / (second[None, :, 2:] + 1e-6))
    cost[(np.abs(ratio) > _FAST_ALIKE).any(axis=2)] = _TOO_FAR
    rows, columns = assign(cost)
    return free_rows[rows], free_columns[columns]


def divided(expected: Numbers, seen: Numbers, pairs: Pairs, believed: Numbers) -> NDArray[np.bool_]:
    """Tell which pairs are an object of which two were seen: one as tall beside it, within where it was expected."""
    rows, columns = pairs
    fresh = np.ones(len(seen), bool)
    fresh[columns] = False
    fresh &= believed > _SURE
    boxes, others = expected[rows], seen[fresh]
    across = np.abs(others[None, :, 0] - boxes[:, None, 0]) < boxes[:, None, 2] / 2
    down = np.abs(_middle(others)[None, :] - _middle(boxes)[:, None]) < boxes[:, None, 3] * _LEVEL
    tall = others[None, :, 3] > _AS_TALL * boxes[:, None, 3]
    own = seen[columns]
    slim = (own[:, 2] < _SLIMMER * boxes[:, 2]) & (own[:, 3] > _AS_TALL * boxes[:, 3])
    return np.asarray(slim & (across & down & tall).any(axis=1))


def unlikeness(worn: Sequence[tuple[float, ...]], seen: Sequence[tuple[float, ...]]) -> Numbers:
    """Return for each object and detection how much their colours differ: 0 to 1, a middle value where not known."""
    unlike = np.full((len(worn), len(seen)), _UNKNOWN_COLOURS)
    rows, columns = [i for i, each in enumerate(worn) if each], [j for j, each in enumerate(seen) if each]
    if rows and columns:
        first, second = np.array([worn[i] for i in rows]), np.array([seen[j] for j in columns])
        away = np.sqrt(np.mean((first[:, None, :] - second[None, :, :]) ** 2, axis=2))
        unlike[np.ix_(rows, columns)] = np.minimum(away / _OTHER_COLOURS, 1.0)
    return unlike


def costs(expected: Numbers, seen: Numbers, reach: Numbers) -> Numbers:
    """Return what it costs to take each detection (column) for each object (row).

    `reach` is how far each object may be from where it is expected, in units of the frame's height. Only pairs that can
    be near enough are worked out: with many objects they are few.
    """
    cost = np.full((len(expected), len(seen)), _TOO_FAR)
    if not cost.size:
        return cost
    across, down = np.maximum(reach, expected[:, 2]), np.maximum(reach, expected[:, 3])
    middle, other = _middle(expected), _middle(seen)
    close = np.abs(expected[:, None, 0] - seen[None, :, 0]) < across[:, None]
    close &= np.abs(middle[:, None] - other[None, :]) < down[:, None]
    rows, columns = np.nonzero(close)
    first, second = expected[rows], seen[columns]
    near = np.hypot(first[:, 0] - second[:, 0], middle[rows] - other[columns]) / reach[rows]
    overlap = _overlap(first, second)
    size = _size_change(first, second)[:, 1]
    each = _PLACE_WEIGHT * near + _OVERLAP_WEIGHT * (1 - overlap) + _SIZE_WEIGHT * size
    possible = (near < 1.0) | (overlap > _OVERLAPS)
    cost[rows, columns] = np.where(possible, np.minimum(each, 0.99 * _TOO_FAR), _TOO_FAR)
    return cost


def assign(cost: Numbers) -> Pairs:
    """Return pairs of rows and columns: again and again those that are each other's best."""
    rows: list[Rows] = [np.zeros(0, np.intp)]
    columns: list[Rows] = [np.zeros(0, np.intp)]
    left = cost.copy()
    while left.size:
        best_column, best_row = left.argmin(axis=1), left.argmin(axis=0)
        row = np.flatnonzero(best_row[best_column] == np.arange(len(left)))
        row = row[left[row, best_column[row]] < _TOO_FAR]
        if not len(row):
            break
        rows.append(row)
        columns.append(best_column[row])
        left[row, :] = _TOO_FAR
        left[:, best_column[row]] = _TOO_FAR
    return np.concatenate(rows), np.concatenate(columns)


def _middle(boxes: Numbers) -> Numbers:
    return np.asarray(boxes[:, 1] - boxes[:, 3] / 2)


def _size_change(first: Numbers, second: Numbers) -> Numbers:
    """Return how much width and height differ in each row, as absolute logarithms."""
    return np.asarray(np.abs(np.log((first[:, 2:] + 1e-6) / (second[:, 2:] + 1e-6))))


def _overlap(first: Numbers, second: Numbers) -> Numbers:
    """Return the common area as a share of the joint area, row by row."""
    half, other = first[:, 2] / 2, second[:, 2] / 2
    right = np.minimum(first[:, 0] + half, second[:, 0] + other)
    left = np.maximum(first[:, 0] - half, second[:, 0] - other)
    bottom = np.minimum(first[:, 1], second[:, 1])
    top = np.maximum(first[:, 1] - first[:, 3], second[:, 1] - second[:, 3])
    common = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
    joint = first[:, 2] * first[:, 3] + second[:, 2] * second[:, 3] - common
    return np.asarray(common / np.maximum(joint, 1e-9))
