"""What is true in the street: who crosses a line, who is inside a polygon, and what follows from that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from edge.capture.street.actor import actor_at
from edge.capture.street.body import Car
from edge.capture.street.plans import Plan
from edge.capture.street.view import HEIGHT, WIDTH, project
from edge.model.event import Direction
from edge.model.geometry import Box, Point
from edge.model.scene import Origin

STEP_S: Final = 0.25
WALKS: Final = 0.3
"""Whoever is slower stands, metres a second."""
SETTLE_S: Final = 3.0
"""Nobody is in the picture before: the background is learnt first."""


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
class Span:
    """A time, seconds into the stream."""

    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class LeftThing:
    """Something that lies where somebody left it."""

    object_id: int
    box: Box
    since_s: float
    until_s: float


def plan_crossings(plan: Plan, line: Sequence[Point], since_s: float, until_s: float) -> list[Crossing]:
    """Return where one plan crosses a line."""
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


def plan_stays(plan: Plan, polygon: Sequence[Point], since_s: float, until_s: float) -> list[Stay]:
    """Return when one plan is inside a polygon."""
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


def plan_walks(plan: Plan, polygon: Sequence[Point], since_s: float, until_s: float) -> list[Span]:
    """Return when someone moves inside a polygon."""
    found = []
    for t in _moments(plan, since_s, until_s):
        here = anchor(plan, t)
        if here is not None and inside(here, polygon) and _moves(plan, t):
            found.append(Span(t - STEP_S / 2, t + STEP_S / 2))
    return found


def left_thing(plan: Plan) -> LeftThing:
    """Return where and when a thing lies that is brought by one and taken by another: the middle of its way."""
    put, taken = plan.way[1].at_s, plan.way[2].at_s
    actor = actor_at(plan, (put + taken) / 2)
    if actor is None:
        raise ValueError("a thing that is left lies in the picture")
    return LeftThing(plan.object_id, actor.box, put, taken)


def followers(crossings: Sequence[Crossing], within_s: float) -> tuple[Crossing, ...]:
    """Return who crosses a line the same way within a time after the one before."""
    return tuple(
        after
        for before, after in pairwise(crossings)
        if after.direction is before.direction and after.stream_s - before.stream_s <= within_s
    )


def crowds(stays: Sequence[Stay], size: int, on_s: float, off_s: float) -> tuple[Span, ...]:
    """Return when so many are inside for `on_s`, until there are fewer for `off_s`: from first moment to last."""
    return tuple(span for span in joined(_full(stays, size), off_s) if span.until_s - span.since_s >= on_s)


def joined(spans: Sequence[Span], gap_s: float = 0.001) -> tuple[Span, ...]:
    """Return spans with those made one that lie at most `gap_s` apart."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.since_s):
        if found and span.since_s - found[-1].until_s <= gap_s:
            found[-1] = Span(found[-1].since_s, max(found[-1].until_s, span.until_s))
        else:
            found.append(span)
    return tuple(found)


def _full(stays: Sequence[Stay], size: int) -> list[Span]:
    """Return when at least `size` are inside."""
    changes = sorted([(stay.since_s, 1) for stay in stays] + [(stay.until_s, -1) for stay in stays])
    found, within, began_s = [], 0, 0.0
    for t, change in changes:
        before, within = within, within + change
        if before < size <= within:
            began_s = t
        if within < size <= before:
            found.append(Span(began_s, t))
    return found


def _moves(plan: Plan, t: float) -> bool:
    before, after = plan.place(t - STEP_S), plan.place(t + STEP_S)
    return math.hypot(after[0] - before[0], after[1] - before[1]) > WALKS * 2 * STEP_S


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
