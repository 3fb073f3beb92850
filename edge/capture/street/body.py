"""The shapes of people, cars and suitcases in metres: from where they are and what they do to joints and corners."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.capture.street.view import Points

Colour = tuple[int, int, int]
"""Blue, green, red."""

PELVIS, NECK, HEAD, HIPS, KNEES, ANKLES, TOES, SHOULDERS, ELBOWS, HANDS = 0, 1, 2, 3, 5, 7, 9, 11, 13, 15
"""Rows of `joints`; pairs have the left one first."""
RADII: Final = np.array([0.12, 0.06, 0.115, *[0.08] * 2, *[0.06] * 2, *[0.045] * 2, *[0.03] * 2, *[0.07] * 8])[:17]
"""How far the body reaches around each joint, for a person of 1.75 m."""


@dataclass(frozen=True, slots=True)
class Person:
    """How a person looks: metres and colours."""

    height: float
    build: float
    skin: Colour
    hair: Colour
    top: Colour
    trousers: Colour
    shoes: Colour
    coat: bool
    bag: Colour | None
    long_hair: bool


@dataclass(frozen=True, slots=True)
class Car:
    """How a car looks."""

    form: str
    paint: Colour


@dataclass(frozen=True, slots=True)
class Suitcase:
    """How a suitcase looks."""

    paint: Colour


def joints(person: Person, x: float, z: float, heading: float, steps: float, gait: float) -> Points:
    """Return the 17 joints of a person in metres, shape (17, 3).

    `heading` is the way he faces (radians from the x axis towards z), `steps` how many pairs of steps he has walked,
    `gait` goes from 0 (stands) to 1 (walks).
    """
    tall = person.height
    body = np.zeros((17, 3))
    swing = math.sin(2 * math.pi * steps)
    for side, sign in ((0, 1.0), (1, -1.0)):
        _leg(body, side, sign * swing * gait, max(0.0, sign * math.cos(2 * math.pi * steps)) * gait, tall)
    lift = -float(body[TOES : TOES + 2, 1].min())
    body[HIPS : TOES + 2, 1] += lift + 0.015 * tall
    body[PELVIS] = (0.0, lift + 0.01 * tall, 0.0)
    lean = 0.02 * gait
    body[NECK] = (lean * tall, body[PELVIS, 1] + 0.33 * tall, 0.0)
    body[HEAD] = (lean * tall * 1.6, body[NECK, 1] + 0.095 * tall, 0.0)
    for side, sign in ((0, 1.0), (1, -1.0)):
        _arm(body, side, sign, -sign * swing * gait, person)
    ahead, left = (
        np.array([math.cos(heading), 0.0, math.sin(heading)]),
        np.array([-math.sin(heading), 0.0, math.cos(heading)]),
    )
    return np.asarray(body[:, :1] * ahead + body[:, 1:2] * (0.0, 1.0, 0.0) + body[:, 2:] * left + (x, 0.0, z))


def _leg(body: Points, side: int, swing: float, lifted: float, tall: float) -> None:
    sideways = (0.048 if side == 0 else -0.048) * tall
    thigh = 0.44 * swing + 0.10 * lifted
    shin = thigh - 0.12 - 0.85 * lifted
    hip = np.array([0.0, 0.0, sideways])
    knee = hip + 0.245 * tall * np.array([math.sin(thigh), -math.cos(thigh), 0.0])
    ankle = knee + 0.235 * tall * np.array([math.sin(shin), -math.cos(shin), 0.0])
    foot = shin * 0.6 + 0.06
    body[HIPS + side], body[KNEES + side], body[ANKLES + side] = hip, knee, ankle
    body[TOES + side] = ankle + 0.09 * tall * np.array([math.cos(foot), math.sin(foot) - 0.35, 0.0])


def _arm(body: Points, side: int, sign: float, swing: float, person: Person) -> None:
    tall = person.height
    shoulder = body[NECK] + (0.0, -0.035 * tall, sign * 0.105 * tall * person.build)
    upper, lower = 0.42 * swing, 0.42 * swing + 0.30
    outward = sign * 0.025 * tall
    elbow = shoulder + 0.17 * tall * np.array([math.sin(upper), -math.cos(upper), 0.0]) + (0.0, 0.0, outward)
    body[SHOULDERS + side], body[ELBOWS + side] = shoulder, elbow
    body[HANDS + side] = elbow + 0.16 * tall * np.array([math.sin(lower), -math.cos(lower), 0.0])


PROFILES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "hatch": (
        (-1.95, 0.34),
        (-1.97, 0.92),
        (-1.80, 1.00),
        (-1.35, 1.46),
        (0.35, 1.46),
        (1.12, 0.98),
        (1.88, 0.76),
        (1.97, 0.36),
    ),
    "sedan": (
        (-2.28, 0.34),
        (-2.30, 0.90),
        (-1.55, 1.00),
        (-0.90, 1.42),
        (0.45, 1.42),
        (1.25, 0.95),
        (2.18, 0.74),
        (2.28, 0.36),
    ),
    "estate": (
        (-2.25, 0.34),
        (-2.28, 0.95),
        (-2.15, 1.03),
        (-1.80, 1.50),
        (0.40, 1.50),
        (1.22, 1.00),
        (2.15, 0.80),
        (2.25, 0.36),
    ),
    "suv": (
        (-2.20, 0.42),
        (-2.22, 1.08),
        (-2.05, 1.16),
        (-1.70, 1.68),
        (0.35, 1.68),
        (1.10, 1.14),
        (2.05, 0.98),
        (2.18, 0.44),
    ),
    "van": (
        (-2.45, 0.36),
        (-2.47, 1.20),
        (-2.45, 1.28),
        (-2.35, 1.98),
        (1.05, 1.98),
        (1.75, 1.16),
        (2.32, 0.98),
        (2.45, 0.38),
    ),
}
"""Each form's side view, from the rear's lower edge over the roof to the front's: (ahead, up)."""
HALF_WIDTHS: Final = (0.86, 0.90, 0.86, 0.66, 0.66, 0.84, 0.80, 0.86)
"""Half the width at each corner of the profile."""
WHEEL: Final = 0.32


def corners(car: Car, x: float, z: float, heading: float) -> Points:
    """Return a car's body in metres, shape (16, 3): the profile on its left side, then on its right."""
    profile = np.array(PROFILES[car.form])
    wide = np.array(HALF_WIDTHS) * (1.08 if car.form == "van" else 1.0)
    local = np.concatenate([np.column_stack([profile, wide]), np.column_stack([profile, -wide])])
    return placed(local, x, z, heading)


def wheels(car: Car) -> tuple[float, float]:
    """Return where a car's axles are, metres ahead of its middle: the rear one, the front one."""
    profile = PROFILES[car.form]
    return profile[0][0] + 0.78, profile[-1][0] - 0.80


def placed(local: Points, x: float, z: float, heading: float) -> Points:
    """Turn (n, 3) places of a thing's own axes (ahead, up, left) into the street's."""
    ahead, left = (math.cos(heading), math.sin(heading)), (-math.sin(heading), math.cos(heading))
    along = local[:, 0] * ahead[0] + local[:, 2] * left[0] + x
    away = local[:, 0] * ahead[1] + local[:, 2] * left[1] + z
    return np.column_stack([along, local[:, 1], away])


SUITCASE: Final = (0.58, 0.44, 0.24)
"""Its length, height and width, metres."""
CARRIED: Final = 0.13
"""How high a suitcase hangs above the ground in somebody's hand."""


def suitcase_corners(x: float, z: float, gait: float) -> Points:
    """Return a suitcase's body in metres, shape (8, 3).

    Four corners are on the camera's side, from the lower left one on, clockwise; then those behind them. `gait` goes
    from 0 (stands) to 1 (is carried).
    """
    long, tall, wide = SUITCASE
    floor = CARRIED * gait
    front = np.array([(-long / 2, floor), (-long / 2, floor + tall), (long / 2, floor + tall), (long / 2, floor)])
    sides = [np.column_stack([front, np.full(4, depth)]) for depth in (-wide / 2, wide / 2)]
    return np.asarray(np.concatenate(sides) + np.array([x, 0.0, z]), np.float64)


def solid(look: Car | Suitcase, x: float, z: float, heading: float, gait: float) -> Points:
    """Return the corners of what has no limbs, metres."""
    return suitcase_corners(x, z, gait) if isinstance(look, Suitcase) else corners(look, x, z, heading)
