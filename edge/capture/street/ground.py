"""The ground of the street seen from above: pavements, kerbs, road and markings, with grain and wear."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.street.paint import Canvas

PER_METRE: Final = 56
LEFT: Final = -9.0
RIGHT: Final = 52.0
NEAR: Final = 3.5
FAR: Final = 27.0
KERB: Final = 13.0
BAY: Final = 20.2
FAR_KERB: Final = 22.4

Field = NDArray[np.float32]


def make_ground(dice: np.random.Generator) -> Canvas:
    """Return the ground from above, PER_METRE pixels a metre; its first row is the nearest."""
    height, width = round((FAR - NEAR) * PER_METRE), round((RIGHT - LEFT) * PER_METRE)
    ground = np.zeros((height, width, 3), np.float32)
    _paving(ground, dice, NEAR, KERB, 0.60, (150, 163, 172))
    _paving(ground, dice, 11.95, KERB, 0.24, (128, 138, 148))
    _asphalt(ground, dice)
    _paving(ground, dice, FAR_KERB, FAR, 0.45, (140, 150, 156))
    _kerb(ground, dice, KERB - 0.18, KERB)
    _kerb(ground, dice, FAR_KERB, FAR_KERB + 0.18)
    _markings(ground)
    ground *= 1 + 0.06 * _clouds(dice, (height, width), 220)[..., None]
    return np.clip(ground, 0, 255).astype(np.uint8)


def _row(z: float) -> int:
    return round((z - NEAR) * PER_METRE)


def _column(x: float) -> int:
    return round((x - LEFT) * PER_METRE)


def _clouds(dice: np.random.Generator, size: tuple[int, int], cell: int) -> Field:
    """Return smooth noise around 0 with spots of `cell` pixels."""
    small = dice.normal(0, 1, (size[0] // cell + 2, size[1] // cell + 2)).astype(np.float32)
    return cv2.resize(small, (size[1], size[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)


def _grain(dice: np.random.Generator, size: tuple[int, int], strength: float) -> Field:
    return (dice.standard_normal(size, dtype=np.float32) * strength)[..., None]


def _paving(
    ground: Field, dice: np.random.Generator, near: float, far: float, slab: float, colour: tuple[int, int, int]
) -> None:
    part = ground[_row(near) : _row(far)]
    height, width = part.shape[:2]
    step = round(slab * PER_METRE)
    tones = dice.normal(1, 0.045, (height // step + 2, width // step + 3)).astype(np.float32)
    rows = np.arange(height) // step
    shift = (rows % 2) * (step // 2)
    columns = (np.arange(width)[None, :] + shift[:, None]) // step
    part[:] = tones[rows[:, None], columns][..., None] * np.array(colour, np.float32)
    joint = ((np.arange(width)[None, :] + shift[:, None]) % step < 2) | (np.arange(height) % step < 2)[:, None]  # noqa: PLR2004 - joints of two pixels
    part *= np.where(joint, np.float32(0.80), np.float32(1))[..., None]
    part += _grain(dice, (height, width), 4.0)


def _asphalt(ground: Field, dice: np.random.Generator) -> None:
    part = ground[_row(KERB) : _row(FAR_KERB)]
    height, width = part.shape[:2]
    part[:] = (98, 96, 94)
    part += _grain(dice, (height, width), 7.0)
    part += 5 * _clouds(dice, (height, width), 60)[..., None]
    for z in (14.2, 15.7, 17.7, 19.2):
        wear = np.exp(-(((np.arange(height) / PER_METRE + KERB - z) / 0.28) ** 2)).astype(np.float32)
        part -= 7 * wear[:, None, None]
    part[: round(0.35 * PER_METRE)] *= 0.90
    part[-round(0.35 * PER_METRE) :] *= 0.90
    part[_row(BAY) - _row(KERB) :] *= 1.06
    for x, z, long, wide in ((3.0, 14.0, 3.4, 1.1), (19.0, 18.0, 5.0, 1.3), (-5.5, 17.6, 2.2, 1.6)):
        spot = ground[_row(z) : _row(z + wide), _column(x) : _column(x + long)]
        spot *= 0.86
    for x, z in ((7.2, 15.0), (16.5, 19.0), (24.0, 15.2)):
        centre, radius = (_column(x), _row(z)), round(0.33 * PER_METRE)
        cv2.circle(ground, centre, radius, (64, 66, 68), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(ground, centre, radius, (84, 86, 88), 2, cv2.LINE_AA)


def _kerb(ground: Field, dice: np.random.Generator, near: float, far: float) -> None:
    part = ground[_row(near) : _row(far)]
    part[:] = (178, 184, 188)
    part[:, ::PER_METRE] *= 0.7
    part += _grain(dice, (part.shape[0], part.shape[1]), 4.0)


def _markings(ground: Field) -> None:
    paint = np.array((214, 218, 220), np.float32)
    worn = 0.82
    for x in np.arange(LEFT, RIGHT, 4.0):
        dash = ground[_row(16.64) : _row(16.76), _column(x) : _column(x + 2.0)]
        dash += (paint - dash) * worn
    edge = ground[_row(BAY) : _row(BAY + 0.10)]
    edge += (paint - edge) * worn * 0.8
    for x in np.arange(-8.4, RIGHT, 5.6):
        bar = ground[_row(BAY) : _row(FAR_KERB), _column(x) : _column(x + 0.10)]
        bar += (paint - bar) * worn * 0.8
