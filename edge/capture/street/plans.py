"""What a scene is made of: plans, each one visit of someone with his looks and his way through time."""

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from edge.capture.street.body import Car, Colour, Person, Suitcase
from edge.model.scene import Origin

BLOCK_S: Final = 24.0
PAVEMENT_LINE_X: Final = 3.5
ROAD_LINE_X: Final = 8.5
LEFT_END: Final = -7.5
RIGHT_END: Final = 23.0
"""Where people come in and go out along the near pavement, metres."""

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


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on someone's way: when he is there, metres along the street and away from the wall."""

    at_s: float
    x: float
    z: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit of one person or car, or the way of a thing: looks, and where at what time."""

    object_id: int
    origin: Origin
    look: Person | Car | Suitcase
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


def someone(chance: random.Random) -> Person:
    """Return how a person looks, by chance."""
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


def dice(seed: int, block: int, scene: str) -> random.Random:
    """Return the chance of one scene in one block: the same whenever it is asked for."""
    return random.Random(f"{seed}/{block}/{scene}")  # noqa: S311 - a play's dice, not a secret
