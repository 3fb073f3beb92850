"""Draws people: limbs as rounded strokes with a lit side, from the joints of their bodies."""

import math
from typing import Final

import numpy as np

from edge.capture.street.body import (
    ANKLES,
    ELBOWS,
    HANDS,
    HEAD,
    HIPS,
    KNEES,
    NECK,
    PELVIS,
    SHOULDERS,
    TOES,
    Colour,
    Person,
)
from edge.capture.street.paint import Canvas, dot, moved, polygon, shaded, stroke
from edge.capture.street.view import FOCAL, Points, project

LIT: Final = np.array([-0.35, -0.25])
"""Where on a limb the sun falls, in shares of its radius (to the left and up)."""


def draw_person(canvas: Canvas, person: Person, body: Points, heading: float) -> None:
    """Draw a person on a BGR picture from his joints, shape (17, 3) in metres."""
    pixels, depth = project(body)
    scale = FOCAL / float(depth[PELVIS]) * person.height / 1.75
    far, near = (0, 1) if math.cos(heading) > 0 else (1, 0)
    _arm(canvas, person, pixels, far, scale)
    for side, light in ((far, 0.82), (near, 1.0)):
        _leg(canvas, person, pixels, side, scale, light)
    if person.bag is not None:
        _bag(canvas, person.bag, pixels, heading, scale)
    _torso(canvas, person, pixels, scale)
    _head(canvas, person, pixels, heading, scale)
    _arm(canvas, person, pixels, near, scale)


def _limb(canvas: Canvas, start: Points, end: Points, radii: tuple[float, float], colour: Colour) -> None:
    """Draw a rounded limb, darker below, lit on the sun's side."""
    stroke(canvas, start, end, radii, shaded(colour, 0.78))
    inner = (radii[0] * 0.62, radii[1] * 0.62)
    stroke(canvas, start + LIT * radii[0], end + LIT * radii[1], inner, colour)


def _leg(canvas: Canvas, person: Person, pixels: Points, side: int, scale: float, light: float) -> None:
    cloth = shaded(person.trousers, light)
    stroke(
        canvas, pixels[ANKLES + side], pixels[TOES + side], (0.05 * scale, 0.038 * scale), shaded(person.shoes, light)
    )
    _limb(canvas, pixels[KNEES + side], pixels[ANKLES + side], (0.068 * scale, 0.05 * scale), cloth)
    _limb(canvas, pixels[HIPS + side], pixels[KNEES + side], (0.095 * scale, 0.07 * scale), cloth)


def _arm(canvas: Canvas, person: Person, pixels: Points, side: int, scale: float) -> None:
    sleeve = shaded(person.top, 0.9)
    dot(canvas, pixels[HANDS + side], 0.045 * scale, person.skin)
    _limb(canvas, pixels[ELBOWS + side], pixels[HANDS + side], (0.05 * scale, 0.04 * scale), sleeve)
    _limb(canvas, pixels[SHOULDERS + side], pixels[ELBOWS + side], (0.062 * scale, 0.05 * scale), sleeve)


def _torso(canvas: Canvas, person: Person, pixels: Points, scale: float) -> None:
    shoulders = 0.5 * (pixels[SHOULDERS] + pixels[SHOULDERS + 1])
    hem = pixels[PELVIS] + (pixels[PELVIS] - pixels[NECK]) * (0.42 if person.coat else 0.06)
    wide = person.build
    across = abs(float(pixels[SHOULDERS, 0] - pixels[SHOULDERS + 1, 0])) * 0.5
    top, bottom = max(across, 0.13 * scale * wide), 0.14 * scale * wide
    _limb(
        canvas,
        moved(shoulders, 0, 0.06 * scale),
        pixels[PELVIS],
        (0.155 * scale * wide, 0.135 * scale * wide),
        person.top,
    )
    flare = bottom * (1.15 if person.coat else 1.0)
    outline = [
        moved(shoulders, -top, 0.02 * scale),
        moved(shoulders, top, 0.02 * scale),
        moved(hem, flare, 0),
        moved(hem, -flare, 0),
    ]
    polygon(canvas, np.array(outline), shaded(person.top, 0.86))
    lit = [outline[0], moved(shoulders, top * 0.25, 0), moved(hem, bottom * 0.1, 0), outline[3]]
    polygon(canvas, np.array(lit), person.top)


def _head(canvas: Canvas, person: Person, pixels: Points, heading: float, scale: float) -> None:
    stroke(
        canvas,
        moved(pixels[NECK], 0, 0.02 * scale),
        pixels[HEAD],
        (0.05 * scale, 0.05 * scale),
        shaded(person.skin, 0.78),
    )
    face = np.array([math.cos(heading) * 0.030, 0.030 + 0.012 * max(0.0, -math.sin(heading))]) * scale
    if person.long_hair:
        ends = pixels[NECK] - face * (1.5, 0.6)
        stroke(canvas, pixels[HEAD] - face * (1, 0), ends, (0.092 * scale, 0.075 * scale), shaded(person.hair, 0.85))
    dot(canvas, pixels[HEAD], 0.098 * scale, person.hair)
    if math.sin(heading) < 0.8:  # noqa: PLR2004 - seen from behind there is no face
        dot(canvas, pixels[HEAD] + face, 0.078 * scale, shaded(person.skin, 0.88))
        dot(canvas, moved(pixels[HEAD] + face, -0.012 * scale, -0.002 * scale), 0.058 * scale, person.skin)


def _bag(canvas: Canvas, colour: Colour, pixels: Points, heading: float, scale: float) -> None:
    back = np.array([-math.cos(heading) * 0.16, 0.0]) * scale
    middle = 0.45 * pixels[PELVIS] + 0.55 * pixels[NECK] + back
    _limb(canvas, moved(middle, 0, -0.09 * scale), moved(middle, 0, 0.12 * scale), (0.11 * scale, 0.12 * scale), colour)
