"""Random pauses in edge's functions on every thread but the first, to find what counts on the order of two of them.

Used by hand: `python -m pytest -p tests.support.pauses --no-cov -n 3 tests/unit/store tests/integration/test_mqtt.py`.
What is called seldom (a commit, a flag) pauses nearly each time, up to 20 ms, and what is called often hardly ever.
A test that then fails by a time limit alone says nothing: a frame's way through the program is slow with it.
"""

import random
import sys
import threading
import time
from collections import Counter
from types import CodeType, FrameType

import pytest

import edge

LONGEST_S = 0.02
MOST = 0.4
"""The likelihood of a pause the first times that a place is reached; after that it falls with their number."""
OFTEN = 3.0
PLACE = tuple[CodeType, str, int]

_reached: Counter[PLACE] = Counter()
_dice = random.Random()
_own = tuple(edge.__path__)


def _pause(frame: FrameType, what: str, _: object) -> None:
    if not frame.f_code.co_filename.startswith(_own):
        return
    place = (frame.f_code, what, frame.f_lineno)
    _reached[place] += 1
    if _dice.random() < min(MOST, OFTEN / _reached[place]):
        time.sleep(_dice.uniform(0, LONGEST_S))


def pytest_configure() -> None:
    """Pause in every thread that is started from now on."""
    sys.setswitchinterval(5e-4)
    threading.setprofile(_pause)


@pytest.fixture(autouse=True)
def _anew() -> None:
    """Begin each test with pauses everywhere."""
    _reached.clear()
