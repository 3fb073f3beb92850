"""The street as the camera gives it: background, people and cars, light and noise, as I420."""

from typing import Final

import cv2
import numpy as np

from edge.capture.street.actor import Actor
from edge.capture.street.background import Background, Cover, make_background
from edge.capture.street.body import Car, Person, Suitcase, joints, solid
from edge.capture.street.cars import draw_car
from edge.capture.street.lens import draw_hand
from edge.capture.street.luggage import draw_suitcase
from edge.capture.street.paint import Canvas, darken
from edge.capture.street.people import draw_person
from edge.capture.street.programme import MishapKind
from edge.capture.street.script import Light, StreetScript
from edge.capture.street.trees import Tree
from edge.capture.street.view import HEIGHT, SUN, WIDTH, Points, project
from edge.model.geometry import Box
from edge.model.scene import Picture

NOISE_SIGMA: Final = 1.7
NOISE_BASE: Final = 10
SUN_STEPS: Final = 48


class StreetPainter:
    """Draws the pictures of one street."""

    def __init__(self, script: StreetScript, scenery: Background, noise: Canvas) -> None:
        self._script = script
        self._scenery = scenery
        self._noise = noise
        self._ground: tuple[int, Canvas] | None = None

    def picture(self, number: int, t: float) -> Picture:
        """Return picture `number`, of `t` seconds after the start."""
        light = self._script.light(t)
        canvas = self.draw(t, light)
        for mishap in self._script.mishaps(t, t):
            if mishap.kind is MishapKind.COVERED:
                draw_hand(canvas, mishap, t)
        planes = cv2.cvtColor(canvas, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
        return self._as_sensed(planes, light, number)

    def hangs(self, t: float) -> bool:
        """Tell whether the camera gives its last picture again instead of that of this moment."""
        return any(mishap.kind is MishapKind.HUNG for mishap in self._script.mishaps(t, t))

    def draw(self, t: float, light: Light) -> Canvas:
        """Return the street at a time as BGR, before the camera's exposure and noise."""
        return self._with(self._script.actors(t), t, light)

    def empty(self, t: float, light: Light) -> Canvas:
        """Return the same without anyone in it."""
        return self._with((), t, light)

    def _with(self, actors: tuple[Actor, ...], t: float, light: Light) -> Canvas:
        canvas = self._lit(light.sun).copy()
        for actor in actors:
            _shadow(canvas, actor, 0.06 + 0.06 * light.sun)
        self._draw_in_order(canvas, actors, t)
        return canvas

    def _draw_in_order(self, canvas: Canvas, actors: tuple[Actor, ...], t: float) -> None:
        """Draw everyone, the farthest first, and again over them what stands before them."""
        things: list[Actor | Cover | Tree] = [*actors, *self._scenery.covers, *self._scenery.trees]
        drawn: list[Box] = []
        for thing in sorted(things, key=lambda thing: -thing.depth):
            if isinstance(thing, Actor):
                _draw(canvas, thing)
            elif isinstance(thing, Tree):
                thing.lay(canvas, t)
            elif any(thing.hides(box) for box in drawn):
                thing.lay(canvas)
            else:
                continue
            drawn.append(thing.box)

    def _lit(self, sun: float) -> Canvas:
        """Return the background under so much sun; made anew only when that changes visibly."""
        step = round(sun * SUN_STEPS)
        if self._ground is None or self._ground[0] != step:
            share = step / SUN_STEPS
            mixed = cv2.addWeighted(self._scenery.sunny, share, self._scenery.dull, 1 - share, 0).astype(
                np.uint8, copy=False
            )
            self._ground = (step, mixed)
        return self._ground[1]

    def _as_sensed(self, planes: Canvas, light: Light, number: int) -> Picture:
        """Apply exposure and noise to I420 planes of shape (height * 3 / 2, width)."""
        levels = np.clip(np.rint((np.arange(256) - 16) * light.gain + 16), 16, 235)
        luma = cv2.LUT(planes[:HEIGHT], (levels - NOISE_BASE).astype(np.uint8))
        right, down = (number * 37) % 64, (number * 23) % 64
        cv2.add(luma, self._noise[down : down + HEIGHT, right : right + WIDTH], dst=luma)
        half = (HEIGHT // 2, WIDTH // 2)
        chroma = planes[HEIGHT:].reshape(2, *half)
        return Picture(luma.astype(np.uint8, copy=False), chroma[0], chroma[1])


def make_painter(seed: int) -> StreetPainter:
    """Make ready to draw the street of a seed: draws all that stays, which takes about a second."""
    dice = np.random.default_rng(seed)
    noise = np.clip(dice.normal(NOISE_BASE, NOISE_SIGMA, (HEIGHT + 64, WIDTH + 64)), 0, 2 * NOISE_BASE)
    return StreetPainter(StreetScript(seed), make_background(), np.rint(noise).astype(np.uint8))


def _draw(canvas: Canvas, actor: Actor) -> None:
    if isinstance(actor.look, Person):
        body = joints(actor.look, actor.x, actor.z, actor.heading, actor.steps, actor.gait)
        draw_person(canvas, actor.look, body, actor.heading)
    elif isinstance(actor.look, Suitcase):
        draw_suitcase(canvas, actor.look, actor.x, actor.z, actor.gait)
    else:
        draw_car(canvas, actor.look, actor.x, actor.z, actor.heading)


def _shadow(canvas: Canvas, actor: Actor, strength: float) -> None:
    if isinstance(actor.look, Person):
        tall = actor.look.height * 0.95
        body = joints(actor.look, actor.x, actor.z, actor.heading, actor.steps, actor.gait)
        feet = body[7:11] * (1, 0, 1)
        top = np.array([[actor.x + SUN[0] * tall + side, 0.0, actor.z + SUN[1] * tall] for side in (-0.13, 0.13)])
        ground = np.concatenate([feet, top])
        softness = 5
    else:
        body = solid(actor.look, actor.x, actor.z, actor.heading, actor.gait)
        thrown = np.column_stack([body[:, 0] + SUN[0] * body[:, 1], body[:, 1] * 0, body[:, 2] + SUN[1] * body[:, 1]])
        ground = np.concatenate([body * (1, 0, 1), thrown])
        softness = 9 if isinstance(actor.look, Car) else 5
    hull = _hull(project(ground)[0])
    darken(canvas, hull, strength, softness)


def _hull(points: Points) -> Points:
    return cv2.convexHull(points.astype(np.float32)).reshape(-1, 2).astype(np.float64)
