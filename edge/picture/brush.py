"""Marks that are readable on any picture: text on a plate, lines with an edge, arrows, translucent areas."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.model.geometry import Box, Point
from edge.picture.colour import Bgr

Colour = tuple[int, int, int]
"""Blue, green, red."""
WHITE: Final[Colour] = (250, 250, 250)
DARK: Final[Colour] = (28, 26, 24)
LIMIT: Final = 20_000.0
"""Pixels: whatever lies farther out is drawn there."""


@dataclass(frozen=True, slots=True, eq=False)
class Brush:
    """Draws on one BGR picture in sizes that go with its height."""

    image: Bgr

    @property
    def unit(self) -> float:
        """One unit is a pixel of a picture of 540 rows."""
        return max(0.5, float(self.image.shape[0]) / 540)

    def width(self, units: float) -> int:
        """Return a line's width in pixels, at least one."""
        return max(1, round(units * self.unit))

    def pixel(self, point: Point) -> tuple[int, int]:
        """Return the pixel of a place in fractions of the frame."""
        height, width = self.image.shape[:2]
        return _whole(point.x * width), _whole(point.y * height)

    def box(self, box: Box, colour: Colour) -> None:
        """Outline a box."""
        first, last = self.pixel(Point(box.left, box.top)), self.pixel(Point(box.right, box.bottom))
        cv2.rectangle(self.image, first, last, DARK, self.width(3.2), cv2.LINE_AA)
        cv2.rectangle(self.image, first, last, colour, self.width(1.8), cv2.LINE_AA)

    def path(self, points: Sequence[Point], colour: Colour, units: float, *, edge: bool = True) -> None:
        """Draw a line through places in fractions of the frame."""
        corners = np.array([self.pixel(point) for point in points], np.int32).reshape(-1, 1, 2)
        if len(corners) == 0:
            return
        strokes = [(DARK, units + 1.6), (colour, units)] if edge else [(colour, units)]
        for tint, wide in strokes:
            cv2.polylines(self.image, [corners], False, tint, self.width(wide), cv2.LINE_AA)  # noqa: FBT003 - open, not closed

    def area(self, points: Sequence[Point], colour: Colour, strength: float) -> None:
        """Tint a polygon, so that the picture shines through, and outline it."""
        corners = np.array([self.pixel(point) for point in points], np.int32).reshape(-1, 1, 2)
        if len(corners) == 0:
            return
        tinted = self.image.copy()
        cv2.fillPoly(tinted, [corners], colour, cv2.LINE_AA)
        cv2.addWeighted(tinted, strength, self.image, 1 - strength, 0, dst=self.image)
        cv2.polylines(self.image, [corners], True, colour, self.width(1.4), cv2.LINE_AA)  # noqa: FBT003 - closed

    def arrow(self, start: tuple[float, float], angle: float, length: float, colour: Colour) -> tuple[float, float]:
        """Draw an arrow from a pixel at an angle (radians, clockwise from the right); return the pixel of its tip."""
        tip = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
        ends = [(_whole(x), _whole(y)) for x, y in (start, tip)]
        for tint, units in ((DARK, 4.0), (colour, 2.0)):
            cv2.arrowedLine(self.image, ends[0], ends[1], tint, self.width(units), cv2.LINE_AA, tipLength=0.35)
        return tip

    def label(self, text: str, x: float, y: float, colour: Colour, *, centred: bool = False) -> None:
        """Write on a dark plate with its lower left corner (or middle) at a pixel, moved so that all can be read."""
        text = text.encode("ascii", "replace").decode("ascii")
        size, thick = 0.46 * self.unit, self.width(1.0)
        (wide, tall), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
        pad = self.width(3)
        height, width = self.image.shape[:2]
        left = _whole(x - wide / 2 - pad) if centred else _whole(x)
        bottom = _whole(y + (tall + base) / 2 + pad) if centred else _whole(y)
        left = max(0, min(left, width - wide - 2 * pad))
        bottom = min(height - 1, max(bottom, tall + base + 2 * pad))
        self._plate(left, bottom - tall - base - 2 * pad, left + wide + 2 * pad, bottom)
        start = (left + pad, bottom - base - pad)
        cv2.putText(self.image, text, start, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)

    def _plate(self, left: int, top: int, right: int, bottom: int) -> None:
        part = self.image[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        if part.size:
            cv2.addWeighted(part, 0.28, np.full_like(part, DARK), 0.72, 0, dst=part)


def _whole(value: float) -> int:
    """Round a pixel; what is not a number is 0, what lies far outside is brought near."""
    return 0 if math.isnan(value) else round(min(LIMIT, max(-LIMIT, value)))
