"""What each known object looks like, so that it can be found again in a crowd.

An object's look is taken whenever it is seen alone. Where several have run together, each is searched for near where it
is expected, the nearest to the camera first; what that one covers is not compared for those behind it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from edge.detect.background import Mask
from edge.detect.blobs import Rect
from edge.detect.scale import Small
from edge.detect.stature import Stature
from edge.model.scene import Plane

_SEARCH = (0.4, 0.15)
"""How far from where it is expected an object is searched for: shares of its width and height."""
_LEAST_PIXELS = (4, 3)
_LEAST_VISIBLE = 0.35
_LEAST_THERE = 0.5
_ON_FOREGROUND = 60.0
"""A pixel that should be foreground and is not weighs like so many grey levels."""
_CHROMA_WEIGHT = 2.0
_OFF_WEIGHT = 1000.0
_TOO_DIFFERENT = 7500.0
_SAME = 20
_SAME_SIZE = 1.15
_STILL_THERE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """An object cut out: where, its planes and which pixels are its own; all of even size."""

    rect: Rect
    planes: tuple[Plane, Plane, Plane]
    own: Mask


class Canvas:
    """One frame's planes in full size, cut out lazily, and which pixels are taken by objects already found."""

    def __init__(self, small: Small, mask: Mask) -> None:
        self._small = small
        self.mask = mask
        self.taken: Mask = np.zeros(mask.shape, np.uint8)

    def cut(self, left: int, top: int, right: int, bottom: int) -> tuple[Plane, Plane, Plane]:
        """Return a part of luma and half-size chroma; the bounds are even."""
        half = np.s_[top // 2 : bottom // 2, left // 2 : right // 2]
        return self._small.luma[top:bottom, left:right], self._small.chroma[0][half], self._small.chroma[1][half]


class Looks:
    """Remembers looks by the tracker's keys."""

    def __init__(self) -> None:
        self._looks: dict[int, Look] = {}
        self.standing: set[int] = set()
        self.stature = Stature()

    def __len__(self) -> int:
        return len(self._looks)

    def keep(self, keys: Collection[int]) -> None:
        """Forget the looks of objects that are not followed any more."""
        for key in self._looks.keys() - set(keys):
            del self._looks[key]

    def knows(self, key: int) -> bool:
        """Tell whether an object has been seen alone."""
        return key in self._looks

    def take(self, key: int, rect: Rect, canvas: Canvas) -> None:
        """Take the look of an object that is seen alone."""
        left, top, right, bottom = _even(rect, canvas.mask.shape)
        if right - left < 4 or bottom - top < 4:  # noqa: PLR2004 - nothing to be seen
            return
        before = self._looks.get(key)
        if key in self.standing and before is not None and not _about(before.rect, rect):
            return
        planes = canvas.cut(left, top, right, bottom)
        own = canvas.mask[top:bottom, left:right]
        self._looks[key] = Look(rect, (planes[0].copy(), planes[1].copy(), planes[2].copy()), own.copy())

    def find_standing(self, key: int, canvas: Canvas) -> Rect | None:
        """Return the place of one who stands, if it can still be seen just there; its pixels are then taken."""
        look = self._looks.get(key)
        if key not in self.standing or look is None:
            return None
        left, top, right, bottom = _even(look.rect, canvas.mask.shape)
        seen = canvas.cut(left, top, right, bottom)[0]
        _, same = cv2.threshold(cv2.absdiff(seen, look.planes[0]), _SAME, 255, cv2.THRESH_BINARY_INV)
        same = cv2.bitwise_and(cv2.bitwise_and(same, look.own), canvas.mask[top:bottom, left:right])
        if cv2.countNonZero(same) < _STILL_THERE * max(1, cv2.countNonZero(look.own)):
            return None
        _cover(canvas.taken, np.asarray(same, np.uint8), left, top)
        return look.rect

    def find(self, key: int, expected: Rect, canvas: Canvas) -> Rect | None:
        """Return where an object is, None where it cannot be seen; its pixels are then taken."""
        look = self._looks[key]
        rows, columns = look.own.shape
        left = round(((expected[0] + expected[2]) / 2 - columns / 2) / 2) * 2
        top = round((expected[3] - rows) / 2) * 2
        window = _window(left, top, look, canvas.mask.shape)
        if window is None:
            return None
        visible = cv2.bitwise_and(look.own, cv2.bitwise_not(_part(canvas.taken, left, top, rows, columns)))
        if cv2.countNonZero(visible) < _LEAST_VISIBLE * max(1, cv2.countNonZero(look.own)):
            return None
        across, down, score = _best(look, np.asarray(visible, np.uint8), window, canvas, (left, top))
        if score > _TOO_DIFFERENT or not _is_there(look.own, canvas, left + across, top + down):
            return None
        _cover(canvas.taken, look.own, left + across, top + down)
        return expected[0] + across, expected[1] + down, expected[2] + across, expected[3] + down


def _about(before: Rect, now: Rect) -> bool:
    """Tell whether a box is about as large as it was: else somebody has come near."""
    sizes = ((before[2] - before[0], now[2] - now[0]), (before[3] - before[1], now[3] - now[1]))
    return all(max(pair) <= _SAME_SIZE * min(pair) for pair in sizes)


def _even(rect: Rect, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    left, top = max(0, int(rect[0]) // 2 * 2), max(0, int(rect[1]) // 2 * 2)
    right, bottom = min(shape[1] // 2 * 2, -int(-rect[2] // 2) * 2), min(shape[0] // 2 * 2, -int(-rect[3] // 2) * 2)
    return left, top, right, bottom


def _window(left: int, top: int, look: Look, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Return the part of the picture to search; None where the look does not fit into the picture."""
    rows, columns = look.own.shape
    across = max(_LEAST_PIXELS[0], round(_SEARCH[0] * columns / 2) * 2)
    down = max(_LEAST_PIXELS[1], round(_SEARCH[1] * rows / 2) * 2)
    low_x, low_y = max(0, left - across), max(0, (top - down) // 2 * 2)
    high_x = min(shape[1] // 2 * 2, left + columns + across)
    high_y = min(shape[0] // 2 * 2, (top + rows + down) // 2 * 2)
    if high_x - low_x < columns or high_y - low_y < rows:
        return None
    return low_x, low_y, high_x, high_y


def _part(mask: Mask, left: int, top: int, rows: int, columns: int) -> Mask:
    """Return a part of a mask; what lies outside of the picture is empty."""
    part = np.zeros((rows, columns), np.uint8)
    _paste(mask, part, left, top)
    return part


def _paste(mask: Mask, part: Mask, left: int, top: int) -> None:
    low_x, low_y = max(0, left), max(0, top)
    high_x, high_y = min(mask.shape[1], left + part.shape[1]), min(mask.shape[0], top + part.shape[0])
    if low_x < high_x and low_y < high_y:
        part[low_y - top : high_y - top, low_x - left : high_x - left] = mask[low_y:high_y, low_x:high_x]


def _is_there(own: Mask, canvas: Canvas, left: int, top: int) -> bool:
    """Tell whether enough of an object is foreground, and nobody else's."""
    rows, columns = own.shape
    free = cv2.bitwise_and(own, cv2.bitwise_not(_part(canvas.taken, left, top, rows, columns)))
    there = cv2.countNonZero(cv2.bitwise_and(free, _part(canvas.mask, left, top, rows, columns)))
    return there >= max(_LEAST_VISIBLE * cv2.countNonZero(own), _LEAST_THERE * cv2.countNonZero(free))


def _cover(taken: Mask, own: Mask, left: int, top: int) -> None:
    low_x, low_y = max(0, left), max(0, top)
    high_x, high_y = min(taken.shape[1], left + own.shape[1]), min(taken.shape[0], top + own.shape[0])
    if low_x < high_x and low_y < high_y:
        taken[low_y:high_y, low_x:high_x] |= own[low_y - top : high_y - top, low_x - left : high_x - left]


def _best(
    look: Look, visible: Mask, window: tuple[int, int, int, int], canvas: Canvas, at: tuple[int, int]
) -> tuple[int, int, float]:
    """Return the shift at which the look fits best, and how badly it fits there (mean squared grey levels).

    Compared at the chroma's resolution, to two pixels: a quarter of the work, in one pass.
    """
    left, top, right, bottom = window
    missing = np.invert(canvas.mask[top:bottom:2, left:right:2])
    seen = _stack(canvas.cut(left, top, right, bottom), missing)
    wanted = _stack(look.planes, np.zeros(look.planes[1].shape, np.uint8))
    weight = visible[::2, ::2].astype(np.float32) / 255.0
    weights = cv2.merge([weight, weight * _CHROMA_WEIGHT, weight * _CHROMA_WEIGHT, weight * (_ON_FOREGROUND / 255.0)])
    score = cv2.matchTemplate(seen, wanted, cv2.TM_SQDIFF, mask=weights) / max(1.0, float(weight.sum()))
    rows, columns = score.shape
    x = (np.arange(columns) * 2 + left - at[0]) / max(1.0, look.own.shape[1] * _SEARCH[0])
    y = (np.arange(rows) * 2 + top - at[1]) / max(1.0, look.own.shape[0] * _SEARCH[1])
    pulled = score + _OFF_WEIGHT * (x[None, :] ** 2 + y[:, None] ** 2)
    down, across = divmod(int(np.argmin(pulled)), columns)
    return across * 2 + left - at[0], down * 2 + top - at[1], float(score[down, across])


def _stack(planes: tuple[Plane, Plane, Plane], missing: Mask) -> Plane:
    """Return luma and chroma in one, at the chroma's size, and with a fourth plane of what should be empty."""
    luma, *chroma = planes
    size = (chroma[0].shape[1], chroma[0].shape[0])
    return np.asarray(cv2.merge([cv2.resize(luma, size, interpolation=cv2.INTER_AREA), *chroma, missing]), np.uint8)
