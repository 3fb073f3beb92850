"""The scenes of the street: who has his moment in which block of time, from the seed alone."""

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.capture.street.body import PROFILES, Car, Colour, Person
from edge.model.scene import Origin

BLOCK_S: Final = 24.0
PAVEMENT_LINE_X: Final = 3.5
ROAD_LINE_X: Final = 8.5
LEFT_END: Final = -7.5
RIGHT_END: Final = 23.0
NEAR_LANE: Final = (14.95, -13.0, 36.0)
FAR_LANE: Final = (18.45, 44.0, -14.0)
"""Away from the wall, and where cars come in and go out along the street."""

SKINS: Final[tuple[Colour, ...]] = ((150, 180, 226), (120, 155, 205), (90, 120, 170), (60, 85, 125), (165, 190, 232))
HAIRS: Final[tuple[Colour, ...]] = (
    (28, 30, 36),
    (40, 58, 84),
    (58, 92, 138),
    (110, 150, 190),
    (150, 152, 156),
    (22, 24, 60),
)
TOPS: Final[tuple[Colour, ...]] = (
    (60, 52, 160),
    (150, 92, 44),
    (58, 62, 66),
    (205, 205, 200),
    (72, 120, 62),
    (46, 150, 205),
    (128, 66, 110),
    (92, 44, 34),
    (175, 160, 96),
    (70, 96, 190),
    (36, 38, 44),
    (160, 175, 210),
)
TROUSERS: Final[tuple[Colour, ...]] = (
    (96, 66, 44),
    (44, 42, 42),
    (72, 84, 98),
    (112, 128, 146),
    (60, 48, 38),
    (128, 100, 72),
)
SHOES: Final[tuple[Colour, ...]] = ((28, 28, 30), (210, 212, 214), (40, 58, 92))
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


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on someone's way: when he is there, metres along the street and away from the wall."""

    at_s: float
    x: float
    z: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit of one person or car: his looks and his way through time."""

    object_id: int
    origin: Origin
    look: Person | Car
    way: tuple[Stop, ...]
    sway: float = 0.0

    @property
    def starts_s(self) -> float:
        """When he enters the street."""
        return self.way[0].at_s

    @property
    def ends_s(self) -> float:
        """When he has left it."""
        return self.way[-1].at_s

    def place(self, t: float) -> tuple[float, float, float]:
        """Return x and z at a time, and the metres walked since the start."""
        t = min(max(t, self.starts_s), self.ends_s)
        index = min(max(bisect_right([stop.at_s for stop in self.way], t) - 1, 0), len(self.way) - 2)
        walked = sum(_length(self.way[leg], self.way[leg + 1]) for leg in range(index))
        here, there = self.way[index], self.way[index + 1]
        share = (t - here.at_s) / (there.at_s - here.at_s)
        walked += share * _length(here, there)
        wave = self.sway * math.sin(0.9 * walked + self.object_id)
        return here.x + share * (there.x - here.x), here.z + share * (there.z - here.z) + wave, walked

    def rest_heading(self, t: float) -> float:
        """Return the way he looks while he stands: to the road, now and then along it."""
        return math.pi / 2 + 0.7 * math.sin(0.11 * t + self.object_id)


def _length(here: Stop, there: Stop) -> float:
    return math.hypot(there.x - here.x, there.z - here.z)


def pavement(seed: int, block: int) -> tuple[Plan, ...]:
    """People who cross the pavement's line, one by one or in small groups; some wait at the bench."""
    chance = _chance(seed, block, "pavement")
    plans: list[Plan] = []
    taken = -1
    for slot in range(5):
        crosses_s = block * BLOCK_S + 3.5 + 4.2 * slot + chance.uniform(-0.5, 0.5)
        kind = chance.random()
        first = block == 0 and slot == 1
        if first:
            crosses_s += 2.8
        if slot <= taken or (block == 0 and slot in (0, 2)) or (kind > 0.72 and not first):  # noqa: PLR2004 - the share of slots in use
            continue
        number = block * 100 + slot * 4
        rightward = first or chance.random() < 0.5  # noqa: PLR2004 - either way alike
        if kind < 0.14 and block > 0:  # noqa: PLR2004 - the share of those who wait
            plans.append(_waiting(chance, number, crosses_s, slot, rightward=rightward))
        else:
            group = 1 if first else _group(kind, slot)
            taken = slot + group - 1
            plans.extend(_walking(chance, number, crosses_s, group=group, rightward=rightward))
    return tuple(plans)


def _group(kind: float, slot: int) -> int:
    """Return how many come together: mostly one, and never so many that they cross as the light switches."""
    wanted = 1 if kind < 0.56 else 2 if kind < 0.68 else 3  # noqa: PLR2004 - how often people come in twos and threes
    return min(wanted, 5 - slot)


def _walking(chance: random.Random, number: int, crosses_s: float, *, group: int, rightward: bool) -> list[Plan]:
    speed = chance.uniform(1.22, 1.5) * (1 if rightward else -1)
    near, slant = chance.uniform(10.1, 11.0), chance.uniform(-0.3, 0.3)
    ends = (LEFT_END, RIGHT_END) if rightward else (RIGHT_END, LEFT_END)
    plans = []
    for member in range(group):
        at_s, z = crosses_s + member * 1.7, near + (0.4 if member % 2 else 0.0)
        way = tuple(Stop(at_s + (x - PAVEMENT_LINE_X) / speed, x, z + slant * (x - PAVEMENT_LINE_X) / 20) for x in ends)
        plans.append(Plan(number + member, Origin.PEDESTRIAN, _person(chance), way, sway=0.07))
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
    return Plan(number, Origin.PEDESTRIAN, _person(chance), tuple(way), sway=0.0)


def far_pavement(seed: int, block: int) -> tuple[Plan, ...]:
    """People on the other side, behind the parked cars."""
    chance = _chance(seed, block, "far pavement")
    plans = []
    for slot in range(2):
        starts_s = block * BLOCK_S + 12 * slot + chance.uniform(0, 8)
        speed, z, rightward = chance.uniform(1.2, 1.5), chance.uniform(23.6, 25.2), chance.random() < 0.5  # noqa: PLR2004 - either way alike
        ends = (-9.0, 36.0) if rightward else (36.0, -9.0)
        way = (Stop(starts_s, ends[0], z), Stop(starts_s + 45.0 / speed, ends[1], z))
        if starts_s > 3:  # noqa: PLR2004 - the picture is empty at first
            plans.append(Plan(block * 100 + 40 + slot, Origin.PEDESTRIAN, _person(chance), way, sway=0.05))
    return tuple(plans)


def road(seed: int, block: int) -> tuple[Plan, ...]:
    """Cars on both lanes; two never meet on the line."""
    chance = _chance(seed, block, "road")
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


SCENES: Final[tuple[Callable[[int, int], tuple[Plan, ...]], ...]] = (pavement, far_pavement, road)
"""All that happens, each from the seed and the number of the block."""


def _person(chance: random.Random) -> Person:
    return Person(
        height=chance.uniform(1.6, 1.88),
        build=chance.uniform(0.92, 1.12),
        skin=chance.choice(SKINS),
        hair=chance.choice(HAIRS),
        top=chance.choice(TOPS),
        trousers=chance.choice(TROUSERS),
        shoes=chance.choice(SHOES),
        coat=chance.random() < 0.3,  # noqa: PLR2004 - as many as look right
        bag=chance.choice(TOPS) if chance.random() < 0.4 else None,  # noqa: PLR2004 - the same
        long_hair=chance.random() < 0.4,  # noqa: PLR2004 - the same
    )


def _chance(seed: int, block: int, scene: str) -> random.Random:
    return random.Random(f"{seed}/{block}/{scene}")  # noqa: S311 - a play's dice, not a secret
