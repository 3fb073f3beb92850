"""Who is where in the street, and when: a pure function of the seed and the time, without an end.

Time is cut into blocks of 24 s. A scene is a function of the seed and a block's number: it gives the plans of those who
have their moment in that block, so that adding something to the street is adding a scene to SCENES. Lines are crossed
between 2 s and 22 s of a block, the light switches at its boundary: nobody crosses then.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.capture.street.actor import Actor, actor_at
from edge.capture.street.body import Suitcase
from edge.capture.street.plans import BLOCK_S, Plan
from edge.capture.street.programme import Mishap, is_quiet, mishaps
from edge.capture.street.scenes import SCENES
from edge.capture.street.truth import (
    SETTLE_S,
    Crossing,
    LeftThing,
    Span,
    Stay,
    joined,
    left_thing,
    plan_crossings,
    plan_stays,
    plan_walks,
)
from edge.model.geometry import Point

BLOCKS_BEFORE: Final = 4
BLOCKS_AFTER: Final = 4
"""A plan lasts at most so many blocks before and after the one it belongs to."""


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
            for plan in self._objects(since_s, until_s)
            for crossing in plan_crossings(plan, line, since_s, until_s)
        ]
        return tuple(sorted(found, key=lambda crossing: crossing.stream_s))

    def stays(self, polygon: Sequence[Point], since_s: float, until_s: float) -> tuple[Stay, ...]:
        """Return who is inside a polygon (fractions of the frame) in a time, and for how long."""
        found = [
            stay for plan in self._objects(since_s, until_s) for stay in plan_stays(plan, polygon, since_s, until_s)
        ]
        return tuple(sorted(found, key=lambda stay: stay.since_s))

    def walks(self, polygon: Sequence[Point], since_s: float, until_s: float) -> tuple[Span, ...]:
        """Return when someone moves inside a polygon."""
        found = [
            walk for plan in self._objects(since_s, until_s) for walk in plan_walks(plan, polygon, since_s, until_s)
        ]
        return joined(found)

    def left(self, since_s: float, until_s: float) -> tuple[LeftThing, ...]:
        """Return what is left behind in a time: where it lies, and from when until when."""
        things = (plan for plan in self._plans(since_s, until_s) if isinstance(plan.look, Suitcase))
        found = (left_thing(plan) for plan in things)
        return tuple(each for each in found if each.since_s <= until_s and each.until_s >= since_s)

    def mishaps(self, since_s: float, until_s: float) -> tuple[Mishap, ...]:
        """Return when the camera does not show the street as it is."""
        return mishaps(since_s, until_s)

    def _objects(self, since_s: float, until_s: float) -> list[Plan]:
        """Return the plans of those who are counted: people and cars, not what they carry."""
        return [plan for plan in self._plans(since_s, until_s) if not isinstance(plan.look, Suitcase)]

    def _plans(self, since_s: float, until_s: float) -> list[Plan]:
        first = max(0, int(since_s // BLOCK_S) - BLOCKS_BEFORE)
        last = int(until_s // BLOCK_S) + BLOCKS_AFTER
        for block in [kept for kept in self._blocks if kept < first]:
            del self._blocks[block]
        return [plan for block in range(first, last + 1) for plan in self._block(block)]

    def _block(self, block: int) -> tuple[Plan, ...]:
        if block not in self._blocks:
            plans = (plan for scene in SCENES for plan in scene(self._seed, block))
            self._blocks[block] = tuple(plan for plan in plans if _is_shown(plan))
        return self._blocks[block]


def _smooth(value: float) -> float:
    clear = min(1.0, max(0.0, value))
    return clear * clear * (3 - 2 * clear)


def _is_shown(plan: Plan) -> bool:
    """Tell whether someone comes at all: the street is empty as the camera starts, and while it fails."""
    return actor_at(plan, SETTLE_S) is None and not is_quiet(plan.starts_s, plan.ends_s)
