"""The everyday scenes of the street: who passes in which block of time, from the seed alone."""

import math
import random
from collections.abc import Callable
from typing import Final

from edge.capture.street.body import PROFILES, Car, Colour
from edge.capture.street.occasions import following, leaving_suitcase, meeting, taking_suitcase, waiting
from edge.capture.street.plans import (
    BLOCK_S,
    LEFT_END,
    PAVEMENT_LINE_X,
    RIGHT_END,
    ROAD_LINE_X,
    Plan,
    Stop,
    dice,
    someone,
)
from edge.capture.street.programme import bench_is_taken, kept_free
from edge.model.scene import Origin

NEAR_LANE: Final = (14.95, -13.0, 36.0)
FAR_LANE: Final = (18.45, 44.0, -14.0)
"""Away from the wall, and where cars come in and go out along the street."""
PAINTS: Final[tuple[Colour, ...]] = (
    (188, 190, 192),
    (52, 50, 48),
    (226, 228, 228),
    (122, 60, 32),
    (36, 34, 150),
    (112, 112, 116),
    (86, 108, 70),
    (150, 118, 70),
    (58, 120, 190),
    (70, 52, 96),
)


def pavement(seed: int, block: int) -> tuple[Plan, ...]:
    """People who cross the pavement's line, one by one or in small groups; some wait at the bench."""
    chance, free = dice(seed, block, "pavement"), kept_free(block)
    plans: list[Plan] = []
    taken = -1
    for slot in range(5):
        crosses_s = block * BLOCK_S + 3.5 + 4.2 * slot + chance.uniform(-0.5, 0.5)
        kind = chance.random()
        first = block == 0 and slot == 1
        if first:
            crosses_s += 2.8
        if slot in free or slot <= taken or (block == 0 and slot in (0, 2)) or (kind > 0.72 and not first):  # noqa: PLR2004 - the share of slots in use
            continue
        number = block * 100 + slot * 4
        rightward = first or chance.random() < 0.5  # noqa: PLR2004 - either way alike
        if kind < 0.14 and block > 0:  # noqa: PLR2004 - the share of those who wait
            if bench_is_taken(block):
                continue
            plans.append(_waiting(chance, number, crosses_s, slot, rightward=rightward))
        else:
            group = 1 if first else _group(kind, slot, free)
            taken = slot + group - 1
            plans.extend(_walking(chance, number, crosses_s, group=group, rightward=rightward))
    return tuple(plans)


def _group(kind: float, slot: int, free: frozenset[int]) -> int:
    """Return how many come together: mostly one, never so many that they cross as the light switches or others come."""
    wanted = 1 if kind < 0.56 else 2 if kind < 0.68 else 3  # noqa: PLR2004 - how often people come in twos and threes
    return min(wanted, min((other for other in free if other > slot), default=5) - slot)


def _walking(chance: random.Random, number: int, crosses_s: float, *, group: int, rightward: bool) -> list[Plan]:
    speed = chance.uniform(1.22, 1.5) * (1 if rightward else -1)
    near, slant = chance.uniform(10.1, 11.0), chance.uniform(-0.3, 0.3)
    ends = (LEFT_END, RIGHT_END) if rightward else (RIGHT_END, LEFT_END)
    plans = []
    for member in range(group):
        at_s, z = crosses_s + member * 1.7, near + (0.4 if member % 2 else 0.0)
        way = tuple(Stop(at_s + (x - PAVEMENT_LINE_X) / speed, x, z + slant * (x - PAVEMENT_LINE_X) / 20) for x in ends)
        plans.append(Plan(number + member, Origin.PEDESTRIAN, someone(chance), way, sway=0.07))
    return plans


def _waiting(chance: random.Random, number: int, crosses_s: float, slot: int, *, rightward: bool) -> Plan:
    """Someone comes from one side, waits at the bench, and goes on: he crosses the line on his way there or back."""
    speed, stay_s = chance.uniform(1.2, 1.4), chance.uniform(15, 40)
    place = (12.7 + 0.75 * slot, chance.uniform(11.3, 11.6))
    z = chance.uniform(10.1, 10.9)
    line_s = math.hypot(place[0] - PAVEMENT_LINE_X, place[1] - z) / speed
    edge_s = math.hypot(RIGHT_END - place[0], place[1] - z) / speed
    left_s = (PAVEMENT_LINE_X - LEFT_END) / speed
    there = crosses_s + line_s
    way = [
        Stop(crosses_s - left_s, LEFT_END, z),
        Stop(crosses_s, PAVEMENT_LINE_X, z),
        Stop(there, *place),
        Stop(there + stay_s, *place),
        Stop(there + stay_s + edge_s, RIGHT_END, z),
    ]
    if not rightward:
        way = [Stop(2 * crosses_s - stop.at_s, stop.x, stop.z) for stop in reversed(way)]
    return Plan(number, Origin.PEDESTRIAN, someone(chance), tuple(way), sway=0.0)


def far_pavement(seed: int, block: int) -> tuple[Plan, ...]:
    """People on the other side, behind the parked cars."""
    chance = dice(seed, block, "far pavement")
    plans = []
    for slot in range(2):
        starts_s = block * BLOCK_S + 12 * slot + chance.uniform(0, 8)
        speed, z, rightward = chance.uniform(1.2, 1.5), chance.uniform(23.6, 25.2), chance.random() < 0.5  # noqa: PLR2004 - either way alike
        ends = (-9.0, 36.0) if rightward else (36.0, -9.0)
        way = (Stop(starts_s, ends[0], z), Stop(starts_s + 45.0 / speed, ends[1], z))
        if starts_s > 3:  # noqa: PLR2004 - the picture is empty at first
            plans.append(Plan(block * 100 + 40 + slot, Origin.PEDESTRIAN, someone(chance), way, sway=0.05))
    return tuple(plans)


def road(seed: int, block: int) -> tuple[Plan, ...]:
    """Cars on both lanes; two never meet on the line."""
    chance = dice(seed, block, "road")
    plans = []
    for slot in range(5):
        crosses_s = block * BLOCK_S + 2.8 + 4.2 * slot + chance.uniform(-0.6, 0.6)
        first = block == 0 and slot == 1
        used, near = chance.random() < 0.52, chance.random() < 0.5  # noqa: PLR2004 - every other slot, either lane alike
        car = Car(chance.choice(sorted(PROFILES)), chance.choice(PAINTS))
        if (block == 0 and slot == 0) or not (used or first):
            continue
        z, enters, leaves = NEAR_LANE if near else FAR_LANE
        speed = chance.uniform(7.4, 8.6) * (1 if near else -1)
        way = tuple(Stop(crosses_s + (x - ROAD_LINE_X) / speed, x, z) for x in (enters, leaves))
        plans.append(Plan(block * 100 + 60 + slot, Origin.VEHICLE, car, way))
    return tuple(plans)


SCENES: Final[tuple[Callable[[int, int], tuple[Plan, ...]], ...]] = (
    pavement,
    far_pavement,
    road,
    waiting,
    following,
    meeting,
    leaving_suitcase,
    taking_suitcase,
)
"""All that happens, each from the seed and the number of the block."""
