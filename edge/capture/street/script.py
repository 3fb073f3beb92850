"""Who is where in the street, and when: a pure function of the seed and the time, without an end.

Time is cut into blocks of 24 s. A scene is a function of the seed and a block's number: it gives the plans of those who
have their moment in that block, so that adding something to the street is adding a scene to SCENES. Lines are crossed
between 2 s and 22 s of a block, the light switches at its boundary: nobody crosses then.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from edge.capture.street.body import RADII, Car, Person, corners, joints
from edge.capture.street.scenes import BLOCK_S, SCENES, Plan
from edge.capture.street.view import FOCAL, HEIGHT, WIDTH, Points, depth_of, project
from edge.model.event import Direction
from edge.model.geometry import Box, Point
from edge.model.scene import Origin

BLOCKS_BEFORE: Final = 4
BLOCKS_AFTER: Final = 4
"""A plan lasts at most so many blocks before and after the one it belongs to."""
TURN_S: Final = 0.5
STEP_S: Final = 0.25
SETTLE_S: Final = 3.0
"""Nobody is in the picture before: the background is learnt first."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone at one moment: place and pose in metres and radians, and his box as far as it lies in the picture."""

    object_id: int
    origin: Origin
    look: Person | Car
    x: float
    z: float
    heading: float
    steps: float
    gait: float
    box: Box

    @property
    def depth(self) -> float:
        """How far away, metres along the camera's axis."""
        return depth_of(self.x, self.z)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Someone crosses a line."""

    object_id: int
    origin: Origin
    direction: Direction
    stream_s: float


@dataclass(frozen=True, slots=True)
class Stay:
    """Someone is inside a polygon for a time."""

    object_id: int
    origin: Origin
    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Light:
    """`sun` from 0 (behind a cloud) to 1, `gain` what the camera makes of it."""

    sun: float
    gain: float


class StreetScript:
    """The street's play for one seed. Keeps the blocks it was asked for last; its answers depend on the time alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._blocks: dict[int, tuple[Plan, ...]] = {}

    def actors(self, t: float) -> tuple[Actor, ...]:
        """Return everyone whom the picture shows `t` seconds after the start, the farthest first."""
        if t < SETTLE_S:
            return ()
        found = (actor_at(plan, t) for plan in self._plans(t, t))
        return tuple(sorted((actor for actor in found if actor is not None), key=lambda actor: -actor.depth))

    def light(self, t: float) -> Light:
        """Return the light: clouds pass slowly, the camera's exposure switches every two minutes."""
        phase = self._seed % 89
        wave = math.sin(t / 23 + phase) + 0.7 * math.sin(t / 11.3 + 2.1 * phase) + 0.4 * math.sin(t / 7.1 + phase)
        sun = _smooth((wave + 1.1) / 1.3)
        turn = (int(t // BLOCK_S) + 2) // 5
        exposure = (1.0, 0.90, 1.0, 1.09)[turn % 4]
        return Light(sun, (0.88 + 0.12 * sun) * exposure)

    def crossings(self, line: Sequence[Point], since_s: float, until_s: float) -> tuple[Crossing, ...]:
        """Return who crosses a line of two or more points (fractions of the frame) in a time, in order of time."""
        found = [
            crossing
            for plan in self._plans(since_s, until_s)
            for crossing in _plan_crossings(plan, line, since_s, until_s)
        ]
        return tuple(sorted(found, key=lambda crossing: crossing.stream_s))

    def stays(self, polygon: Sequence[Point], since_s: float, until_s: float) -> tuple[Stay, ...]:
        """Return who is inside a polygon (fractions of the frame) in a time, and for how long."""
        found = [
            stay for plan in self._plans(since_s, until_s) for stay in _plan_stays(plan, polygon, since_s, until_s)
        ]
        return tuple(sorted(found, key=lambda stay: stay.since_s))

    def _plans(self, since_s: float, until_s: float) -> list[Plan]:
        first = max(0, int(since_s // BLOCK_S) - BLOCKS_BEFORE)
        last = int(until_s // BLOCK_S) + BLOCKS_AFTER
        for block in [kept for kept in self._blocks if kept < first]:
            del self._blocks[block]
        return [plan for block in range(first, last + 1) for plan in self._block(block)]

    def _block(self, block: int) -> tuple[Plan, ...]:
        if block not in self._blocks:
            plans = (plan for scene in SCENES for plan in scene(self._seed, block))
            self._blocks[block] = tuple(plan for plan in plans if actor_at(plan, SETTLE_S) is None)
        return self._blocks[block]


def actor_at(plan: Plan, t: float) -> Actor | None:
    """Return someone as he is at a moment of his plan, None where the picture does not show him."""
    if not plan.starts_s <= t <= plan.ends_s:
        return None
    x, z, walked = plan.place(t)
    before, after = plan.place(t - TURN_S / 2), plan.place(t + TURN_S / 2)
    moved = math.hypot(after[0] - before[0], after[1] - before[1])
    gait = min(1.0, moved / (TURN_S * 0.9))
    heading = math.atan2(after[1] - before[1], after[0] - before[0]) if moved > 0.02 else plan.rest_heading(t)  # noqa: PLR2004 - two centimetres: he stands
    steps = 0.0
    if isinstance(plan.look, Person):
        steps = walked / (0.86 * plan.look.height) + plan.object_id * 0.37
    box = _box(plan.look, x, z, heading, steps, gait)
    if box is None:
        return None
    return Actor(plan.object_id, plan.origin, plan.look, x, z, heading, steps, gait, box)


def _box(look: Person | Car, x: float, z: float, heading: float, steps: float, gait: float) -> Box | None:
    if isinstance(look, Person):
        body = joints(look, x, z, heading, steps, gait)
        reach = RADII * (look.height / 1.75)
    else:
        body = np.concatenate([corners(look, x, z, heading), corners(look, x, z, heading) * (1.0, 0.0, 1.0)])
        reach = np.zeros(len(body))
    return _clipped(body, reach)


def _clipped(body: Points, reach: Points) -> Box | None:
    pixels, depth = project(body)
    around = (reach * FOCAL / depth)[:, None]
    low = np.maximum((pixels - around).min(axis=0) / (WIDTH, HEIGHT), 0.0)
    high = np.minimum((pixels + around).max(axis=0) / (WIDTH, HEIGHT), 1.0)
    if (high <= low).any():
        return None
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _plan_crossings(plan: Plan, line: Sequence[Point], since_s: float, until_s: float) -> list[Crossing]:
    found: list[Crossing] = []
    moments = _moments(plan, since_s, until_s)
    places = [anchor(plan, t) for t in moments]
    for (before, was), (t, here) in pairwise(zip(moments, places, strict=True)):
        if was is None or here is None:
            continue
        for first, last in pairwise(line):
            direction = _crossed(was, here, first, last)
            if direction is not None:
                sides = abs(_side(first, last, was)), abs(_side(first, last, here))
                found.append(
                    Crossing(plan.object_id, plan.origin, direction, before + (t - before) * sides[0] / sum(sides))
                )
    return found


def _plan_stays(plan: Plan, polygon: Sequence[Point], since_s: float, until_s: float) -> list[Stay]:
    found: list[Stay] = []
    began: float | None = None
    last = since_s
    for t in _moments(plan, since_s, until_s):
        here = anchor(plan, t)
        within = here is not None and inside(here, polygon)
        if within and began is None:
            began = t
        if not within and began is not None:
            found.append(Stay(plan.object_id, plan.origin, began, t))
            began = None
        last = t
    if began is not None:
        found.append(Stay(plan.object_id, plan.origin, began, last))
    return found


def _moments(plan: Plan, since_s: float, until_s: float) -> list[float]:
    """Return the moments of a plan in a span, STEP_S apart by the street's clock: spans that meet share one."""
    first, last = max(since_s, plan.starts_s, SETTLE_S), min(until_s, plan.ends_s)
    return [number * STEP_S for number in range(math.ceil(first / STEP_S), math.floor(last / STEP_S) + 1)]


def anchor(plan: Plan, t: float) -> Point | None:
    """Return where someone stands in the picture (a car: the middle of its box's lower edge), None outside it."""
    if isinstance(plan.look, Car):
        actor = actor_at(plan, t)
        return actor.box.bottom_center if actor else None
    x, z, _ = plan.place(t)
    pixels, _ = project(np.array([[x, 0.0, z]]))
    point = Point(float(pixels[0, 0]) / WIDTH, float(pixels[0, 1]) / HEIGHT)
    return point if 0 <= point.x <= 1 and 0 <= point.y <= 1 else None


def _crossed(before: Point, here: Point, first: Point, last: Point) -> Direction | None:
    was, is_now = _side(first, last, before), _side(first, last, here)
    if (was > 0) == (is_now > 0) or (_side(before, here, first) > 0) == (_side(before, here, last) > 0):
        return None
    return Direction.A_TO_B if is_now > 0 else Direction.B_TO_A


def _side(first: Point, last: Point, point: Point) -> float:
    """Return on which side of a line a point is: above 0 to its right, looking along it (y runs down)."""
    return (last.x - first.x) * (point.y - first.y) - (last.y - first.y) * (point.x - first.x)


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Tell whether a point is inside a polygon (even-odd rule)."""
    within = False
    for first, last in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (first.y > point.y) != (last.y > point.y):
            across = first.x + (point.y - first.y) / (last.y - first.y) * (last.x - first.x)
            within ^= point.x < across
    return within


def _smooth(value: float) -> float:
    clear = min(1.0, max(0.0, value))
    return clear * clear * (3 - 2 * clear)
