"""Points and boxes in fractions of the frame: x to the right, y down, both 0..1."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the frame, in fractions of its width and height."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in fractions of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Share of the frame's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the frame's height."""
        return self.bottom - self.top

    @property
    def center(self) -> Point:
        """The middle of the box."""
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    @property
    def bottom_center(self) -> Point:
        """Where a standing person's feet are: the default anchor."""
        return Point((self.left + self.right) / 2, self.bottom)


def diagonal(aspect: float) -> float:
    """Return the frame's diagonal in units of its height, for a frame of `aspect` (width / height)."""
    return math.hypot(aspect, 1.0)


def distance(a: Point, b: Point, aspect: float) -> float:
    """Return the distance between two points in units of the frame's height."""
    return math.hypot((b.x - a.x) * aspect, b.y - a.y)
