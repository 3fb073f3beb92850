"""What the place looks like when nobody is there: a running mean and its noise, pixel by pixel, in colour."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.scale import Small
from edge.model.scene import Plane

Mask = NDArray[np.uint8]
"""(rows, columns), 255 where something is, else 0."""

_ADAPT_S = 20.0
_NOISE_S = 8.0
_LEAST_LUMA = 14.0
_LEAST_CHROMA = 9.0
_NOISE_FACTOR = 3.0
_FIRST_NOISE = 2.0
_MOST_NOISE = 20


class Layer:
    """The background of one plane: mean and mean deviation, in grey levels."""

    def __init__(self, least: float, start: Plane) -> None:
        self._least = least
        self._mean = start.astype(np.float32)
        self._noise = np.full(start.shape, _FIRST_NOISE, np.float32)
        self.picture = start.copy()
        self.threshold = self._limits()

    def difference(self, plane: Plane) -> Plane:
        """Return how far each pixel is from the background, in grey levels."""
        return np.asarray(cv2.absdiff(plane, self.picture), np.uint8)

    def adapt(self, plane: Plane, quiet: Mask, elapsed_s: float) -> None:
        """Move towards the picture where it is quiet."""
        cv2.accumulateWeighted(plane, self._mean, 1.0 - math.exp(-elapsed_s / _ADAPT_S), quiet)
        cv2.convertScaleAbs(self._mean, self.picture)

    def learn_noise(self, difference: Plane, free: Mask, elapsed_s: float) -> None:
        """Learn how much the pixels flicker, where no known object is."""
        cv2.threshold(difference, _MOST_NOISE, _MOST_NOISE, cv2.THRESH_TRUNC, difference)
        cv2.accumulateWeighted(difference, self._noise, 1.0 - math.exp(-elapsed_s / _NOISE_S), free)
        self.threshold = self._limits()

    def replace(self, plane: Plane, where: Mask) -> None:
        """Take the picture for the background at some pixels."""
        chosen = where > 0
        self._mean[chosen] = plane[chosen]
        cv2.convertScaleAbs(self._mean, self.picture)

    def scale(self, gain: float) -> None:
        """Make the whole background brighter or darker."""
        self._mean *= gain
        np.minimum(self._mean, np.float32(255.0), out=self._mean)
        cv2.convertScaleAbs(self._mean, self.picture)

    def _limits(self) -> Plane:
        return np.asarray(cv2.convertScaleAbs(self._noise, alpha=_NOISE_FACTOR, beta=self._least), np.uint8)


class Background:
    """The background of a picture. It starts from one picture, which should be empty."""

    def __init__(self, start: Small) -> None:
        self._luma = Layer(_LEAST_LUMA, start.luma)
        self._chroma = tuple(Layer(_LEAST_CHROMA, plane) for plane in start.chroma)
        self._differences: list[Plane] = []

    @property
    def luma(self) -> Plane:
        """The background's brightness."""
        return self._luma.picture

    @property
    def picture(self) -> Small:
        """The background as a picture."""
        return Small(self._luma.picture, (self._chroma[0].picture, self._chroma[1].picture))

    def foreground(self, small: Small) -> Mask:
        """Return where the picture differs from the background."""
        luma = self._luma.difference(small.luma)
        chroma = [layer.difference(plane) for layer, plane in zip(self._chroma, small.chroma, strict=True)]
        self._differences = [luma, *chroma]
        colour = np.zeros(chroma[0].shape, np.uint8)
        for layer, difference in zip(self._chroma, chroma, strict=True):
            cv2.bitwise_or(colour, cv2.compare(difference, layer.threshold, cv2.CMP_GT), colour)
        mask = cv2.compare(luma, self._luma.threshold, cv2.CMP_GT)
        return np.asarray(cv2.bitwise_or(mask, _full_size(colour, small.luma)), np.uint8)

    def adapt(self, small: Small, quiet: Mask, free: Mask, elapsed_s: float) -> None:
        """Learn from the picture just compared: colours where it is `quiet`, flicker where it is `free` of objects."""
        half_quiet, half_free = _half_size(quiet), _half_size(free)
        self._luma.adapt(small.luma, quiet, elapsed_s)
        self._luma.learn_noise(self._differences[0], free, elapsed_s)
        for layer, plane, difference in zip(self._chroma, small.chroma, self._differences[1:], strict=True):
            layer.adapt(plane, half_quiet, elapsed_s)
            layer.learn_noise(difference, half_free, elapsed_s)

    def replace(self, small: Small, where: Mask) -> None:
        """Take the picture for the background at some pixels."""
        half = _half_size(where)
        self._luma.replace(small.luma, where)
        for layer, plane in zip(self._chroma, small.chroma, strict=True):
            layer.replace(plane, half)

    def scale(self, gain: float) -> None:
        """Make the whole background brighter or darker."""
        self._luma.scale(gain)


def _full_size(half: Mask, like: Plane) -> Mask:
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.resize(half, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _half_size(mask: Mask) -> Mask:
    return np.ascontiguousarray(mask[::2, ::2])
