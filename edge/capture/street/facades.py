"""The houses on the far side of the street, drawn flat: shops below, windows above."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.capture.street.body import Colour
from edge.capture.street.paint import Canvas, shaded

PER_METRE: Final = 44
LEFT: Final = -14.0
RIGHT: Final = 78.0
TOP: Final = 13.0
SHOP_TOP: Final = 3.4


@dataclass(frozen=True, slots=True)
class House:
    """One house: its width in metres, walls, and what its shop wears."""

    width: float
    wall: Colour
    frame: Colour
    front: Colour
    awning: Colour | None


HOUSES: Final = (
    House(9.0, (128, 152, 178), (222, 228, 230), (54, 70, 60), (70, 92, 52)),
    House(8.0, (176, 190, 200), (70, 74, 78), (96, 62, 42), None),
    House(10.0, (92, 108, 150), (214, 220, 222), (60, 58, 58), (58, 62, 168)),
    House(7.5, (196, 200, 196), (92, 86, 80), (66, 88, 92), (150, 122, 70)),
    House(11.0, (150, 172, 188), (226, 230, 232), (78, 56, 46), None),
    House(8.5, (112, 132, 146), (216, 220, 222), (40, 52, 84), (84, 84, 84)),
    House(10.5, (184, 196, 208), (84, 84, 86), (70, 62, 52), (64, 88, 150)),
    House(9.5, (108, 124, 164), (220, 224, 226), (56, 64, 58), None),
    House(9.0, (170, 182, 186), (96, 92, 88), (48, 50, 66), (94, 120, 64)),
    House(10.0, (140, 160, 180), (224, 228, 230), (62, 62, 62), None),
)


def make_facades(dice: np.random.Generator) -> Canvas:
    """Return the row of houses, PER_METRE pixels a metre; its first row is the highest."""
    wall = np.zeros((round(TOP * PER_METRE), round((RIGHT - LEFT) * PER_METRE), 3), np.uint8)
    x = LEFT
    for house in HOUSES:
        _house(wall, house, x, dice)
        x += house.width
    grain = dice.standard_normal(wall.shape[:2], dtype=np.float32) * 3.5
    return np.clip(wall + grain[..., None], 0, 255).astype(np.uint8)


def _fill(wall: Canvas, left: float, bottom: float, right: float, top: float, colour: Colour) -> None:
    """Fill a rectangle given in metres along the street and up."""
    rows = slice(max(0, round((TOP - top) * PER_METRE)), round((TOP - bottom) * PER_METRE))
    wall[rows, max(0, round((left - LEFT) * PER_METRE)) : round((right - LEFT) * PER_METRE)] = colour


def _house(wall: Canvas, house: House, x: float, dice: np.random.Generator) -> None:
    right = x + house.width
    _fill(wall, x, 0, right, TOP, house.wall)
    _bricks(wall, house, x)
    for storey in (3.95, 7.3, 10.6):
        _windows(wall, house, x, storey, dice)
        _fill(wall, x, storey - 0.62, right, storey - 0.50, shaded(house.wall, 1.12))
        _fill(wall, x, storey - 0.66, right, storey - 0.62, shaded(house.wall, 0.78))
    _shop(wall, house, x, dice)
    _fill(wall, right - 0.14, 0, right, TOP, shaded(house.wall, 0.72))
    _fill(wall, x, 0, right, 0.35, shaded(house.wall, 0.62))


def _bricks(wall: Canvas, house: House, x: float) -> None:
    for course in np.arange(SHOP_TOP, TOP, 0.30):
        _fill(wall, x, course, x + house.width, course + 0.03, shaded(house.wall, 0.93))


def _windows(wall: Canvas, house: House, x: float, sill: float, dice: np.random.Generator) -> None:
    number = round(house.width / 2.3)
    step = house.width / number
    for window in range(number):
        left = x + step * (window + 0.5) - 0.55
        _fill(wall, left - 0.12, sill - 0.14, left + 1.22, sill, shaded(house.wall, 1.18))
        _fill(wall, left - 0.08, sill, left + 1.18, sill + 1.78, house.frame)
        glass = int(dice.integers(62, 96))
        _fill(wall, left, sill + 0.08, left + 1.10, sill + 1.70, (glass + 18, glass + 8, glass - 8))
        _fill(wall, left, sill + 1.05, left + 1.10, sill + 1.70, (glass + 52, glass + 40, glass + 22))
        if dice.random() < 0.4:  # noqa: PLR2004 - some have curtains
            _fill(wall, left, sill + 0.08, left + 0.30, sill + 1.70, (186, 196, 202))
            _fill(wall, left + 0.80, sill + 0.08, left + 1.10, sill + 1.70, (178, 190, 196))
        _fill(wall, left + 0.52, sill, left + 0.58, sill + 1.70, house.frame)
        _fill(wall, left, sill + 1.02, left + 1.10, sill + 1.09, house.frame)
        _fill(wall, left - 0.08, sill + 1.72, left + 1.18, sill + 1.84, shaded(house.wall, 0.74))


def _shop(wall: Canvas, house: House, x: float, dice: np.random.Generator) -> None:
    left, right = x + 0.35, x + house.width - 0.45
    _fill(wall, left, 0.30, right, SHOP_TOP - 0.1, house.front)
    door = left + (right - left) * float(dice.uniform(0.3, 0.6))
    for start, end in ((left + 0.2, door - 0.15), (door + 1.15, right - 0.2)):
        panes = max(1, round((end - start) / 1.6))
        wide = (end - start) / panes
        for pane in range(panes):
            at = start + pane * wide
            _fill(wall, at, 0.75, at + wide - 0.08, 2.55, (78, 70, 60))
            _fill(wall, at, 1.75, at + wide - 0.08, 2.55, (112, 102, 90))
            _goods(wall, at + 0.1, at + wide - 0.2, dice)
    _fill(wall, door, 0.05, door + 1.0, 2.55, shaded(house.front, 0.62))
    _fill(wall, door + 0.14, 0.45, door + 0.86, 2.40, (92, 82, 70))
    _fill(wall, left + 0.1, 2.68, right - 0.1, 3.20, shaded(house.front, 1.35))
    _letters(wall, (left + right) / 2, dice)
    if house.awning is not None:
        _awning(wall, left + 0.1, right - 0.1, house.awning)


def _goods(wall: Canvas, left: float, right: float, dice: np.random.Generator) -> None:
    at = left
    while at < right - 0.15:
        wide, tall = float(dice.uniform(0.12, 0.3)), float(dice.uniform(0.15, 0.7))
        tone = dice.integers(70, 190, 3)
        _fill(wall, at, 0.80, min(at + wide, right), 0.80 + tall, (int(tone[0]), int(tone[1]), int(tone[2])))
        at += wide + 0.08


def _letters(wall: Canvas, middle: float, dice: np.random.Generator) -> None:
    at = middle - 1.3
    for _ in range(8):
        wide = float(dice.uniform(0.14, 0.26))
        _fill(wall, at, 2.82, at + wide, 3.06, (206, 214, 218))
        at += wide + 0.09


def _awning(wall: Canvas, left: float, right: float, colour: Colour) -> None:
    pale = shaded((226, 230, 232), 1.0)
    for number, at in enumerate(np.arange(left, right - 0.1, 0.42)):
        stripe = colour if number % 2 else pale
        _fill(wall, float(at), 2.30, min(float(at) + 0.42, right), 2.78, stripe)
        _fill(wall, float(at), 2.20, min(float(at) + 0.42, right), 2.34, shaded(stripe, 0.85))
    rows = slice(round((TOP - 2.20) * PER_METRE), round((TOP - 1.85) * PER_METRE))
    columns = slice(round((left - LEFT) * PER_METRE), round((right - LEFT) * PER_METRE))
    wall[rows, columns] = cv2.multiply(wall[rows, columns], np.ones_like(wall[rows, columns]), scale=0.7)
