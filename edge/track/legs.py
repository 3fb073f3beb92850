"""Who is seen walking, upright and whole: legs of the way, each with a place and a height."""

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from edge.model.geometry import Box
from edge.model.perspective import fit_heights
from edge.model.scene import Track

_STEP = 0.25
"""Own heights from one sample to the next: who stands gives none."""
_SAMPLES = 6
_ALONE = 0.75
_EDGE = 0.01
_STRAIGHT = 0.8
_FAR = 1.0
"""Own heights from the first sample of a leg to its last, at least."""
_SPEED = (0.25, 2.5)
"""Own heights per second of who walks; a person walks 0.8, runs 2.5."""
_SHAPE = (0.2, 0.65)
"""Width over height."""
_STEADY = 0.15
"""A leg whose heights lie further from an even growth, in the middle, is none: share of the height."""

Rows = tuple[tuple[float, float, float, float, float], ...]
"""Seconds, middle x, foot y, height (in frame heights), width over height."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A piece of somebody's way: where the feet were in the middle of it, and how tall it made the walker."""

    x: float
    foot: float
    height: float


class Walker:
    """One object's way, cut into legs of six samples that overlap by half."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float, float, float]] = deque(maxlen=_SAMPLES)

    def see(self, track: Track, stream_s: float, aspect: float) -> Leg | None:
        """Take in an object as it is in a scene; return the leg that this ends, if it is somebody who walks."""
        box = track.box
        if not track.new or track.last_s < stream_s or track.confidence < _ALONE or _at_edge(box):
            return None
        across = box.center.x * aspect
        if self._samples:
            _, x, y, _, _ = self._samples[-1]
            if math.hypot(across - x, box.bottom - y) < _STEP * box.height:
                return None
        self._samples.append((stream_s, across, box.bottom, box.height, box.width * aspect / box.height))
        if len(self._samples) < _SAMPLES:
            return None
        rows = tuple(self._samples)
        for _ in range(_SAMPLES // 2):
            self._samples.popleft()
        return _leg(rows, aspect)


def _leg(rows: Rows, aspect: float) -> Leg | None:
    seconds, across, foot, height, shape = zip(*rows, strict=True)
    usual = median(height)
    away = math.dist((across[0], foot[0]), (across[-1], foot[-1]))
    path = sum(math.dist(one[1:3], other[1:3]) for one, other in pairwise(rows))
    speed = path / usual / max(seconds[-1] - seconds[0], 1e-3)
    walks = away >= max(_STRAIGHT * path, _FAR * usual) and _SPEED[0] < speed < _SPEED[1]
    if not walks or not _SHAPE[0] < median(shape) < _SHAPE[1]:
        return None
    slope, level = fit_heights(np.column_stack((foot, height)))
    if median(abs(h - slope * y - level) for y, h in zip(foot, height, strict=True)) > _STEADY * usual:
        return None
    return Leg(median(across) / aspect, median(foot), usual)


def _at_edge(box: Box) -> bool:
    return box.left < _EDGE or box.top < _EDGE or box.right > 1 - _EDGE or box.bottom > 1 - _EDGE
