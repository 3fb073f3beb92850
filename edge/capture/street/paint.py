"""Brush strokes: smooth shapes at fractions of a pixel, and soft shadows."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.street.body import Colour
from edge.capture.street.view import Points

Canvas = NDArray[np.uint8]
"""A picture of shape (height, width, 3), BGR."""
SHIFT: Final = 4
FINE: Final = 1 << SHIFT


def shaded(colour: Colour, light: float) -> Colour:
    """Return a colour under more or less light."""
    return tuple(min(255, round(part * light)) for part in colour)  # type: ignore[return-value] # three in, three out


def polygon(canvas: Canvas, corners: Points, colour: Colour) -> None:
    """Fill a polygon of (n, 2) pixels."""
    cv2.fillPoly(canvas, [fixed(corners)], colour, lineType=cv2.LINE_AA, shift=SHIFT)


def outline(canvas: Canvas, corners: Points, colour: Colour, *, closed: bool = False, width: int = 1) -> None:
    """Draw a line along (n, 2) pixels."""
    cv2.polylines(canvas, [fixed(corners)], closed, colour, width, lineType=cv2.LINE_AA, shift=SHIFT)


def dot(canvas: Canvas, centre: Points, radius: float, colour: Colour) -> None:
    """Fill a circle at a (2,) pixel."""
    place = fixed(centre)
    cv2.circle(canvas, (int(place[0]), int(place[1])), round(radius * FINE), colour, cv2.FILLED, cv2.LINE_AA, SHIFT)


def stroke(canvas: Canvas, start: Points, end: Points, radii: tuple[float, float], colour: Colour) -> None:
    """Fill a limb with round ends between two (2,) pixels, as wide at each as its radius."""
    dot(canvas, start, radii[0], colour)
    dot(canvas, end, radii[1], colour)
    along = end - start
    length = float(np.hypot(along[0], along[1]))
    if length > 0.5:  # noqa: PLR2004 - half a pixel has no sides
        across = np.array([-along[1], along[0]]) / length
        sides = [start + across * radii[0], end + across * radii[1], end - across * radii[1], start - across * radii[0]]
        polygon(canvas, np.array(sides), colour)


def moved(place: Points, right: float, down: float) -> Points:
    """Return a (2,) pixel moved by so many pixels."""
    return np.array([place[0] + right, place[1] + down])


def fixed(points: Points) -> NDArray[np.int32]:
    """Return pixels as OpenCV's fixed point numbers; the middle of a pixel is its whole number."""
    return np.rint(points * FINE).astype(np.int32)


def darken(canvas: Canvas, hull: Points, strength: float, softness: int) -> None:
    """Throw a shadow: darken a polygon of (n, 2) pixels by `strength` (0..1), with edges of some `softness` pixels."""
    height, width = canvas.shape[:2]
    low = np.maximum(np.floor(hull.min(axis=0)).astype(int) - 2 * softness, 0)
    high = np.minimum(np.ceil(hull.max(axis=0)).astype(int) + 2 * softness, (width, height))
    if (high - low < 2).any():  # noqa: PLR2004 - nothing to see
        return
    patch = canvas[low[1] : high[1], low[0] : high[0]]
    half = np.zeros(((patch.shape[0] + 1) // 2, (patch.shape[1] + 1) // 2), np.uint8)
    cv2.fillPoly(half, [fixed((hull - low) / 2)], round(255 * strength), lineType=cv2.LINE_AA, shift=SHIFT)
    half = cv2.blur(half, (softness, softness)).astype(np.uint8, copy=False)
    mask = 255 - cv2.resize(half, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(patch, cv2.merge([mask, mask, mask]), dst=patch, scale=1 / 255)


def blend(canvas: Canvas, sprite: Canvas, alpha: Canvas, left: int, top: int) -> None:
    """Lay a sprite (h, w, 3), times its alpha already, over the picture; `alpha` is (h, w, 3) too; all of it inside."""
    patch = canvas[top : top + sprite.shape[0], left : left + sprite.shape[1]]
    cv2.multiply(patch, 255 - alpha, dst=patch, scale=1 / 255)
    cv2.add(patch, sprite, dst=patch)
