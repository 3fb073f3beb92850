"""How tall people are at each height of the picture, learnt from those that are seen alone."""

from collections import deque

import numpy as np

from edge.detect.blobs import Rect
from edge.model.perspective import fit_heights

_KEPT = 200
_LEAST_SAMPLES = 24
_LEAST_PEOPLE = 3
_REFIT = 8
_PERSON_SHAPE = (0.18, 0.55)
"""Width over height."""
_STEP = 0.1
"""Who has moved less than this share of the own height gives no new sample."""
_TOO_TALL = 1.4
_TOO_SMALL = 0.5
_SHORTEST = 8.0
"""Nobody is shorter, in pixels, however far up in the picture: the line has been learnt lower down."""


class Stature:
    """A straight line: height over the feet's row, in pixels. Of no opinion until several have gone by."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._last: dict[int, tuple[float, float]] = {}
        self._people: set[int] = set()
        self._fresh = 0
        self._line: tuple[float, float] | None = None

    def learn(self, key: int, rect: Rect) -> None:
        """Take in one who is seen alone and whole."""
        left, top, right, bottom = rect
        height, middle = bottom - top, (left + right) / 2
        if not _PERSON_SHAPE[0] <= (right - left) / height <= _PERSON_SHAPE[1]:
            return
        before = self._last.get(key)
        if before is not None and abs(before[0] - middle) + abs(before[1] - bottom) < _STEP * height:
            return
        self._last = {key: (middle, bottom), **{each: at for each, at in self._last.items() if each != key}}
        while len(self._last) > _LEAST_SAMPLES:
            self._last.popitem()
        if len(self._people) < _LEAST_PEOPLE:
            self._people.add(key)
        self._samples.append((bottom, height))
        self._fresh += 1
        if self._fresh >= _REFIT and len(self._samples) >= _LEAST_SAMPLES and len(self._people) >= _LEAST_PEOPLE:
            self._fresh = 0
            self._line = fit_heights(np.array(self._samples))

    def usual(self, foot: float) -> float | None:
        """Return how tall someone with the feet in a row usually is; None if not known."""
        if self._line is None:
            return None
        slope, height = self._line
        return max(_SHORTEST, slope * foot + height)

    def too_tall(self, rect: Rect) -> bool:
        """Tell whether something is too tall for one person."""
        usual = self.usual(rect[3])
        return usual is not None and rect[3] - rect[1] > _TOO_TALL * usual

    def too_small(self, rect: Rect) -> bool:
        """Tell whether something is far too small for a person, both ways."""
        usual = self.usual(rect[3])
        return usual is not None and max(rect[3] - rect[1], rect[2] - rect[0]) < _TOO_SMALL * usual

    def foot(self, head: float) -> float | None:
        """Return where the feet should be of someone whose head is in a row; None if not known."""
        if self._line is None:
            return None
        slope, height = self._line
        return max(head + _SHORTEST, (head + height) / (1.0 - min(slope, 0.8)))
