"""Trees: a trunk that stays and a crown of leaves that sways a little."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.capture.street.body import Colour
from edge.capture.street.furniture import pole
from edge.capture.street.paint import Canvas
from edge.capture.street.view import FOCAL, HEIGHT, SUN, WIDTH, depth_of, project
from edge.model.geometry import Box

BARK: Final[Colour] = (58, 72, 84)
LEAVES: Final = ((38, 78, 52), (48, 100, 70), (62, 124, 92), (84, 152, 122), (112, 178, 150))
MARGIN: Final = 6


@dataclass(frozen=True, slots=True)
class TreePlace:
    """Where a tree stands, how high its crown's middle is and how far it reaches; metres."""

    x: float
    z: float
    middle: float
    reach: float


TREES: Final = (TreePlace(8.0, 23.0, 4.5, 1.7), TreePlace(24.6, 23.0, 4.7, 1.8), TreePlace(-5.2, 12.4, 6.2, 3.1))


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A crown to be laid over the picture: leaves times alpha (h, w, 3), and alpha (h, w), with a margin to sway in."""

    place: TreePlace
    leaves: Canvas
    alpha: Canvas
    left: int
    top: int

    @property
    def depth(self) -> float:
        """How far away, metres."""
        return depth_of(self.place.x, self.place.z)

    @property
    def box(self) -> Box:
        """Its place in the picture."""
        return box_of(self.leaves, self.left, self.top)

    def lay(self, canvas: Canvas, t: float) -> None:
        """Draw the crown as the wind holds it at a time."""
        across = 1.3 * math.sin(t * 0.9 + self.place.x) + 0.7 * math.sin(t * 2.1 + self.place.z)
        down = 0.5 * math.sin(t * 1.3 + self.place.x * 2)
        top, left = max(0, self.top), max(0, self.left)
        move = np.array([[1.0, 0.0, across + self.left - left], [0.0, 1.0, down + self.top - top]])
        height, width = self.alpha.shape
        seen = (min(WIDTH, self.left + width) - left, min(HEIGHT, self.top + height) - top)
        leaves, alpha = (cv2.warpAffine(part, move, seen) for part in (self.leaves, self.alpha))
        patch = canvas[top : top + seen[1], left : left + seen[0]]
        through = cv2.bitwise_not(alpha)
        cv2.multiply(patch, cv2.merge([through, through, through]), dst=patch, scale=1 / 255)
        cv2.add(patch, leaves, dst=patch)


def box_of(sprite: Canvas, left: int, top: int) -> Box:
    """Return where a sprite lies in the picture, in fractions of it."""
    height, width = sprite.shape[:2]
    return Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)


def draw_trunk(canvas: Canvas, place: TreePlace) -> None:
    """Draw a tree's trunk."""
    pole(canvas, place.x, place.z, 0.0, place.middle - place.reach * 0.4, 0.13, BARK)


def make_tree(place: TreePlace, dice: np.random.Generator) -> Tree:
    """Grow a crown: tufts from the dark inside below to the lit outside above."""
    pixels, depth = project(np.array([(place.x, place.middle, place.z)]))
    reach = place.reach * FOCAL / float(depth[0])
    half = math.ceil(reach * 1.25) + MARGIN
    fine = np.zeros((4 * half, 4 * half, 4), np.uint8)
    for layer, colour in enumerate(LEAVES):
        for _ in range(260 - 30 * layer):
            angle, far = float(dice.uniform(0, 2 * math.pi)), math.sqrt(float(dice.random()))
            far *= 0.80 + 0.25 * math.sin(3 * angle + place.x) * math.cos(2 * angle)
            x = far * math.cos(angle) - 0.10 * layer
            y = far * math.sin(angle) * 0.85 - 0.13 * layer + 0.12
            if x * x + y * y > 1.05:  # noqa: PLR2004 - beyond the crown
                continue
            tone = float(dice.uniform(0.88, 1.12))
            centre = (round(2 * (half + x * reach)), round(2 * (half + y * reach)))
            axes = (
                max(2, round(reach * float(dice.uniform(0.06, 0.16)))),
                max(1, round(reach * float(dice.uniform(0.04, 0.10)))),
            )
            shade = tuple(min(255, round(part * tone)) for part in colour)
            cv2.ellipse(fine, centre, axes, float(dice.uniform(0, 180)), 0, 360, (*shade, 255), cv2.FILLED, cv2.LINE_AA)
    small = cv2.resize(fine, (2 * half, 2 * half), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    left, top = round(float(pixels[0, 0])) - half, round(float(pixels[0, 1])) - half
    return Tree(place, small[..., :3].copy(), small[..., 3].copy(), left, top)


def crown_shadow(mask: Canvas, place: TreePlace) -> None:
    """Add the shadow that a tree throws on the ground to a mask; 255 is full shadow."""
    middle = (place.x + SUN[0] * place.middle, place.z + SUN[1] * place.middle)
    dice = np.random.default_rng(round(abs(place.x) * 10))
    for _ in range(26):
        angle, far = float(dice.uniform(0, 2 * math.pi)), math.sqrt(float(dice.random())) * place.reach * 0.75
        x, z = middle[0] + far * math.cos(angle), middle[1] + far * math.sin(angle)
        ring = np.array([(x + 0.5 * math.cos(a), 0.0, z + 0.5 * math.sin(a)) for a in np.linspace(0, 6.2, 14)])
        pixels, _ = project(ring)
        cv2.fillPoly(mask, [np.rint(pixels * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    trunk, _ = project(
        np.array(
            [
                (place.x - 0.12, 0.0, place.z),
                (place.x + 0.12, 0.0, place.z),
                (middle[0] + 0.12, 0.0, middle[1]),
                (middle[0] - 0.12, 0.0, middle[1]),
            ]
        )
    )
    cv2.fillPoly(mask, [np.rint(trunk * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
