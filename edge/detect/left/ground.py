"""The long-term background: the place without what was put there. It never takes a thing in by itself."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.left.look import Look, Where, any_channel, edges, relit
from edge.model.scene import Plane

_START = 8
_STRIP_ROWS = 16
_ADAPT_S = 30.0
_NOISE_S = 15.0
_LEAST = (13, 8, 8)
"""What differs by less is the background (grey levels of Y, U, V)."""
_NOISE_FACTOR = 3.0
_EDGE_SHARE = 0.4
"""By this share of the edge next to it a pixel may differ beside: the camera trembles by parts of a pixel."""
_STRONG_COLOUR = 2.0
_STRONG_LIGHT = 0.25
"""No change of the light alone goes beyond these: twice the limit of colours, so much more or less of the luma."""
_LEAST_EDGE = 4.0
_BY_EDGE = np.ones((5, 5), np.uint8)
_MOST_EDGE = np.uint8(40)
_FIRST_NOISE = 1.5
_MOST_NOISE = np.uint8(16)


class Start:
    """Collects pictures for a moment; their middle value leaves out who walks through."""

    def __init__(self, pictures: int = _START) -> None:
        self._wanted = pictures
        self._looks: list[Look] = []

    def add(self, look: Look) -> Look | None:
        """Take in a picture; return the middle of all once there are enough."""
        self._looks.append(look)
        if len(self._looks) < self._wanted:
            return None
        middle = np.empty_like(look)
        for top in range(0, len(middle), _STRIP_ROWS):
            strip = np.s_[top : top + _STRIP_ROWS]
            middle[strip] = np.sort(np.stack([each[strip] for each in self._looks]), axis=0)[self._wanted // 2]
        return middle


class Ground:
    """Running mean and noise of each pixel."""

    def __init__(self, start: Look) -> None:
        self._mean: NDArray[np.float32] = start.astype(np.float32)
        self._noise = np.full(start.shape, _FIRST_NOISE, np.float32)
        self.picture = start.copy()
        self._renew()

    def unlike(self, look: Look, its_edges: Plane) -> Where:
        """Return where a picture, given with its edges, differs from the background.

        A small difference counts only near edges that were not there or are gone: all else is the light.
        """
        difference = cv2.absdiff(look, self.picture)
        strong = any_channel(np.asarray(cv2.compare(difference, self._strong, cv2.CMP_GT), np.uint8))
        faint = any_channel(np.asarray(cv2.compare(difference, self.limits, cv2.CMP_GT), np.uint8))
        changed = cv2.compare(cv2.absdiff(its_edges, self._edges), self._edge_limits, cv2.CMP_GT)
        faint = np.asarray(cv2.bitwise_and(faint, cv2.dilate(changed, _BY_EDGE)), np.uint8)
        return np.asarray(cv2.bitwise_or(strong, faint), np.uint8)

    def adapt(self, look: Look, quiet: Where, elapsed_s: float) -> None:
        """Move towards the picture where it is quiet."""
        cv2.accumulateWeighted(look, self._mean, 1.0 - math.exp(-elapsed_s / _ADAPT_S), quiet)
        cv2.convertScaleAbs(self._mean, self.picture)

    def learn_noise(self, look: Look, free: Where, elapsed_s: float) -> None:
        """Learn how much pixels flicker where nothing is that comes, goes or lies."""
        difference = np.minimum(cv2.absdiff(look, self.picture), _MOST_NOISE)
        cv2.accumulateWeighted(difference, self._noise, 1.0 - math.exp(-elapsed_s / _NOISE_S), free)
        self._renew()

    def replace(self, look: Look, where: Where) -> None:
        """Take the picture for the background at some pixels."""
        chosen = where > 0
        self._mean[chosen] = look[chosen]
        cv2.convertScaleAbs(self._mean, self.picture)
        self._renew()

    def relight(self, gain: float) -> None:
        """Take the light of the whole picture to have changed."""
        self.picture = relit(self.picture, gain)
        self._mean = self.picture.astype(np.float32)
        self._renew()

    def _renew(self) -> None:
        """Work out by how much each pixel may differ."""
        luma = self.picture[:, :, 0]
        self._edges = edges(luma)
        allowed = np.minimum(self._edges, _MOST_EDGE)
        limits = np.asarray(cv2.convertScaleAbs(self._noise, alpha=_NOISE_FACTOR)) + np.array(_LEAST, np.uint8)
        limits[:, :, 0] = cv2.addWeighted(limits[:, :, 0], 1.0, allowed, _EDGE_SHARE, 0.0)
        self.limits: Look = np.asarray(limits, np.uint8)
        strong = cv2.convertScaleAbs(limits, alpha=_STRONG_COLOUR)
        strong[:, :, 0] = cv2.add(limits[:, :, 0], cv2.convertScaleAbs(luma, alpha=_STRONG_LIGHT))
        self._strong = np.asarray(strong, np.uint8)
        self._edge_limits = np.asarray(
            cv2.addWeighted(limits[:, :, 0], 0.5, allowed, _EDGE_SHARE, _LEAST_EDGE), np.uint8
        )
