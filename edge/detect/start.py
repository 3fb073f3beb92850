"""The first background: the median of the first pictures, so that who walks through them leaves no trace."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Background
from edge.detect.scale import Small
from edge.model.scene import Plane

Bools = NDArray[np.bool_]

_LEARN_S = 0.6
_PICTURES = 9
_STRIP_ROWS = 16


_AROUND = 0.5
"""How wide the ground around someone is by which the light is judged (share of the box)."""


def without(start: Small, before: Background, held: Sequence[tuple[int, int, int, int]]) -> Small:
    """Return a first background without those who stood there before the light changed.

    What is behind them is what was there before, as much brighter as the ground around them. `held` are their boxes:
    left, top, right, bottom in pixels.
    """
    if before.luma.shape != start.luma.shape:
        return start
    old = before.picture
    luma, chroma = start.luma.copy(), (start.chroma[0].copy(), start.chroma[1].copy())
    taken = np.zeros(luma.shape, bool)
    for left, top, right, bottom in held:
        taken[top:bottom, left:right] = True
    for box in held:
        _patch(luma, old.luma, taken, box, 1)
        for plane, other in zip(chroma, old.chroma, strict=True):
            _patch(plane, other, taken[::2, ::2], box, 2)
    return Small(luma, chroma)


def _patch(plane: Plane, old: Plane, taken: Bools, box: tuple[int, int, int, int], step: int) -> None:
    """Lay the old plane into a box, changed as the ground around it has changed."""
    left, top, right, bottom = (each // step for each in box)
    wide = int(_AROUND * (right - left)) + 2
    around = np.s_[max(0, top - wide) : bottom + wide, max(0, left - wide) : right + wide]
    ground = ~taken[around]
    if not ground.any() or right <= left or bottom <= top:
        return
    now, then = plane[around][ground].astype(np.float32), old[around][ground].astype(np.float32)
    here = np.s_[top:bottom, left:right]
    if step == 1:
        changed = old[here] * float(np.median((now + 1.0) / (then + 1.0)))
    else:
        changed = old[here] + float(np.median(now - then))
    plane[here] = np.clip(changed, 0.0, 255.0).astype(np.uint8)


class Start:
    """Collects pictures for a moment."""

    def __init__(self) -> None:
        self._pictures: list[Small] = []
        self._first_s = 0.0
        self._next_s = 0.0

    def add(self, small: Small, stream_s: float) -> Small | None:
        """Take in a picture; return the background once the moment has gone by."""
        if not self._pictures:
            self._first_s = self._next_s = stream_s
        if stream_s >= self._next_s:
            self._pictures.append(Small(small.luma.copy(), (small.chroma[0].copy(), small.chroma[1].copy())))
            self._next_s = stream_s + _LEARN_S / _PICTURES
        if stream_s - self._first_s < _LEARN_S:
            return None
        chroma = (
            self._median([each.chroma[0] for each in self._pictures]),
            self._median([each.chroma[1] for each in self._pictures]),
        )
        return Small(self._median([each.luma for each in self._pictures]), chroma)

    @staticmethod
    def _median(planes: list[Plane]) -> Plane:
        """Return the middle value of each pixel; in strips, since all at once takes 13 MB that the heap then keeps."""
        middle = np.empty_like(planes[0])
        for top in range(0, len(middle), _STRIP_ROWS):
            strip = np.s_[top : top + _STRIP_ROWS]
            middle[strip] = np.sort(np.stack([plane[strip] for plane in planes]), axis=0)[len(planes) // 2]
        return middle
