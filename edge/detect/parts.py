"""Which blobs belong to which known object: pieces are joined, what has run together is taken apart.

All boxes are rows of left, top, right, bottom in pixels.
"""

import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Mask
from edge.detect.blobs import Rects

Found = tuple[tuple[float, float, float, float], float]
"""A box and how far it is to be believed: 1 where it was seen alone, less where it was taken out of a crowd."""

_BELONGS = 0.5
_SHARED = 0.5


def found(mask: Mask, rects: Rects, known: Rects, least_area: float) -> list[Found]:
    """Return the objects' boxes."""
    result: list[Found] = []
    for blob_rows, known_rows in _groups(rects, known):
        pieces, objects = rects[blob_rows], known[known_rows]
        if len(objects) == 0:
            result += [(_row(box), 1.0) for box in _stacked(pieces)]
        elif len(objects) == 1:
            result += _one(pieces, objects[0])
        else:
            result += _several(mask, pieces, objects, least_area)
    return result


def _overlap(first: Rects, second: Rects) -> NDArray[np.float64]:
    """Return the common area of each pair, as a share of the smaller box."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    return np.asarray(common / np.maximum(np.minimum(_area(first)[:, None], _area(second)[None, :]), 1e-9))


def _area(rects: Rects) -> NDArray[np.float64]:
    return np.asarray((rects[:, 2] - rects[:, 0]) * (rects[:, 3] - rects[:, 1]))


def _groups(rects: Rects, known: Rects) -> list[tuple[list[int], list[int]]]:
    """Return which blobs and known objects hang together, as row numbers."""
    links = _overlap(rects, known) > _BELONGS / 2
    open_blobs = set(range(len(rects)))
    groups = []
    while open_blobs:
        blobs, objects = {open_blobs.pop()}, set[int]()
        todo = list(blobs)
        while todo:
            for column in np.flatnonzero(links[todo.pop()]).tolist():
                if column not in objects:
                    objects.add(column)
                    more = set(np.flatnonzero(links[:, column]).tolist()) - blobs
                    blobs |= more
                    todo += list(more)
        open_blobs -= blobs
        groups.append((sorted(blobs), sorted(objects)))
    return groups


def _row(box: NDArray[np.float64]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def _hull(rects: Rects) -> NDArray[np.float64]:
    return np.concatenate((rects[:, :2].min(axis=0), rects[:, 2:].max(axis=0)))


def _stacked(pieces: Rects) -> Rects:
    """Join pieces that lie above one another with a small gap."""
    boxes = list(pieces)
    joined = True
    while joined and len(boxes) > 1:
        joined = False
        for first in range(len(boxes)):
            for second in range(first + 1, len(boxes)):
                if not joined and _one_above_the_other(boxes[first], boxes[second]):
                    boxes[first] = _hull(np.array([boxes[first], boxes[second]]))
                    del boxes[second]
                    joined = True
                    break
    return np.array(boxes).reshape(-1, 4)


def _one_above_the_other(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    common = min(first[2], second[2]) - max(first[0], second[0])
    gap = max(first[1], second[1]) - min(first[3], second[3])
    width = min(first[2] - first[0], second[2] - second[0])
    height = max(first[3] - first[1], second[3] - second[1])
    return bool(common > 0.5 * width and gap < 0.3 * height)


def _one(pieces: Rects, known: NDArray[np.float64]) -> list[Found]:
    """Join the pieces of one known object; what lies mostly outside of it is another's."""
    size = known[2:] - known[:2]
    wide = np.concatenate((known[:2] - 0.25 * size, known[2:] + 0.25 * size))
    low = np.maximum(pieces[:, :2], wide[:2])
    high = np.minimum(pieces[:, 2:], wide[2:])
    inside = np.prod(np.clip(high - low, 0, None), axis=1) / np.maximum(_area(pieces), 1e-9)
    own = (inside > _BELONGS) | (np.arange(len(pieces)) == np.argmax(np.prod(np.clip(high - low, 0, None), axis=1)))
    rest = pieces[~own]
    return [(_row(_hull(pieces[own])), 1.0), *((_row(box), 1.0) for box in _stacked(rest))]


def _several(mask: Mask, pieces: Rects, known: Rects, least_area: float) -> list[Found]:
    """Take apart what has run together: each foreground pixel goes to the known object it lies in most centrally."""
    left, top, right, bottom = _hull(pieces).astype(int).tolist()
    rows, columns = np.nonzero(mask[top:bottom, left:right])
    if len(rows) == 0:
        return []
    x, y = columns + left + 0.5, rows + top + 0.5
    center, half = (known[:, :2] + known[:, 2:]) / 2, np.maximum((known[:, 2:] - known[:, :2]) / 2, 1.0)
    away = ((x[:, None] - center[:, 0]) / half[:, 0]) ** 2 + ((y[:, None] - center[:, 1]) / half[:, 1]) ** 2
    owner = np.argmin(away, axis=1)
    hull = (left, top, right, bottom)
    result: list[Found] = []
    for index, box in enumerate(known):
        own = owner == index
        if np.count_nonzero(own) < max(4.0, 0.1 * least_area):
            continue
        result.append((_aligned(box, known, index, hull, (x[own], y[own])), _SHARED))
    return result


def _aligned(
    box: NDArray[np.float64],
    known: Rects,
    index: int,
    hull: tuple[int, int, int, int],
    pixels: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[float, float, float, float]:
    """Move an expected box, its size kept, to the edges of its crowd that are its own."""
    shift = np.zeros(2)
    for axis in (0, 1):
        size = box[axis + 2] - box[axis]
        low, high = np.percentile(pixels[axis], (1, 99))
        moves = []
        if index == int(np.argmin(known[:, axis])):
            moves.append(low - box[axis])
        if index == int(np.argmax(known[:, axis + 2])):
            moves.append(high - box[axis + 2])
        if moves:
            shift[axis] = np.clip(min(moves, key=abs) if len(moves) > 1 else moves[0], -0.3 * size, 0.3 * size)
    left, top, right, bottom = hull
    del left, top, right, bottom
    return _row(box + np.concatenate((shift, shift)))
