"""Which blobs belong to which known object: pieces are joined, what has run together is taken apart.

All boxes are rows of left, top, right, bottom in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Mask
from edge.detect.blobs import Rect, Rects, blobs
from edge.detect.looks import Canvas, Looks
from edge.detect.pairs import apart, side_by_side
from edge.detect.stature import Stature

_BELONGS = 0.5
_LINKED = 0.25
_AROUND = 0.25
_INSIDE = 0.7
_HALF = 0.75
_SLIMMEST = 0.27
"""Two people above one another are slimmer, as one shape, than one."""
_EDGE = 2.0
_BESIDE = 0.2
_AS_TALL = 0.6
_SLIM = 1.8
_MOST = 1.25
"""Pieces make an object at most so many times larger."""
_SHARED = 0.5
_PIECE = 0.7
"""Too little to be born from (see the tracker)."""
_ONE = 1.15
_REACH = 0.75
_REST = 0.8
_LEAST_REST_AREA = 0.3
_LEAST_REST_HEIGHT = 0.5
_CROWDED = (1.45, 1.4)
"""A blob so many times as wide or high as the one known object in it holds another."""


@dataclass(frozen=True, slots=True)
class Found:
    """A box and how far it is to be believed: 1 where it was seen alone, less where it was taken out of a crowd."""

    rect: Rect
    belief: float = 1.0
    key: int | None = None


def find(canvas: Canvas, rects: Rects, known: Rects, keys: Sequence[int], looks: Looks, least: float) -> list[Found]:
    """Return the objects' boxes; `known` and `keys` are the expected objects, `least` the area of the smallest."""
    looks.keep(keys)
    if not len(rects):
        return []
    result: list[Found] = []
    strange: list[int] = []
    for blob_rows, known_rows in _groups(rects, known):
        pieces, objects = rects[blob_rows], known[known_rows]
        own_keys = [keys[row] for row in known_rows]
        if len(objects) == 0:
            strange += blob_rows
        elif len(objects) == 1 and not (_crowded(pieces, objects[0], canvas) and looks.knows(own_keys[0])):
            result += _one(pieces, objects[0], own_keys[0], looks, canvas)
        elif _is_one(pieces, objects) and not looks.stature.too_tall(_rect(_hull(pieces))):
            result += [Found(_rect(_hull(pieces)), 1.0, min(own_keys))]
        else:
            result += _several(pieces, objects, own_keys, looks, canvas, least)
    return result + _new(rects[strange], looks, canvas)


def _groups(rects: Rects, known: Rects) -> list[tuple[list[int], list[int]]]:
    """Return which blobs and known objects hang together, as row numbers."""
    objects_of = [set[int]() for _ in range(len(rects))]
    blobs_of = [set[int]() for _ in range(len(known))]
    for blob, item in np.argwhere(_overlap(rects, known) > _LINKED).tolist():
        objects_of[blob].add(item)
        blobs_of[item].add(blob)
    open_blobs = set(range(len(rects)))
    groups = []
    while open_blobs:
        first = min(open_blobs)
        members, objects, todo = {first}, set[int](), [first]
        while todo:
            fresh = objects_of[todo.pop()] - objects
            objects |= fresh
            more = set[int]().union(*(blobs_of[item] for item in fresh)) - members
            members |= more
            todo += more
        open_blobs -= members
        groups.append((sorted(members), sorted(objects)))
    return groups


def _overlap(first: Rects, second: Rects) -> NDArray[np.float64]:
    """Return the common area of each pair, as a share of the smaller box."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    return np.asarray(common / np.maximum(np.minimum(_area(first)[:, None], _area(second)[None, :]), 1e-9))


def _area(rects: Rects) -> NDArray[np.float64]:
    return np.asarray((rects[:, 2] - rects[:, 0]) * (rects[:, 3] - rects[:, 1]))


def _rect(box: NDArray[np.float64]) -> Rect:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def _hull(rects: Rects) -> NDArray[np.float64]:
    return np.concatenate((rects[:, :2].min(axis=0), rects[:, 2:].max(axis=0)))


def _stacked(pieces: Rects, stature: Stature) -> list[Rect]:
    """Join pieces that lie above one another with a small gap."""
    boxes = [_rect(box) for box in pieces]
    index = 0
    while index < len(boxes):
        other = next((j for j in range(index + 1, len(boxes)) if _stack(boxes[index], boxes[j], stature)), None)
        if other is None:
            index += 1
        else:
            boxes[index] = _joined(boxes[index], boxes.pop(other))
            index = 0
    return boxes


def _stack(first: Rect, second: Rect, stature: Stature) -> bool:
    common = min(first[2], second[2]) - max(first[0], second[0])
    gap = max(first[1], second[1]) - min(first[3], second[3])
    width = min(first[2] - first[0], second[2] - second[0])
    height = max(first[3] - first[1], second[3] - second[1])
    return common > 0.5 * width and gap < 0.3 * height and not stature.too_tall(_joined(first, second))


def _joined(first: Rect, second: Rect) -> Rect:
    low = min(first[0], second[0]), min(first[1], second[1])
    return *low, max(first[2], second[2]), max(first[3], second[3])


def _crowded(pieces: Rects, known: NDArray[np.float64], canvas: Canvas) -> bool:
    """Tell whether the pieces are more than the one known object; what comes into the picture may grow, though."""
    hull = _hull(pieces)
    if _at_edge(hull, canvas):
        return False
    size, own = hull[2:] - hull[:2], known[2:] - known[:2]
    return bool(size[0] > _CROWDED[0] * own[0] or size[1] > _CROWDED[1] * own[1])


def _at_edge(hull: NDArray[np.float64], canvas: Canvas) -> bool:
    rows, columns = canvas.mask.shape
    return bool(hull[:2].min() < _EDGE or hull[2] > columns - _EDGE or hull[3] > rows - _EDGE)


def _one(pieces: Rects, known: NDArray[np.float64], key: int, looks: Looks, canvas: Canvas) -> list[Found]:
    """Join the pieces of one known object, as long as that makes it no larger than it was."""
    size = known[2:] - known[:2]
    low = np.maximum(pieces[:, :2], known[:2] - _AROUND * size)
    high = np.minimum(pieces[:, 2:], known[2:] + _AROUND * size)
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    order = np.argsort(-common, kind="stable").tolist()
    hull, rest = pieces[order[0]], []
    for row in order[1:]:
        joined = _hull(np.array([hull, pieces[row]]))
        inside = common[row] > _BELONGS * _area(pieces[row : row + 1])[0]
        if (
            inside
            and (joined[2:] - joined[:2] <= _MOST * size).all()
            and not (_beside(hull, pieces[row]) or looks.stature.too_tall(_rect(joined)))
        ):
            hull = joined
        else:
            rest.append(row)
    people = apart(canvas.mask, _rect(hull), looks.stature)
    if len(people) == 1:
        looks.take(key, people[0], canvas)
        if not _at_edge(hull, canvas):
            looks.stature.learn(key, people[0])
    return [*(Found(rect) for rect in people), *_new(pieces[rest], looks, canvas)]


def _is_one(pieces: Rects, known: Rects) -> bool:
    """Tell whether two known objects are the upper and lower half of one, that came out from behind something."""
    if len(known) != 2:  # noqa: PLR2004 - halves
        return False
    hull = _hull(pieces)
    size, heights = hull[2:] - hull[:2], known[:, 3] - known[:, 1]
    common = min(known[:, 2]) - max(known[:, 0])
    above = common > _BELONGS * min(known[:, 2] - known[:, 0])
    halves = heights.max() < _HALF * size[1] and heights.sum() < _MOST * size[1]
    return bool(above and halves and size[0] > _SLIMMEST * size[1])


def _beside(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Tell whether two pieces are two people: both tall and none over the other, or each as slim as a whole person."""
    common = min(first[2], second[2]) - max(first[0], second[0])
    heights = sorted((first[3] - first[1], second[3] - second[1]))
    narrow = min(first[2] - first[0], second[2] - second[0])
    wide = max(first[2] - first[0], second[2] - second[0])
    if heights[0] <= _AS_TALL * heights[1]:
        return False
    return bool(common < _BESIDE * narrow or heights[0] > _SLIM * wide)


def _new(pieces: Rects, looks: Looks, canvas: Canvas) -> list[Found]:
    """Return what belongs to no known object; what is far too small for a person is not believed to be a new one."""
    stature = looks.stature
    people = [rect for box in _stacked(pieces, stature) for rect in apart(canvas.mask, box, stature)]
    small = [stature.too_small(rect) and not _at_edge(np.array(rect), canvas) for rect in people]
    return [Found(rect, _PIECE if piece else 1.0) for rect, piece in zip(people, small, strict=True)]


def _several(
    pieces: Rects, known: Rects, keys: Sequence[int], looks: Looks, canvas: Canvas, least: float
) -> list[Found]:
    """Take apart what has run together: the known by their looks, nearest first; what is left over is new."""
    there = [looks.find_standing(key, canvas) for key in keys]
    people = [] if any(there) else _new(pieces, looks, canvas)
    if len(people) == len(known) > 1 and _one_each(people, known):
        return people
    result: list[Found] = []
    left, top, right, bottom = _hull(pieces).astype(int).tolist()
    rest = canvas.mask[top:bottom, left:right].copy()
    for row in sorted(_nearest_first(known), key=lambda each: there[each] is None):
        place = there[row]
        if place is None and looks.knows(keys[row]):
            place = looks.find(keys[row], _rect(known[row]), canvas)
        if place is not None:
            result.append(Found(place, _SHARED, keys[row]))
            _erase(rest, place, (left, top))
    if len(result) > 1 and _holds_one(pieces, known):
        del result[1:]
    others = _left_over(rest, (left, top), known, least)
    if len(known) == 1 and not others:
        return _one(pieces, known[0], keys[0], looks, canvas)
    return result + others


def _one_each(people: Sequence[Found], known: Rects) -> bool:
    """Tell whether a crowd can be told apart by its outline: as many people as are known, each as tall as one."""
    seen = np.array([each.rect for each in people])
    tall = seen[:, 3] - seen[:, 1] > _AS_TALL * (known[:, 3] - known[:, 1]).min()
    away = np.abs((seen[:, None, 0::2] - known[None, :, 0::2]).sum(axis=2) / 2)
    near = away < _REACH * (known[:, 2] - known[:, 0])[None, :]
    return bool(tall.all() and near.any(axis=0).all() and near.any(axis=1).all())


def _holds_one(pieces: Rects, known: Rects) -> bool:
    """Tell whether a crowd is no larger than one of the known objects in it: the others are hidden, or never were."""
    size = np.subtract(*np.split(_hull(pieces)[[2, 3, 0, 1]], 2))
    return bool((size <= _ONE * (known[:, 2:] - known[:, :2])).all(axis=1).any())


def _nearest_first(known: Rects) -> list[int]:
    """Return the rows in the order in which they hide one another: feet lower in the picture are nearer.

    A small one inside a large one comes last: it is more likely a piece of that than a child before it.
    """
    low = np.maximum(known[:, None, :2], known[None, :, :2])
    high = np.minimum(known[:, None, 2:], known[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    area = np.maximum(_area(known), 1e-9)
    inside = (common > _INSIDE * area[:, None]) & (area[:, None] < area[None, :] / 2)
    return [int(row) for row in np.lexsort((-known[:, 3], inside.any(axis=1)))]


def _left_over(rest: Mask, origin: tuple[int, int], known: Rects, least: float) -> list[Found]:
    """Return the large parts of a crowd that are nobody known."""
    smallest = max(least, _LEAST_REST_AREA * float(np.median(_area(known))))
    shortest = _LEAST_REST_HEIGHT * float(np.median(known[:, 3] - known[:, 1]))
    shift = np.array([*origin, *origin])
    return [
        Found(_rect(np.array(rect) + shift), _REST)
        for box in _stacked(blobs(rest, smallest), Stature())
        if box[3] - box[1] > shortest
        for rect in side_by_side(rest, box)
    ]


def _erase(mask: Mask, rect: Rect, origin: tuple[int, int]) -> None:
    """Empty a box, a little widened, of a mask whose first pixel is at `origin`."""
    wide = 0.15 * (rect[2] - rect[0])
    left, right = int(max(0, rect[0] - wide - origin[0])), int(max(0, rect[2] + wide - origin[0]))
    top, bottom = int(max(0, rect[1] - wide - origin[1])), int(max(0, rect[3] + wide - origin[1]))
    mask[top:bottom, left:right] = 0
