"""Draws a suitcase: three faces, a handle, two straps."""

from typing import Final

import numpy as np

from edge.capture.street.body import SUITCASE, Colour, Suitcase, suitcase_corners
from edge.capture.street.paint import Canvas, outline, polygon, shaded
from edge.capture.street.view import Points, project

STEEL: Final[Colour] = (70, 68, 66)
STRAPS: Final = (0.24, 0.76)
"""Where the straps lie along it, shares of its length."""
GRIP: Final = (0.34, 0.66)
GRIP_HEIGHT: Final = 0.07
"""The handle's ends along it, and how far it stands up, metres."""


def draw_suitcase(canvas: Canvas, suitcase: Suitcase, x: float, z: float, gait: float) -> None:
    """Draw a suitcase on a BGR picture."""
    body = suitcase_corners(x, z, gait)
    pixels, _ = project(body)
    side = [0, 1, 5, 4] if x > 0 else [3, 2, 6, 7]
    polygon(canvas, pixels[side], shaded(suitcase.paint, 0.62))
    polygon(canvas, pixels[:4], suitcase.paint)
    polygon(canvas, pixels[[1, 2, 6, 5]], shaded(suitcase.paint, 1.35))
    for share in STRAPS:
        _strap(canvas, suitcase, pixels, share)
    outline(canvas, pixels[:4], shaded(suitcase.paint, 0.7), closed=True)
    _grip(canvas, body)


def _strap(canvas: Canvas, suitcase: Suitcase, pixels: Points, share: float) -> None:
    low, high, behind = (pixels[a] + (pixels[b] - pixels[a]) * share for a, b in ((0, 3), (1, 2), (5, 6)))
    outline(canvas, np.array([low, high, behind]), shaded(suitcase.paint, 0.55), width=2)


def _grip(canvas: Canvas, body: Points) -> None:
    middle = 0.5 * (body[1] + body[5])
    ends = [middle + np.array([SUITCASE[0] * share, 0.0, 0.0]) for share in GRIP]
    up = np.array([0.0, GRIP_HEIGHT, 0.0])
    pixels, _ = project(np.array([ends[0], ends[0] + up, ends[1] + up, ends[1]]))
    outline(canvas, pixels, STEEL, width=2)
