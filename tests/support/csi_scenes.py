"""What camera modules are shown in tests, drawn when asked for: the same for the fake and for real libraries.

A scene is given as I420 planes of any size at any moment, and what is in it as boxes.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Luma (height, width); blue and red difference (height / 2, width / 2)."""

STILL_S, WALK_S, PERIOD_S = 3.0, 4.0, 9.0
"""In `walk` nobody is there for 3 s, then somebody crosses from the left to the right in 4 s; all again every 9 s."""
BLACK = 16
TALL, WIDE, FOOT = 0.28, 0.055, 0.8
"""Height of the walker and place of the feet in shares of the height, width in shares of the width."""
_NOISES = 5


def boxes(scene: str, at_s: float) -> list[tuple[float, float, float, float]]:
    """Return left, top, right, bottom of everybody in a scene, in fractions of the picture."""
    share = (at_s % PERIOD_S - STILL_S) / WALK_S
    if scene != "walk" or not 0.0 <= share <= 1.0:
        return []
    middle = -0.03 + 1.06 * share
    return [(middle - WIDE / 2, FOOT - TALL, middle + WIDE / 2, FOOT)]


def planes(scene: str, at_s: float, width: int, height: int, number: int = 0) -> Planes:
    """Return a picture of `still`, `walk`, `black`, `corner` or `red`; `number` chooses the sensor's noise.

    `corner` is black but for its left upper quarter, which is white: it shows how pictures are turned. `red` is all of
    one colour.
    """
    if scene == "red":
        half = (height // 2, width // 2)
        return np.full((height, width), 81, np.uint8), np.full(half, 90, np.uint8), np.full(half, 240, np.uint8)
    if scene == "corner":
        return _corner(width, height)
    if scene == "black":
        luma, blue, red = np.full((height, width), BLACK, np.uint8), *(_grey(width, height) for _ in "br")
    else:
        luma, blue, red = _ground(width, height).copy(), *(_grey(width, height) for _ in "br")
        for left, top, right, bottom in boxes(scene, at_s):
            _paint((luma, blue, red), left, top, right, bottom)
    return cv2.add(luma, _noise(width, height, number % _NOISES)).astype(np.uint8, copy=False), blue, red


def bgr(scene: str, at_s: float, width: int, height: int, number: int = 0) -> Plane:
    """Return the same as blue, green, red (height, width, 3), for libraries that play picture files."""
    luma, blue, red = planes(scene, at_s, width, height, number)
    together = np.concatenate([luma.ravel(), blue.ravel(), red.ravel()]).reshape(height * 3 // 2, width)
    return cv2.cvtColor(together, cv2.COLOR_YUV2BGR_I420).astype(np.uint8, copy=False)


def _corner(width: int, height: int) -> Planes:
    luma = np.full((height, width), BLACK, np.uint8)
    luma[: height // 2, : width // 2] = 235
    return luma, _grey(width, height), _grey(width, height)


def _grey(width: int, height: int) -> Plane:
    return np.full((height // 2, width // 2), 128, np.uint8)


@lru_cache(4)
def _ground(width: int, height: int) -> Plane:
    cells = np.random.default_rng(7).integers(90, 150, (30, 40), np.uint8)
    return cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)


@lru_cache(4 * _NOISES)
def _noise(width: int, height: int, number: int) -> Plane:
    return np.random.default_rng(number).integers(0, 4, (height, width), np.uint8)


def _paint(picture: Planes, left: float, top: float, right: float, bottom: float) -> None:
    """Paint somebody: head, coat, trousers."""
    parts = ((0.0, 0.18, 0.5, (190, 110, 150)), (0.18, 0.55, 1.0, (40, 120, 190)), (0.55, 1.0, 0.8, (60, 160, 120)))
    middle, wide, tall = (left + right) / 2, right - left, bottom - top
    for begin, end, share, colour in parts:
        for plane, level in zip(picture, colour, strict=True):
            rows, columns = plane.shape
            across = [round((middle + side * share * wide / 2) * columns) for side in (-1, 1)]
            down = [round((top + part * tall) * rows) for part in (begin, end)]
            plane[max(0, down[0]) : down[1], max(0, across[0]) : max(0, across[1])] = level
