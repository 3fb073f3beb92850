"""What is held over the lens: a gloved hand, so near that it is out of focus."""

import math
from typing import Final

import cv2
import numpy as np

from edge.capture.street.body import Colour
from edge.capture.street.paint import Canvas, polygon, shaded, stroke
from edge.capture.street.programme import Mishap
from edge.capture.street.view import HEIGHT, WIDTH, Points

COARSE: Final = 8
"""It is drawn so many times as small: nothing of it is sharp."""
MOVES_S: Final = 0.7
"""So long it takes to come and to go, within its time."""
BLUR: Final = 2.4
GLOVE: Final[Colour] = (62, 74, 96)
GAP: Final[Colour] = (34, 40, 58)
"""Between the fingers hardly any light comes through."""
FINGERS: Final = ((0.06, -0.10), (0.30, -0.34), (0.55, -0.36), (0.80, -0.20), (1.04, 0.10))
"""Where each finger ends, in shares of the picture; they begin at the palm, below."""
RADIUS: Final = 0.15
"""Half a finger's thickness, in widths of the picture."""


def reach(mishap: Mishap, t: float) -> float:
    """Return how far the hand has come up before the lens: 0 not at all, 1 all over it."""
    share = min((t - mishap.since_s) / MOVES_S, (mishap.until_s - t) / MOVES_S, 1.0)
    share = max(0.0, share)
    return share * share * (3 - 2 * share)


def draw_hand(canvas: Canvas, mishap: Mishap, t: float) -> None:
    """Draw the hand on a BGR picture."""
    size = (WIDTH // COARSE, HEIGHT // COARSE)
    down = (1.0 - reach(mishap, t)) * 1.75 + 0.02 * math.sin(2.1 * t)
    aside = 0.012 * math.sin(1.3 * t)
    hand, solid = np.full((size[1], size[0], 3), GAP, np.uint8), np.zeros((size[1], size[0], 3), np.uint8)
    _paint(hand, aside, down, GLOVE)
    _shape(solid, aside, down)
    colour, share = _enlarged(hand), _enlarged(solid)
    street = cv2.multiply(canvas, cv2.bitwise_not(share), scale=1 / 255)
    cv2.add(street, cv2.multiply(colour, share, scale=1 / 255), dst=canvas)


def _enlarged(small: Canvas) -> Canvas:
    soft = cv2.GaussianBlur(small, (0, 0), BLUR)
    return np.asarray(cv2.resize(soft, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)


def _paint(small: Canvas, aside: float, down: float, colour: Colour) -> None:
    """Paint the glove: each finger lit along its middle, the palm a little darker."""
    for tip in FINGERS:
        end, start = _place(tip[0] + aside, tip[1] + down), _place(0.5 + 0.8 * (tip[0] - 0.5) + aside, 0.75 + down)
        for share, light in ((1.0, 0.75), (0.72, 0.92), (0.42, 1.08)):
            thick = RADIUS * share * WIDTH / COARSE
            stroke(small, start, end, (thick, thick * 0.9), shaded(colour, light))
    palm = [_place(x + aside, y + down) for x, y in ((-0.3, 0.85), (1.3, 0.7), (1.3, 3.0), (-0.3, 3.0))]
    polygon(small, np.array(palm), shaded(colour, 0.88))


def _shape(solid: Canvas, aside: float, down: float) -> None:
    """Fill all that the hand hides, 255 each, also what lies between the fingers."""
    for tip in FINGERS:
        start, end = _place(tip[0] + aside, 0.75 + down), _place(tip[0] + aside, tip[1] + down)
        thick = RADIUS * WIDTH / COARSE
        stroke(solid, start, end, (thick, thick * 0.9), (255, 255, 255))
    rest = [_place(x, y + down) for x, y in ((-0.3, -0.05), (1.3, -0.05), (1.3, 3.0), (-0.3, 3.0))]
    polygon(solid, np.array(rest), (255, 255, 255))


def _place(x: float, y: float) -> Points:
    return np.array([x * WIDTH / COARSE, y * HEIGHT / COARSE])
