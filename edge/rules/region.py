"""Zones as areas: how far inside or outside a place is, for many places and zones at once, and where a path goes in.

        +-------------------+        `off` is the distance to the zone's outline, positive inside:
        |   off = +0.2      |
        |         x         |  x     deep inside     off >= margin
        |                   | -0.05  near the edge   between
        +-------------------+        deep outside    off <= -margin

Sides on the picture's edge are no outline: people are cut off there, and their anchors lie on it. A zone that is the
whole picture has no outline at all: everybody is inside, infinitely far.

Places are in units of the frame's height (see anchor.py).
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge.rules.polyline import Place, Polyline, polyline
from edge.settings.polygon import area, crossing_sides
from edge.settings.rules import Corner

Numbers = NDArray[np.float64]

_AT_EDGE = 0.02
"""A corner this near to the picture's edge is meant to lie on it (share of the frame)."""

_KEPT_AREA = 0.5
"""Corners are moved to the edge only where that leaves this share of the area."""

_WITHIN = 1e-6
"""Places on the picture's edge are judged this far within it (units of the frame's height)."""

_GRID = 24
"""Places along each side of the grid on which the inside of a zone is looked for."""

_THINNEST = 0.5
"""The margin is at most this share of the greatest distance that a place inside has from the outline."""


class Regions:
    """Several zones in a picture of one shape; `outlines` are their corners in fractions of the frame."""

    def __init__(self, outlines: Sequence[Sequence[Corner]], aspect: float) -> None:
        zones = [snapped(corners) for corners in outlines]
        self._aspect = aspect
        starts = np.cumsum([0, *(len(zone) for zone in zones)])[:-1]
        self._starts = starts.astype(np.intp)
        begin = np.array([corner for zone in zones for corner in zone]).reshape(-1, 2)
        end = np.array([corner for zone in zones for corner in (*zone[1:], zone[0])]).reshape(-1, 2)
        (ax, ay), (bx, by) = (begin * (aspect, 1.0)).T, (end * (aspect, 1.0)).T
        dx, dy = bx - ax, by - ay
        squared = dx**2 + dy**2
        slope = dx / np.where(dy == 0.0, 1.0, dy)
        self._high, self._low = np.maximum(ay, by), np.minimum(ay, by)
        along = np.array((dx, dy, 0.0 * dx, -(ax * dx + ay * dy))) / squared
        apart = np.array((-2.0 * ax, -2.0 * ay, np.ones_like(ax), ax**2 + ay**2))
        ahead = np.array((np.ones_like(ax), -slope, 0.0 * ax, slope * ay - ax))
        self._sides = np.hstack((along, apart, ahead))
        self._hidden = np.where(_on_border(begin, end), math.inf, 0.0)
        self._squared = squared

    def off(self, places: Numbers) -> Numbers:
        """Return how far inside (positive) or outside each zone each place is: (places, zones); `places` is (n, 2).

        One product gives, for each place (row) and side (column): how far along the side its foot lies, 0 to 1 within
        it; the squared distance to where the side begins; and how far the place is to the right of the side.
        """
        x = np.clip(places[:, 0], _WITHIN, self._aspect - _WITHIN)
        y = np.clip(places[:, 1], _WITHIN, 1.0 - _WITHIN)
        count = len(self._squared)
        sides = np.column_stack((x, y, x * x + y * y, np.ones_like(x))) @ self._sides
        along, apart, ahead = sides[:, :count], sides[:, count : 2 * count], sides[:, 2 * count :]
        foot = np.clip(along, 0.0, 1.0)
        along *= 2.0
        along -= foot
        foot *= along
        foot *= self._squared
        apart -= foot
        apart += self._hidden
        nearest = np.sqrt(np.maximum(np.minimum.reduceat(apart, self._starts, axis=1), 0.0))
        beside = y[:, None]
        over = (self._high > beside) & (self._low <= beside) & (ahead < 0.0)
        inside = np.logical_xor.reduceat(over, self._starts, axis=1)
        return np.where(inside, nearest, -nearest)


def depth(corners: Sequence[Corner], aspect: float) -> float:
    """Return about how far from the outline one can be inside a zone; infinite for the whole picture."""
    (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
    across, down = np.meshgrid(np.linspace(left, right, _GRID), np.linspace(top, bottom, _GRID))
    places = np.column_stack((across.ravel() * aspect, down.ravel()))
    return max(float(Regions((corners,), aspect).off(places).max()), 0.0)


def margin_limit(corners: Sequence[Corner], aspect: float) -> float:
    """Return the largest margin that a zone can have: in a narrow one nobody could ever be far inside."""
    return _THINNEST * depth(corners, aspect)


def snapped(corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """Return the corners, those near the picture's edge moved onto it, unless that spoils the zone."""
    moved = tuple((_snap(x), _snap(y)) for x, y in corners)
    spoilt = len(set(moved)) < len(moved) or area(moved) < _KEPT_AREA * area(corners) or crossing_sides(moved)
    return tuple(corners) if spoilt else moved


def outline(corners: Sequence[Corner], aspect: float) -> tuple[Polyline, ...]:
    """Return the sides that do not lie on the picture's edge, for `entry`."""
    zone = snapped(corners)
    sides = list(pairwise((*zone, zone[0])))
    hidden = _on_border(np.array([a for a, _ in sides]), np.array([b for _, b in sides]))
    return tuple(
        polyline([(x * aspect, y) for x, y in side], reach=0.0, touch=0.0)
        for side, at_border in zip(sides, hidden, strict=True)
        if not at_border
    )


def last_share(sides: Sequence[Polyline], before: Place, now: Place) -> float | None:
    """Return at which share of a step it last crossed a side, None where it crosses none."""
    shares = [hit.share for side in sides for hit in side.hits(*before, *now)]
    return max(shares, default=None)


def _snap(value: float) -> float:
    if value <= _AT_EDGE:
        return 0.0
    return 1.0 if value >= 1.0 - _AT_EDGE else value


def _on_border(begin: Numbers, end: Numbers) -> NDArray[np.bool_]:
    """Tell which sides, (n, 2) from begin to end in fractions of the frame, lie on the picture's edge."""
    return np.asarray((((begin == 0.0) & (end == 0.0)) | ((begin == 1.0) & (end == 1.0))).any(axis=1))
