"""Things on the pavement: lamp, bench, bin, the stop's sign."""

import numpy as np

from edge.capture.street.body import Colour
from edge.capture.street.paint import Canvas, dot, polygon, shaded, stroke
from edge.capture.street.view import FOCAL, Points, project

STEEL: Colour = (96, 92, 88)
WOOD: Colour = (70, 104, 142)


def _at(*places: tuple[float, float, float]) -> Points:
    return project(np.array(places))[0]


def pole(canvas: Canvas, x: float, z: float, low: float, high: float, radius: float, colour: Colour) -> None:
    """Draw an upright round pole, metres."""
    pixels, depth = project(np.array([(x, low, z), (x, high, z)]))
    scale = FOCAL / depth
    radii = (radius * float(scale[0]), radius * float(scale[1]))
    stroke(canvas, pixels[0], pixels[1], radii, shaded(colour, 0.8))
    lit = (radii[0] * 0.5, radii[1] * 0.5)
    stroke(canvas, pixels[0] - (radii[0] * 0.3, 0), pixels[1] - (radii[1] * 0.3, 0), lit, shaded(colour, 1.15))


def block(canvas: Canvas, low: tuple[float, float, float], high: tuple[float, float, float], colour: Colour) -> None:
    """Draw an upright box between two corners, metres: its top, its front, and the side that is seen."""
    (left, floor, near), (right, top, far) = low, high
    side = left if left > 0 else right
    polygon(
        canvas, _at((side, floor, near), (side, floor, far), (side, top, far), (side, top, near)), shaded(colour, 0.7)
    )
    polygon(canvas, _at((left, floor, near), (right, floor, near), (right, top, near), (left, top, near)), colour)
    polygon(
        canvas, _at((left, top, near), (right, top, near), (right, top, far), (left, top, far)), shaded(colour, 1.2)
    )


def draw_lamp(canvas: Canvas, x: float, z: float) -> None:
    """Draw a street lamp."""
    pole(canvas, x, z, 0.0, 0.9, 0.11, STEEL)
    pole(canvas, x, z, 0.9, 5.4, 0.06, STEEL)
    pixels, depth = project(np.array([(x, 5.4, z), (x + 0.25, 5.75, z + 0.3), (x + 0.9, 5.8, z + 0.9)]))
    scale = FOCAL / float(depth[0])
    stroke(canvas, pixels[0], pixels[1], (0.055 * scale, 0.05 * scale), STEEL)
    stroke(canvas, pixels[1], pixels[2], (0.05 * scale, 0.10 * scale), shaded(STEEL, 1.1))


def draw_bench(canvas: Canvas, x: float, z: float) -> None:
    """Draw a bench whose back is to the road."""
    for at in (x - 0.8, x + 0.7):
        block(canvas, (at, 0.0, z), (at + 0.1, 0.42, z + 0.42), STEEL)
    block(canvas, (x - 0.95, 0.40, z), (x + 0.95, 0.47, z + 0.45), WOOD)
    block(canvas, (x - 0.95, 0.58, z + 0.46), (x + 0.95, 0.70, z + 0.50), WOOD)
    block(canvas, (x - 0.95, 0.76, z + 0.49), (x + 0.95, 0.88, z + 0.53), WOOD)


def draw_bin(canvas: Canvas, x: float, z: float) -> None:
    """Draw a litter bin."""
    pole(canvas, x, z, 0.25, 0.85, 0.24, (74, 92, 64))
    pixels, depth = project(np.array([(x, 0.95, z)]))
    dot(canvas, pixels[0], 0.24 * FOCAL / float(depth[0]) * 0.9, (48, 56, 46))


def draw_planter(canvas: Canvas, x: float, z: float) -> None:
    """Draw a box with shrubs, which hides the legs of those who pass behind it."""
    dice = np.random.default_rng(5)
    block(canvas, (x - 0.75, 0.0, z - 0.25), (x + 0.75, 0.5, z + 0.25), (118, 122, 128))
    for colour in ((34, 66, 44), (44, 92, 62), (66, 124, 92), (96, 158, 128)):
        for _ in range(46):
            place = (x + float(dice.uniform(-0.7, 0.7)), 0.5 + float(dice.uniform(0.02, 0.34)), z)
            pixels, depth = project(np.array([place]))
            dot(canvas, pixels[0], float(dice.uniform(0.03, 0.075)) * FOCAL / float(depth[0]), colour)


def draw_stop(canvas: Canvas, x: float, z: float) -> None:
    """Draw a bus stop's sign."""
    pole(canvas, x, z, 0.0, 2.6, 0.04, STEEL)
    polygon(canvas, _at((x - 0.3, 2.1, z), (x + 0.3, 2.1, z), (x + 0.3, 2.75, z), (x - 0.3, 2.75, z)), (60, 150, 90))
    polygon(canvas, _at((x - 0.2, 2.2, z), (x + 0.2, 2.2, z), (x + 0.2, 2.45, z), (x - 0.2, 2.45, z)), (226, 232, 232))
    polygon(canvas, _at((x - 0.2, 1.1, z), (x + 0.2, 1.1, z), (x + 0.2, 1.7, z), (x - 0.2, 1.7, z)), (214, 220, 220))
