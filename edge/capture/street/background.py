"""All of the street that stays: ground, houses, parked cars, trees, lamp, bench; and what hides those behind it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.capture.street import facades, ground
from edge.capture.street.body import Car, corners
from edge.capture.street.cars import draw_car
from edge.capture.street.furniture import draw_bench, draw_bin, draw_lamp, draw_planter, draw_stop
from edge.capture.street.paint import Canvas, blend
from edge.capture.street.trees import TREES, Tree, box_of, crown_shadow, draw_trunk, make_tree
from edge.capture.street.view import AXES, EYE, FOCAL, HEIGHT, SUN, WIDTH, Points, depth_of, project
from edge.model.geometry import Box

FACADE_Z: Final = 26.0
PARKED: Final = (
    (-3.4, Car("sedan", (96, 60, 40))),
    (2.2, Car("hatch", (40, 36, 120))),
    (13.3, Car("estate", (178, 178, 176))),
    (18.8, Car("hatch", (60, 62, 58))),
    (29.9, Car("suv", (122, 116, 104))),
)
PARKED_Z: Final = 21.3
FURNITURE: Final = (
    (draw_lamp, (4.6, 22.9)),
    (draw_lamp, (21.5, 22.9)),
    (draw_planter, (0.2, 9.0)),
    (draw_bin, (11.8, 12.3)),
    (draw_bench, (14.0, 12.1)),
    (draw_stop, (16.6, 12.5)),
)
FINE: Final = 2
"""The flat parts are drawn so many times as large, then reduced."""


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Something that hides what is behind it: its pixels times alpha, its alpha, its place and its depth in metres."""

    sprite: Canvas
    alpha: Canvas
    left: int
    top: int
    depth: float

    @property
    def box(self) -> Box:
        """Its place in the picture."""
        return box_of(self.sprite, self.left, self.top)

    def hides(self, box: Box) -> bool:
        """Tell whether it overlaps a box of the picture (fractions)."""
        own = self.box
        across = own.left < box.right and box.left < own.right
        return across and own.top < box.bottom and box.top < own.bottom

    def lay(self, canvas: Canvas) -> None:
        """Draw it."""
        blend(canvas, self.sprite, self.alpha, self.left, self.top)


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The empty street in full sun and under clouds, (HEIGHT, WIDTH, 3) each, what hides, and the trees, which sway."""

    sunny: Canvas
    dull: Canvas
    covers: tuple[Cover, ...]
    trees: tuple[Tree, ...]


def make_background() -> Background:
    """Draw the street without anyone."""
    dice = np.random.default_rng(7)
    flat = _flat(dice)
    sunny, dull = flat.copy(), cv2.convertScaleAbs(flat, alpha=0.97).astype(np.uint8, copy=False)
    shadows = _static_shadows()
    sunny = cv2.multiply(sunny, shadows[0], scale=1 / 255).astype(np.uint8, copy=False)
    dull = cv2.multiply(dull, shadows[1], scale=1 / 255).astype(np.uint8, copy=False)
    covers = []
    for draw, depth in _things():
        draw(sunny)
        draw(dull)
        covers.append(_cover(draw, depth))
    trees = tuple(make_tree(tree, dice) for tree in TREES)
    return Background(sunny, dull, tuple(covers), trees)


def _flat(dice: np.random.Generator) -> Canvas:
    paving, houses = ground.make_ground(dice), facades.make_facades(dice)
    size = (WIDTH * FINE, HEIGHT * FINE)
    g, f = ground, facades
    floor = [(g.LEFT, 0, g.NEAR), (g.RIGHT, 0, g.NEAR), (g.RIGHT, 0, g.FAR), (g.LEFT, 0, g.FAR)]
    wall = [(f.LEFT, f.TOP, FACADE_Z), (f.RIGHT, f.TOP, FACADE_Z), (f.RIGHT, 0, FACADE_Z), (f.LEFT, 0, FACADE_Z)]
    picture = cv2.warpPerspective(paving, _mapping(paving, floor), size, flags=cv2.INTER_LINEAR)
    front = cv2.warpPerspective(houses, _mapping(houses, wall), size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(
        np.full(houses.shape[:2], 255, np.uint8), _mapping(houses, wall), size, flags=cv2.INTER_LINEAR
    )
    picture = np.where(mask[..., None] > 127, front, picture)  # noqa: PLR2004 - half
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _mapping(texture: Canvas, corners: Sequence[tuple[float, float, float]]) -> Points:
    """Return the matrix that lays a texture on a plane, given by the places (metres) of its corners, clockwise.

    A corner behind the camera has no pixel: the matrix comes from the plane and the lens.
    """
    origin, right, down = (np.array(corners[index]) for index in (0, 1, 3))
    height, width = texture.shape[:2]
    plane = np.column_stack([(right - origin) / width, (down - origin) / height, origin - EYE])
    lens = np.array([[FOCAL * FINE, 0, WIDTH * FINE / 2], [0, FOCAL * FINE, HEIGHT * FINE / 2], [0, 0, 1.0]])
    return np.asarray(lens @ AXES.T @ plane, np.float64)


def _things() -> list[tuple[Callable[[Canvas], None], float]]:
    """Return what stands in the street, the farthest first: how to draw it, and its depth."""
    places: list[tuple[Callable[..., None], tuple[object, ...], float, float]] = [
        *((draw_trunk, (tree,), tree.x, tree.z) for tree in TREES),
        *((draw_car, (car, x, PARKED_Z, math.pi), x, PARKED_Z) for x, car in PARKED),
        *((draw, place, *place) for draw, place in FURNITURE),
    ]
    things = [(_drawing(draw, arguments), depth_of(x, z)) for draw, arguments, x, z in places]
    return sorted(things, key=lambda thing: -thing[1])


def _drawing(draw: Callable[..., None], arguments: tuple[object, ...]) -> Callable[[Canvas], None]:
    return lambda canvas: draw(canvas, *arguments)


def _cover(draw: Callable[[Canvas], None], depth: float) -> Cover:
    """Cut a thing out: drawn on black and on white, the difference is what shines through."""
    black, white = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    draw(black)
    draw(white)
    alpha = cv2.subtract(np.full_like(white, 255), cv2.subtract(white, black)).astype(np.uint8, copy=False)
    blue, green, red = cv2.split(alpha)
    left, top, width, height = cv2.boundingRect(cv2.max(cv2.max(blue, green), red))
    cut = (slice(top, top + height), slice(left, left + width))
    return Cover(black[cut].copy(), alpha[cut].copy(), left, top, depth)


def _static_shadows() -> tuple[Canvas, Canvas]:
    """Return what the shadows of things that stay leave of the light, in sun and under clouds; 255 is all."""
    deep = np.zeros((HEIGHT, WIDTH), np.uint8)
    for tree in TREES:
        crown_shadow(deep, tree)
    for x, car in PARKED:
        _car_shadow(deep, x, car)
    deep = cv2.GaussianBlur(deep, (0, 0), 2.2).astype(np.uint8, copy=False)
    under = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, car in PARKED:
        _car_shadow(under, x, car)
    under = cv2.GaussianBlur(under, (0, 0), 5).astype(np.uint8, copy=False)
    return _remains(deep, 0.42), _remains(under, 0.30)


def _remains(mask: Canvas, strength: float) -> Canvas:
    left = 255 - np.rint(mask.astype(np.float32) * strength)
    return np.repeat(left.astype(np.uint8)[..., None], 3, axis=2)


def _car_shadow(mask: Canvas, x: float, car: Car) -> None:
    body = corners(car, x, PARKED_Z, 0.0)
    thrown = np.column_stack([body[:, 0] + SUN[0] * body[:, 1], body[:, 1] * 0, body[:, 2] + SUN[1] * body[:, 1]])
    pixels, _ = project(np.concatenate([body * (1, 0, 1), thrown]))
    hull = cv2.convexHull(pixels.astype(np.float32)).reshape(-1, 2)
    cv2.fillPoly(mask, [np.rint(hull * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
