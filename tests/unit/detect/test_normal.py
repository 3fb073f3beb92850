"""What a camera normally shows is learnt by the clock, however often the picture is looked at."""

import numpy as np
import pytest

from edge.detect.hidden import Hidden
from edge.detect.look import Look, look_at
from edge.detect.normal import Normal
from edge.model.scene import Picture


def _look(level: float) -> Look:
    """Return a look at some steps of brightness, darker or brighter."""
    steps = np.kron(np.random.default_rng(3).integers(40, 160, (6, 10)), np.ones((16, 16)))
    grey = np.full((48, 80), 128, np.uint8)
    return look_at(Picture(np.clip(steps * level, 0, 255).astype(np.uint8), grey, grey), Hidden())


def _brightness_after(seconds: float, every_s: float, most_s: float) -> float:
    """Return how bright a look is against a view that was learnt at one brightness and then has become another."""
    bright, dark = _look(1.0), _look(0.5)
    normal = Normal(bright)
    for _ in range(round(60 / every_s)):
        normal.learn(bright, normal.compare(bright, 0.0).agrees, every_s, most_s)
    for _ in range(round(seconds / every_s)):
        normal.learn(dark, normal.compare(dark, 0.0).agrees, every_s, most_s)
    return normal.compare(dark, 0.0).brightness


@pytest.mark.parametrize("every_s", [0.2, 0.5, 1.0, 2.0])
def test_dusk_is_followed_in_the_same_time_at_every_rate(every_s: float) -> None:
    assert _brightness_after(10.0, every_s, 30.0) == pytest.approx(1 / (1 + np.exp(-1)), abs=0.03)


@pytest.mark.parametrize("every_s", [5.0, 40.0])
def test_a_look_now_and_then_is_learnt_in_part_or_at_once(every_s: float) -> None:
    assert 0.7 < _brightness_after(40.0, every_s, 30.0) <= 1.0
