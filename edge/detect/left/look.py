"""A picture as things left behind are looked for in it: small, in colour, held still, in the light of the start."""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Picture, Plane

Look = NDArray[np.uint8]
"""(rows, columns, 3): Y, U, V, all at the size of the small picture."""
Where = NDArray[np.uint8]
"""(rows, columns), 255 where something is, else 0."""

MAX_ROWS = 240
_SPARSE = 4
_REACH = 4
_FAR = 40
_CLEARLY = 0.97
_LIGHT_STEP = 8
_LEAST_GAIN = 0.008
_JUMP = 1.15
"""The light has changed where its level changes by this factor within the ticks remembered."""
_LEVELS = 4
_MIDDLE = 128


def look_at(picture: Picture, max_width: int) -> Look:
    """Return a picture scaled down, all three planes at one size, with the noise of single pixels taken out."""
    factor = max(1.0, picture.width / max_width, picture.height / MAX_ROWS)
    size = max(8, round(picture.width / factor)), max(8, round(picture.height / factor))
    luma = picture.y
    if factor >= 2.0:  # noqa: PLR2004 - by halves, so that each pixel is an average and nothing flickers at an edge
        luma = np.asarray(cv2.resize(luma, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR), np.uint8)
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    chroma = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (picture.u, picture.v)]
    return np.asarray(cv2.GaussianBlur(cv2.merge((luma, *chroma)), (3, 3), 0), np.uint8)


def edges(plane: Plane) -> Plane:
    """Return how much each pixel differs from those around it, in grey levels."""
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)


def marked(which: NDArray[np.bool_]) -> Where:
    """Return what is true as a mask."""
    return which.view(np.uint8) * np.uint8(255)


def any_channel(marks: Look) -> Where:
    """Return where any of three channels is marked."""
    first, second, third = cv2.split(marks)
    return np.asarray(cv2.bitwise_or(cv2.bitwise_or(first, second), third), np.uint8)


class Steady:
    """Holds the picture still where the camera shakes; only what is `seen` (not 0) tells whether it does."""

    def __init__(self, seen: Where) -> None:
        self._at = (0, 0)
        self._seen = np.ascontiguousarray(seen[_REACH:-_REACH:_SPARSE, _REACH:-_REACH:_SPARSE])

    def hold(self, look: Look, background: Look) -> Look:
        """Return the picture moved so that it lies on the background."""
        luma, ground = (
            look[:, :, 0],
            np.ascontiguousarray(background[_REACH:-_REACH:_SPARSE, _REACH:-_REACH:_SPARSE, 0]),
        )
        best, here = self._misfit(luma, ground, self._at), self._at
        for _ in range(_REACH):
            around = [(here[0] + right, here[1] + down) for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1))]
            tried = [(self._misfit(luma, ground, at), at) for at in around if max(map(abs, at)) < _REACH]
            least, at = min(tried)
            if least >= best * _CLEARLY:
                break
            best, here = least, at
        if here != (0, 0) and best >= _CLEARLY * self._misfit(luma, ground, (0, 0)):
            here = (0, 0)
        self._at = here
        return look if here == (0, 0) else _moved(look, here)

    def _misfit(self, luma: Plane, ground: Plane, at: tuple[int, int]) -> float:
        right, down = at
        rows, columns = luma.shape
        part = luma[_REACH + down : rows - _REACH + down : _SPARSE, _REACH + right : columns - _REACH + right : _SPARSE]
        unlike = np.minimum(cv2.absdiff(np.ascontiguousarray(part), ground), _FAR)
        return float(cv2.bitwise_and(unlike, self._seen).sum())


def _moved(look: Look, at: tuple[int, int]) -> Look:
    right, down = at
    rows, columns = look.shape[:2]
    wide = cv2.copyMakeBorder(look, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_REPLICATE)
    part = wide[_REACH + down : _REACH + down + rows, _REACH + right : _REACH + right + columns]
    return np.ascontiguousarray(part, np.uint8)


class Daylight:
    """Follows the light of all that is `seen` (not 0) of the picture, and tells when it jumps."""

    def __init__(self, seen: Where) -> None:
        self.level = 1.0
        counted = seen[::_LIGHT_STEP, ::_LIGHT_STEP] > 0
        self._counted = counted if counted.any() else np.ones_like(counted)
        self._levels: deque[float] = deque(maxlen=_LEVELS)

    @property
    def jumps(self) -> bool:
        """Tell whether the light has just changed by much."""
        return len(self._levels) > 1 and max(self._levels) > _JUMP * min(self._levels)

    def even(self, look: Look, background: Look) -> Look:
        """Return the picture in the background's light."""
        before = background[::_LIGHT_STEP, ::_LIGHT_STEP, 0].astype(np.float32) + 1.0
        now = look[::_LIGHT_STEP, ::_LIGHT_STEP, 0].astype(np.float32) + 1.0
        ratio = (now / before)[self._counted]
        self.level = float(np.partition(ratio, ratio.size // 2)[ratio.size // 2])
        self._levels.append(self.level)
        return look if abs(self.level - 1.0) < _LEAST_GAIN else relit(look, 1.0 / self.level)

    def rest(self) -> None:
        """Take the light as it is now for that of the background."""
        self.level = 1.0
        self._levels.clear()


def relit(look: Look, gain: float) -> Look:
    """Return a picture made brighter or darker; colours grow with the light."""
    values = np.arange(256, dtype=np.float32)
    luma = np.clip(values * gain, 0, 255)
    chroma = np.clip((values - _MIDDLE) * gain + _MIDDLE, 0, 255)
    table = np.stack((luma, chroma, chroma), axis=1).round().astype(np.uint8).reshape(1, 256, 3)
    return np.asarray(cv2.LUT(look, table), np.uint8)
