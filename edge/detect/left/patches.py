"""Patches of a mask: what hangs together, or lies close by and came at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.detect.left.judge import MARGIN
from edge.detect.left.look import Look, Where

_CLOSE = np.ones((5, 5), np.uint8)
_MOST = 60
_NEAR = 0.3
_THIN = 0.3
_DENSE = 0.35
_LEAST_THICK = 3.0
_TOGETHER_TENTHS = 10
_CRUMB = 0.2
"""What is smaller than this share of the largest piece that is left of a patch goes with what has gone."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of the picture: rows and columns with a margin, where in them it is, and its tight box in pixels.

    `core` are the pixels of it that differ from the background; `since` is since when most of those have stood, in
    tenths of a second.
    """

    cut: tuple[slice, slice]
    mask: Where
    core: Where
    box: tuple[int, int, int, int]
    since: int
    area: int

    @property
    def height(self) -> int:
        """Rows of the tight box."""
        return self.box[3] - self.box[1]

    @property
    def filled(self) -> float:
        """Share of the tight box that it fills."""
        return self.area / max(1, self.height * (self.box[2] - self.box[0]))


def patches(mask: Where, since: NDArray[np.int32], least: float) -> list[Patch]:
    """Return the patches of at least `least` pixels in their longer side that are no slivers."""
    closed = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _CLOSE), np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    single = [_patch([contour], mask, since) for contour in sorted(contours, key=len, reverse=True)[:_MOST]]
    groups: list[list[int]] = []
    for index, patch in enumerate(single):
        group = next((each for each in groups if any(_belong(single[other], patch) for other in each)), None)
        if group is None:
            groups.append([index])
        else:
            group.append(index)
    ordered = sorted(contours, key=len, reverse=True)
    whole = [
        single[group[0]] if len(group) == 1 else _patch([ordered[index] for index in group], mask, since)
        for group in groups
    ]
    return [each for each in whole if max(each.height, each.box[2] - each.box[0]) >= least and _is_solid(each)]


def _is_solid(patch: Patch) -> bool:
    """Tell whether a patch is no mere sliver, as what has been moved a little leaves at its sides, and no mere dust."""
    if np.count_nonzero(patch.core) < _DENSE * patch.area:
        return False
    thick = 2.0 * float(cv2.distanceTransform(patch.mask, cv2.DIST_L2, 3).max()) - 1.0
    return thick >= max(_LEAST_THICK, _THIN * max(patch.height, patch.box[2] - patch.box[0]))


def _belong(one: Patch, other: Patch) -> bool:
    """Tell whether two patches came together and lie close to one another, for their size."""
    if abs(one.since - other.since) > _TOGETHER_TENTHS:
        return False
    gap = max(
        one.box[0] - other.box[2], other.box[0] - one.box[2], one.box[1] - other.box[3], other.box[1] - one.box[3]
    )
    return gap <= _NEAR * min(max(one.height, one.box[2] - one.box[0]), max(other.height, other.box[2] - other.box[0]))


def _patch(contours: Sequence[MatLike], static: Where, since: NDArray[np.int32]) -> Patch:
    boxes = [cv2.boundingRect(contour) for contour in contours]
    left, top = min(each[0] for each in boxes), min(each[1] for each in boxes)
    right, bottom = max(each[0] + each[2] for each in boxes), max(each[1] + each[3] for each in boxes)
    low = max(0, left - MARGIN), max(0, top - MARGIN)
    cut = np.s_[low[1] : min(static.shape[0], bottom + MARGIN), low[0] : min(static.shape[1], right + MARGIN)]
    mask = np.zeros((cut[0].stop - cut[0].start, cut[1].stop - cut[1].start), np.uint8)
    cv2.drawContours(mask, contours, -1, 255, cv2.FILLED, offset=(-low[0], -low[1]))
    core = np.asarray(cv2.bitwise_and(mask, static[cut]), np.uint8)
    times = since[cut][core > 0]
    middle = int(np.partition(times, len(times) // 2)[len(times) // 2]) if len(times) else 0
    return Patch(cut, mask, core, (left, top, right, bottom), middle, int(np.count_nonzero(mask)))


def joined(one: Patch, other: Patch, shape: tuple[int, ...], since: NDArray[np.int32]) -> Patch:
    """Return two patches as one."""
    mask, core = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for each in (one, other):
        mask[each.cut] |= each.mask
        core[each.cut] |= each.core
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return _patch(contours, core, since)


def without(patch: Patch, bare: Where) -> Patch:
    """Return what is left of a patch when a part of it (cut out as the patch is) has gone; crumbs go with it."""
    core = np.asarray(cv2.bitwise_and(patch.core, cv2.bitwise_not(bare * np.uint8(255))), np.uint8)
    closed = cv2.morphologyEx(core, cv2.MORPH_CLOSE, _CLOSE)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    sizes = [cv2.contourArea(each) + len(each) / 2 for each in contours]
    kept = [each for each, size in zip(contours, sizes, strict=True) if size >= _CRUMB * max(sizes)]
    mask = np.zeros_like(core)
    cv2.drawContours(mask, kept, -1, 255, cv2.FILLED)
    left, top, width, height = cv2.boundingRect(mask)
    left, top = left + patch.cut[1].start, top + patch.cut[0].start
    box = (left, top, left + width, top + height)
    return Patch(patch.cut, mask, core & mask, box, patch.since, int(np.count_nonzero(mask)))


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Return the share of two boxes' union that both cover."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0, across) * max(0, down)
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (one, other)]
    return both / max(1, sum(areas) - both)


def spread(foreign: Where, patch: Patch) -> float:
    """Return how much larger what stands out in the picture is than the patch it hangs together with.

    A thing is seen whole: about 1. Of a person who stands only parts are ever quite still.
    """
    height, width = patch.box[3] - patch.box[1], patch.box[2] - patch.box[0]
    reach = max(height, width) + MARGIN
    top, left = max(0, patch.box[1] - reach), max(0, patch.box[0] - reach)
    around = foreign[top : patch.box[3] + reach, left : patch.box[2] + reach]
    _, labels = cv2.connectedComponents(np.ascontiguousarray(around), connectivity=8)
    rows, columns = np.nonzero(patch.mask)
    own = labels[rows + patch.cut[0].start - top, columns + patch.cut[1].start - left]
    touched = np.bincount(own, minlength=1)
    touched[0] = 0
    wanted = np.flatnonzero(touched)
    whole = int(np.isin(labels, wanted).sum()) if len(wanted) else 0
    return whole / (patch.area + 2.0 * (height + width))


def crop(look: Look, patch: Patch) -> Look:
    """Return the part of a picture that a patch is cut out of."""
    return look[patch.cut]
