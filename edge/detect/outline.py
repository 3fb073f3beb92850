"""The outlines in a picture, block by block, and how they stand against those that a camera normally shows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Plane

ROWS, COLUMNS = 96, 160
BLOCK = 8
_DOWN, _ACROSS = ROWS // BLOCK, COLUMNS // BLOCK
_COARSE = 4

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Steps of brightness to the right and down in a picture of ROWS x COLUMNS, in grey levels a pixel."""

    right: Floats
    down: Floats

    def times(self, other: "Outline") -> Floats:
        """Return how far two go together, summed for each block: (_DOWN, _ACROSS)."""
        return _blocks(self.right * other.right + self.down * other.down)

    def moved_to(self, other: "Outline", share: float) -> "Outline":
        """Return this one, moved towards another by a share."""
        return Outline(
            self.right + share * (other.right - self.right),
            self.down + share * (other.down - self.down),
        )

    def within(self, seen: Plane) -> "Outline":
        """Return what of it lies where a mask of ROWS x COLUMNS is not 0."""
        nothing = np.float32(0)
        return Outline(np.where(seen, self.right, nothing), np.where(seen, self.down, nothing))

    def coarse(self) -> "Outline":
        """Return what is left of it out of focus."""
        return Outline(_softened(self.right), _softened(self.down))


def grid_of(luma: Plane) -> Floats:
    """Return a picture's brightness as ROWS x COLUMNS means; from four places each, since all of them cost more."""
    half = cv2.resize(luma, (2 * COLUMNS, 2 * ROWS), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(half, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def outline_of(grid: Floats) -> Outline:
    """Return the outlines in a grid."""
    return Outline(
        np.asarray(cv2.Sobel(grid, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32),
        np.asarray(cv2.Sobel(grid, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32),
    )


def agreement(together: Floats, one: Floats, other: Floats) -> Floats:
    """Return for each block how alike the outlines are, whatever the light: 1 the same, 0 nothing in common.

    `together` is how far the two go together, `one` and `other` how far each goes with itself.
    """
    return np.asarray(together / np.sqrt(one * other + np.float32(1e-3)), np.float32)


def shift(before: Outline, now: Outline) -> tuple[float, float]:
    """Return by how many cells the picture seems to have moved, and how sure that is: from 0.2 on it has."""
    (right, down), sure = cv2.phaseCorrelate(_strength(before), _strength(now), _window())
    return float(np.hypot(right, down)), float(sure)


def _strength(outline: Outline) -> Floats:
    """Return how strong the outlines are, the strongest cut down so that they do not decide alone."""
    steps = np.hypot(outline.right, outline.down)
    return np.asarray(np.minimum(steps, 4 * steps.mean() + np.float32(1e-3)), np.float32)


def _window() -> Floats:
    return np.asarray(cv2.createHanningWindow((COLUMNS, ROWS), cv2.CV_32F), np.float32)


def _blocks(values: Floats) -> Floats:
    means = cv2.resize(values, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32) * np.float32(BLOCK * BLOCK)  # a mean is a sum by the number


def _softened(values: Floats) -> Floats:
    size = 2 * _COARSE + 1
    return np.asarray(cv2.blur(values, (size, size)), np.float32)
