"""People cut out of vtest.avi, and still backgrounds without anybody: real pictures to make clips of.

Needs the shared data (vtest.avi with its truth).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.shared_data import shared

Planes = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Y, and U and V at half its size."""
Raw = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""The same as decoded."""

SOURCE_FPS = 10
_NAMES: dict[str, tuple[int, int, int]] = {
    "a": (2, 515, 600),
    "b": (9, 180, 280),
    "c": (10, 505, 555),
    "d": (17, 178, 262),
    "e": (16, 160, 206),
    "f": (14, 379, 402),
}
"""Object of the truth file, first and last frame in which it walks alone."""
PERSONS = tuple(_NAMES)
_PAD = 6
_DIFFERENT = 22
_LEARN_PICTURES = 45


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """One picture of a person: planes of even size and how much of each pixel is the person's (0 to 1).

    `box` is where the person is in it: left, top, right, bottom in pixels.
    """

    planes: Planes
    own: NDArray[np.float32]
    box: tuple[float, float, float, float]

    def mirrored(self) -> "CutOut":
        """Return it as in a mirror."""
        y, u, v = (np.ascontiguousarray(plane[:, ::-1]) for plane in self.planes)
        columns = self.own.shape[1]
        left, top, right, bottom = self.box
        return CutOut(
            (y, u, v), np.ascontiguousarray(self.own[:, ::-1]), (columns - right, top, columns - left, bottom)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A gait at 10 pictures a second; `heading` is +1 for who walks to the right, `speed` own heights a second."""

    gait: tuple[CutOut, ...]
    heading: int
    speed: float


@lru_cache(maxsize=1)
def cut_outs() -> dict[str, Person]:
    """Return the people by name; cut out once, which takes some seconds."""
    rows = np.loadtxt(shared("data/video/vtest.gt.txt"), delimiter=",")
    pictures = _planes(shared("data/video/vtest.avi"))
    empty = _median(pictures[:: len(pictures) // _LEARN_PICTURES])
    return {name: _person(pictures, empty, rows, *span) for name, span in _NAMES.items()}


def empty_background(name: str, size: tuple[int, int] | None = None) -> Planes:
    """Return the median of a clip of the shared data, at a size (width, height) if asked for."""
    planes = _empty(name)
    if size is None:
        return planes
    half = (size[0] // 2, size[1] // 2)
    scaled = [
        cv2.resize(plane, to, interpolation=cv2.INTER_AREA)
        for plane, to in zip(planes, (size, half, half), strict=True)
    ]
    return np.asarray(scaled[0], np.float32), np.asarray(scaled[1], np.float32), np.asarray(scaled[2], np.float32)


@lru_cache(maxsize=4)
def _empty(name: str) -> Planes:
    pictures = _planes(shared(f"data/video/{name}"))
    return _median(pictures[:: max(1, len(pictures) // _LEARN_PICTURES)])


def _planes(path: Path) -> list[Raw]:
    result = []
    with av.open(str(path)) as container:
        for decoded in container.decode(video=0):
            whole = np.asarray(decoded.to_ndarray(format="yuv420p"), np.uint8)
            rows, half = decoded.height, decoded.height // 4
            shape = (decoded.height // 2, decoded.width // 2)
            u, v = whole[rows : rows + half].reshape(shape), whole[rows + half :].reshape(shape)
            result.append((whole[:rows], u, v))
    return result


def _median(pictures: Sequence[Raw]) -> Planes:
    y, u, v = (np.median(np.stack([each[plane] for each in pictures]), axis=0).astype(np.float32) for plane in range(3))
    return y, u, v


def _person(
    pictures: Sequence[Raw],
    empty: Planes,
    truth: NDArray[np.float64],
    key: int,
    first: int,
    last: int,
) -> Person:
    rows = {int(row[0]): row for row in truth[truth[:, 1] == key]}
    shown = [rows[number] for number in range(first, last + 1)]
    gait = [_cut_out(pictures[int(row[0]) - 1], empty, row[2:6]) for row in shown]
    middles = [row[2] + row[4] / 2 for row in shown]
    steps = [np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise([(row[2], row[3]) for row in shown])]
    height = float(np.mean([row[5] for row in shown]))
    return Person(tuple(gait), 1 if middles[-1] > middles[0] else -1, float(np.mean(steps)) * SOURCE_FPS / height)


def _cut_out(picture: Raw, empty: Planes, at: NDArray[np.float64]) -> CutOut:
    """Cut a person out of a picture; what is its own differs from the empty place."""
    rows, columns = picture[0].shape
    left, top = (max(0, int(value - _PAD)) // 2 * 2 for value in at[:2])
    right, bottom = int(min(columns, at[0] + at[2] + _PAD)) // 2 * 2, int(min(rows, at[1] + at[3] + _PAD)) // 2 * 2
    whole, half = np.s_[top:bottom, left:right], np.s_[top // 2 : bottom // 2, left // 2 : right // 2]
    parts = [plane[half if index else whole].astype(np.float32) for index, plane in enumerate(picture)]
    away = [
        np.abs(part - plane[half if index else whole])
        for index, (part, plane) in enumerate(zip(parts, empty, strict=True))
    ]
    colour = cv2.resize(np.maximum(away[1], away[2]) * 1.5, (right - left, bottom - top))
    own = (np.maximum(away[0], colour) > _DIFFERENT).astype(np.uint8)
    own = cv2.morphologyEx(cv2.medianBlur(own, 5), cv2.MORPH_CLOSE, np.ones((5, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(own)
    if count > 1:
        own = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(own)
    soft = cv2.GaussianBlur(own.astype(np.float32), (3, 3), 0.8)
    return CutOut((parts[0], parts[1], parts[2]), np.asarray(soft, np.float32), (x, y, x + width, y + height))
