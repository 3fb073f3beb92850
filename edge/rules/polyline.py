"""A line of several points: where a step crosses it, and how far away a place is.

    first point                      Looking from the first point to the last, the left hand is the side where the
        |                            cross product d x (p - a) is negative (y points down). A step from the left to
  right | left                       the right has sign +1 (a_to_b), the other way -1.
        |
    last point                       Both ends go on straight, as extensions: who walks past an end crosses an
        :                            extension. That is no crossing of the line, but it is a change of side.
        : extension

Everything here is in units of the frame's height (see anchor.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float]

_Span = tuple[float, float, float, float, float]
"""Of a piece: where it begins, how far it goes, and the square of that: ax, ay, dx, dy, squared."""

_SKEW = (7.31e-7, 3.17e-7)
"""Lines are moved by less than a thousandth of a pixel, askew, so that no pixel's corner lies exactly on one."""


class Hit(NamedTuple):
    """Where a step crosses a line: at `share` (0..1) of the step, going to the right (+1) or to the left (-1).

    `on_line` is False on an extension. `heading` is the direction of the crossed piece, a unit vector.
    """

    share: float
    sign: int
    on_line: bool
    heading: Place


@dataclass(frozen=True, slots=True)
class Piece:
    """One straight piece from a to b with its extensions; the line itself is its part from `low` to `high`."""

    ax: float
    ay: float
    bx: float
    by: float
    low: float = 0.0
    high: float = 1.0

    @property
    def length(self) -> float:
        """Length with extensions."""
        return math.hypot(self.bx - self.ax, self.by - self.ay)

    @property
    def heading(self) -> Place:
        """The direction from a to b, a unit vector."""
        return (self.bx - self.ax) / self.length, (self.by - self.ay) / self.length

    def at(self, share: float) -> Place:
        """Return the place at a share (0..1) of the way from a to b."""
        return self.ax + share * (self.bx - self.ax), self.ay + share * (self.by - self.ay)


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line of two or more points with its extensions; made by `polyline`."""

    pieces: tuple[Piece, ...]
    spans: tuple[_Span, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep of each piece what every step and place is held against."""
        object.__setattr__(self, "spans", tuple(_span(piece) for piece in self.pieces))

    def hits(self, px: float, py: float, qx: float, qy: float) -> list[Hit]:
        """Return every crossing of the step from p to q, in the order of the step."""
        found: list[Hit] = []
        ex, ey = qx - px, qy - py
        for (ax, ay, dx, dy, _), piece in zip(self.spans, self.pieces, strict=True):
            side_p = dx * (py - ay) - dy * (px - ax)
            side_q = dx * (qy - ay) - dy * (qx - ax)
            if (side_p < 0) == (side_q < 0):
                continue
            # The same test seen from the step. Neighbours share a corner, so a step through it hits just one of them.
            side_a = ex * (ay - py) - ey * (ax - px)
            side_b = ex * (piece.by - py) - ey * (piece.bx - px)
            if (side_a < 0) == (side_b < 0):
                continue
            on_line = piece.low <= side_a / (side_a - side_b) <= piece.high
            found.append(Hit(side_p / (side_p - side_q), 1 if side_p < 0 else -1, on_line, piece.heading))
        found.sort(key=lambda hit: hit.share)
        return found

    def normals(self) -> NDArray[np.float64]:
        """Return (pieces, 3): this times a place, as (x, y, 1), is how far it is to the right of each piece's line."""
        rows = [(-uy, ux, uy * piece.ax - ux * piece.ay) for piece in self.pieces for ux, uy in (piece.heading,)]
        return np.array(rows, np.float64).reshape(-1, 3)

    def past_end(self, x: float, y: float) -> float:
        """Return how far a place on an extension is from that end of the line."""
        first, last = self.pieces[0], self.pieces[-1]
        ends = (first.at(first.low), last.at(last.high))
        return min(math.hypot(x - end_x, y - end_y) for end_x, end_y in ends)

    def distance(self, x: float, y: float) -> float:
        """Return how far a place is from the line or its extensions, whichever is nearer."""
        nearest = math.inf
        for ax, ay, dx, dy, squared in self.spans:
            along = ((x - ax) * dx + (y - ay) * dy) / squared
            along = 0.0 if along < 0.0 else min(along, 1.0)
            nearest = min(nearest, math.hypot(x - ax - along * dx, y - ay - along * dy))
        return nearest


def polyline(points: Sequence[Place], *, reach: float, touch: float) -> Polyline:
    """Return the line through the points. Equal neighbours count as one; it may cross itself.

    `reach` is the length of an extension. An end that comes within `touch` of another part of the line closes it: it
    has no extension, and an extension that would meet the line ends half way to it.
    """
    moved = [(x + _SKEW[0], y + _SKEW[1]) for x, y in points]
    corners = [place for i, place in enumerate(moved) if i == 0 or place != moved[i - 1]]
    plain = [Piece(*a, *b) for a, b in pairwise(corners)]
    if not plain:
        return Polyline(())
    before = _extension(corners[0], corners[1], plain[2:], reach, touch)
    after = _extension(corners[-1], corners[-2], plain[:-2], reach, touch)
    last = len(plain) - 1
    return Polyline(
        tuple(
            _lengthened(piece, before if i == 0 else 0.0, after if i == last else 0.0) for i, piece in enumerate(plain)
        ),
    )


def _span(piece: Piece) -> _Span:
    dx, dy = piece.bx - piece.ax, piece.by - piece.ay
    return piece.ax, piece.ay, dx, dy, dx * dx + dy * dy


def _extension(end: Place, inner: Place, others: Sequence[Piece], reach: float, touch: float) -> float:
    """Return how far the line goes on straight from `inner` beyond `end`, given the pieces not next to that end."""
    if Polyline(tuple(others)).distance(*end) <= touch:
        return 0.0
    ux, uy = Piece(*inner, *end).heading
    hits = Polyline(tuple(others)).hits(*end, end[0] + ux * reach, end[1] + uy * reach)
    return hits[0].share * reach / 2 if hits else reach


def _lengthened(piece: Piece, before: float, after: float) -> Piece:
    """Return the piece with extensions of these lengths; the line itself stays where it is."""
    ux, uy = piece.heading
    whole = before + piece.length + after
    return Piece(
        piece.ax - ux * before,
        piece.ay - uy * before,
        piece.bx + ux * after,
        piece.by + uy * after,
        before / whole,
        (before + piece.length) / whole,
    )
