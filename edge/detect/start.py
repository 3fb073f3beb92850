"""The first background: the median of the first pictures, so that who walks through them leaves no trace."""

import numpy as np

from edge.detect.scale import Small
from edge.model.scene import Plane

_LEARN_S = 0.6
_PICTURES = 9
_STRIP_ROWS = 16


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
