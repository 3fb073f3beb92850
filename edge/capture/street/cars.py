"""Draws cars as solid bodies: the faces turned to the camera, lit by the sun, with windows, lamps and wheels."""

import math
from typing import Final

import numpy as np

from edge.capture.street.body import WHEEL, Car, Colour, corners, placed, wheels
from edge.capture.street.paint import Canvas, moved, outline, polygon, shaded
from edge.capture.street.view import EYE, Points, project

GLASS: Final[Colour] = (74, 62, 50)
GLASS_LIT: Final[Colour] = (128, 112, 94)
RUBBER: Final[Colour] = (30, 29, 28)
RIM: Final[Colour] = (150, 150, 148)
LAMP: Final[Colour] = (245, 250, 255)
TAIL: Final[Colour] = (40, 34, 190)
TO_SUN: Final = np.array([-0.42, 0.85, -0.30])
ROUND: Final = np.array([(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 20, endpoint=False)])
GLASS_STRIPS: Final = (2, 4)
"""Between which corners of the profile the rear window and the windscreen begin."""


def draw_car(canvas: Canvas, car: Car, x: float, z: float, heading: float) -> None:
    """Draw a car on a BGR picture."""
    body = corners(car, x, z, heading)
    pixels, _ = project(body)
    seen = 0 if np.dot(body[0] - body[8], EYE - body[0]) > 0 else 8
    _wheels(canvas, car, x, z, heading, seen, behind=True)
    _underside(canvas, pixels)
    for strip in range(7):
        _strip(canvas, car, body, pixels, strip)
    _side(canvas, car, pixels, seen)
    _wheels(canvas, car, x, z, heading, seen, behind=False)
    _lamps(canvas, body, pixels)


def _underside(canvas: Canvas, pixels: Points) -> None:
    polygon(canvas, pixels[[0, 7, 15, 8]], RUBBER)


def _strip(canvas: Canvas, car: Car, body: Points, pixels: Points, strip: int) -> None:
    """Draw one strip across the car, from one corner of the profile to the next."""
    rows = [strip, strip + 1, strip + 9, strip + 8]
    normal = np.cross(body[strip + 1] - body[strip], body[strip + 8] - body[strip])
    if np.dot(normal, body[rows].mean(axis=0) - body.mean(axis=0)) < 0:
        normal = -normal
    if np.dot(normal, EYE - body[strip]) <= 0:
        return
    light = 0.70 + 0.34 * float(np.dot(normal, TO_SUN) / (np.linalg.norm(normal) + 1e-9))
    polygon(canvas, pixels[rows], shaded(car.paint, light))
    if strip in GLASS_STRIPS:
        polygon(canvas, _inset(pixels[rows], 0.10), GLASS_LIT if strip == GLASS_STRIPS[1] else GLASS)


def _side(canvas: Canvas, car: Car, pixels: Points, seen: int) -> None:
    """Draw the side that is turned to the camera: body, windows, door lines, sill."""
    rows = np.array([0, 1, 2, 5, 6, 7]) + seen
    light = 0.86 if seen else 0.74
    polygon(canvas, pixels[rows], shaded(car.paint, light))
    house = pixels[np.array([2, 3, 4, 5]) + seen]
    polygon(canvas, house, shaded(car.paint, light * 0.96))
    _windows(canvas, house)
    rear, front = pixels[0 + seen], pixels[7 + seen]
    belt = pixels[np.array([1, 2, 5, 6]) + seen]
    outline(canvas, belt, shaded(car.paint, light * 1.12))
    for share in (0.36, 0.60):
        top = house[0] + (house[3] - house[0]) * (0.08 + share * 0.9)
        foot = rear + (front - rear) * (0.12 + share * 0.72)
        outline(canvas, np.array([top, foot + (top - foot) * 0.12]), shaded(car.paint, light * 0.72))
    polygon(canvas, np.array([rear, front, moved(front, 0, -2.5), moved(rear, 0, -2.5)]), shaded(car.paint, 0.4))


def _windows(canvas: Canvas, house: Points) -> None:
    inner = _inset(house, 0.13)
    polygon(canvas, inner, GLASS)
    upper = np.array([inner[0] * 0.45 + inner[1] * 0.55, inner[1], inner[2], inner[2] * 0.55 + inner[3] * 0.45])
    polygon(canvas, upper, shaded(GLASS, 1.35))
    for share in (0.38, 0.66):
        low = inner[0] + (inner[3] - inner[0]) * share
        high = inner[1] + (inner[2] - inner[1]) * share
        outline(canvas, np.array([low, high]), shaded(GLASS, 0.55), width=2)


def _wheels(canvas: Canvas, car: Car, x: float, z: float, heading: float, seen: int, *, behind: bool) -> None:
    side = 0.80 if (seen == 0) != behind else -0.80
    for axle in wheels(car):
        for radius, colour in (
            (WHEEL * 1.12, RUBBER),
            (WHEEL, shaded(RUBBER, 1.25)),
            (WHEEL * 0.62, RIM),
            (WHEEL * 0.2, RUBBER),
        ):
            local = np.column_stack(
                [
                    axle + ROUND[:, 0] * radius,
                    np.maximum(WHEEL + ROUND[:, 1] * radius, 0.0),
                    np.full(len(ROUND), side * 1.1),
                ]
            )
            polygon(canvas, project(placed(local, x, z, heading))[0], colour)
            if behind:
                break


def _lamps(canvas: Canvas, body: Points, pixels: Points) -> None:
    for strip, colour in ((6, LAMP), (0, TAIL)):
        rows = [strip, strip + 1, strip + 9, strip + 8]
        face = pixels[rows]
        normal = body[rows].mean(axis=0) - body.mean(axis=0)
        if np.dot(normal * (1, 0, 1), EYE - body[rows].mean(axis=0)) <= 0:
            continue
        low, high = (0.30, 0.02) if strip == 0 else (0.42, 0.12)
        for start, end in ((0.03, 0.24), (0.76, 0.97)):
            polygon(
                canvas,
                np.array(
                    [
                        _within(face, start, low),
                        _within(face, end, low),
                        _within(face, end, high),
                        _within(face, start, high),
                    ]
                ),
                colour,
            )
        plate = [_within(face, across, up) for across, up in ((0.38, 0.72), (0.62, 0.72), (0.62, 0.56), (0.38, 0.56))]
        polygon(canvas, np.array(plate), (215, 220, 220))


def _within(face: Points, across: float, down: float) -> Points:
    """Return a place on an end face: 0 to 1 across, 0 to 1 from its upper edge down. Corners: see `_strip`."""
    upper = (1, 2) if face[1, 1] < face[0, 1] else (0, 3)
    lower = (0, 3) if upper == (1, 2) else (1, 2)
    top = face[upper[0]] + (face[upper[1]] - face[upper[0]]) * across
    bottom = face[lower[0]] + (face[lower[1]] - face[lower[0]]) * across
    return np.asarray(top + (bottom - top) * down)


def _inset(face: Points, share: float) -> Points:
    centre = face.mean(axis=0)
    return np.asarray(face + (centre - face) * share)
