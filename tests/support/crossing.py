"""A short scene that every kind of camera can show: somebody walks from left to right, once each round."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.appliance import Appliance

EMPTY, WALK = 30, 40
ROUND = EMPTY + WALK
"""Pictures of a round: at first nobody is there."""
SIZE = (640, 360)


@cache
def crossing() -> tuple[NDArray[np.uint8], ...]:
    """The pictures of one round, BGR, with the noise of a sensor."""
    chance = np.random.default_rng(7)
    width, height = SIZE
    ground = np.kron(chance.integers(70, 150, (height // 20, width // 20, 3)), np.ones((20, 20, 1)))
    return tuple(_picture(ground, chance, number) for number in range(ROUND))


def _picture(ground: NDArray[Any], chance: np.random.Generator, number: int) -> NDArray[np.uint8]:
    picture = ground + chance.normal(0, 2, ground.shape)
    step = number - EMPTY
    if step >= 0:
        left = 20 + step * (SIZE[0] - 80) // WALK
        picture[150:270, left : left + 40] = (40, 40, 200)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def crossed(running: Appliance) -> list[dict[str, Any]]:
    """Return what crossed a line so far."""
    events = running.get("/v1/json/events?limit=1000") or []
    return [event for event in events if event["type"] == "TripwireCrossed"]
