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
from itertools import chain, pairwise

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

_ON_OUTLINE = 1e-9
"""Who is nearer to the outline stands on it and is inside, whatever rounding says (units of the frame's height)."""

_GRID = 24
"""Places along each side of the grid on which the inside of a zone is looked for."""

_THINNEST = 0.5
"""The margin is at most this share of the greatest distance that a place inside has from the outline."""


class Regions:
    """Several zones in a picture of one shape; `outlines` are their corners in fractions of the frame."""

    def __init__(self, outlines: Sequence[Sequence[Corner]], aspect: float) -> None:
        zones = [snapped(corners) for corners in outlines]
        starts = np.cumsum([0, *(len(zone) for zone in zones)])[:-1]
        self._starts = starts.astype(np.intp)
        begin = np.array([corner for zone in zones for corner in zone]).reshape(-1, 2)
        end = np.array([corner for zone in zones for corner in (*zone[1:], zone[0])]).reshape(-1, 2)
        (ax, ay), (bx, by) = (begin * (aspect, 1.0)).T, (end * (aspect, 1.0)).T
        length = np.hypot(bx - ax, by - ay)
        ux, uy = (bx - ax) / length, (by - ay) / length
        nx, ny = np.abs(uy), np.where(uy < 0.0, ux, -ux)
        along = np.column_stack((ux, uy, -(ux * ax + uy * ay) - length / 2))
        ahead = np.column_stack((nx, ny, -(nx * ax + ny * ay)))
        self._sides = np.vstack((along, ahead))
        self._high, self._low = np.maximum(ay, by)[:, None], np.minimum(ay, by)[:, None]
        self._half = np.where(_on_border(begin, end), -math.inf, length / 2)[:, None]
        self._least = np.array((_WITHIN, _WITHIN, 1.0))[:, None]
        self._most = np.array((aspect - _WITHIN, 1.0 - _WITHIN, 1.0))[:, None]

    def off(self, spots: Numbers) -> Numbers:
        """Return how far inside (positive) or outside each zone each spot is: (zones, spots); see `spots_at`.

        One product gives, for each side (row) and spot (column), how far along the side it is from its middle, and how
        far it is to the right of the side's line.
        """
        spots = np.minimum(np.maximum(spots, self._least), self._most)
        both = self._sides @ spots
        beyond, ahead = both[: len(self._half)], both[len(self._half) :]
        over = (self._high > spots[1]) & (self._low <= spots[1])
        over &= ahead < 0.0
        inside = np.logical_xor.reduceat(over, self._starts, axis=0)
        np.abs(beyond, out=beyond)
        beyond -= self._half
        np.maximum(beyond, 0.0, out=beyond)
        both *= both
        beyond += ahead
        nearest = np.sqrt(np.minimum.reduceat(beyond, self._starts, axis=0))
        inside |= nearest < _ON_OUTLINE
        return np.where(inside, nearest, -nearest)


def spots_at(x: Numbers, y: Numbers) -> Numbers:
    """Return places as a product takes them: (3, places), rows x, y and ones."""
    return np.stack((x, y, np.ones_like(x)))


def depth(corners: Sequence[Corner], aspect: float) -> float:
    """Return about how far from the outline one can be inside a zone; infinite for the whole picture."""
    (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
    across, down = np.meshgrid(np.linspace(left, right, _GRID), np.linspace(top, bottom, _GRID))
    off = Regions((corners,), aspect).off(spots_at(across.ravel() * aspect, down.ravel()))
    return max(float(off.max()), 0.0)


def margin_limit(corners: Sequence[Corner], aspect: float) -> float:
    """Return the largest margin that a zone can have: in a narrow one nobody could ever be far inside."""
    return _THINNEST * depth(corners, aspect)


def snapped(corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """Return the corners, those near the picture's edge moved onto it, unless that spoils the zone."""
    moved = tuple((_snap(x), _snap(y)) for x, y in corners)
    spoilt = len(set(moved)) < len(moved) or area(moved) < _KEPT_AREA * area(corners) or crossing_sides(moved)
    return tuple(corners) if spoilt else moved


def outline(corners: Sequence[Corner], aspect: float) -> Polyline:
    """Return the sides that do not lie on the picture's edge, for `last_share`."""
    zone = snapped(corners)
    sides = list(pairwise((*zone, zone[0])))
    hidden = _on_border(np.array([a for a, _ in sides]), np.array([b for _, b in sides]))
    pieces = (
        polyline([(x * aspect, y) for x, y in side], reach=0.0, touch=0.0).pieces
        for side, at_border in zip(sides, hidden, strict=True)
        if not at_border
    )
    return Polyline(tuple(chain.from_iterable(pieces)))


def last_share(sides: Polyline, before: Place, now: Place) -> float | None:
    """Return at which share of a step it last crossed a side, None where it crosses none."""
    hits = sides.hits(*before, *now)
    return hits[-1].share if hits else None


def _snap(value: float) -> float:
    if value <= _AT_EDGE:
        return 0.0
    return 1.0 if value >= 1.0 - _AT_EDGE else value


def _on_border(begin: Numbers, end: Numbers) -> NDArray[np.bool_]:
    """Tell which sides, (n, 2) from begin to end in fractions of the frame, lie on the picture's edge."""
    return np.asarray((((begin == 0.0) & (end == 0.0)) | ((begin == 1.0) & (end == 1.0))).any(axis=1))
