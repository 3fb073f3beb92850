"""The whole pipeline on the built-in camera counts what the street's script says."""

from collections import Counter
from functools import lru_cache

import pytest

from edge.model.event import Direction, EventType
from edge.settings import LineSettings
from tests.support.elsewhere import elsewhere
from tests.support.street_truth import demo_settings, play

SPAN_S = 60.0
pytestmark = pytest.mark.timeout(600)


@lru_cache(maxsize=1)
def counts() -> list[tuple[str, Counter[Direction], Counter[Direction]]]:
    """Return for each of the two lines what the script says and what was counted in the first minute."""
    played = elsewhere(play, SPAN_S + 1.5, fps=demo_settings().fps)
    found = []
    for rule in (each for each in played.channel.rules if isinstance(each, LineSettings)):
        truth = played.script.crossings(played.line(rule.line), 0, SPAN_S)
        crossed = played.of(EventType.TRIPWIRE_CROSSED, rule.line)
        counted = Counter(event.direction for event in crossed if event.direction and event.stream_s <= SPAN_S)
        found.append((rule.line, Counter(crossing.direction for crossing in truth), counted))
    return found


def test_hardly_anyone_is_missed() -> None:
    for line, wanted, counted in counts():
        assert sum(wanted.values()) >= 4, line
        missed = sum(max(0, wanted[direction] - counted[direction]) for direction in Direction)
        assert missed <= 1, (line, wanted, counted)


def test_nobody_is_counted_twice() -> None:
    for line, wanted, counted in counts():
        twice = sum(max(0, counted[direction] - wanted[direction]) for direction in Direction)
        assert twice <= 1, (line, wanted, counted)
