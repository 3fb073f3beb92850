"""The whole pipeline on the built-in camera counts what the street's script says."""

from collections import Counter
from datetime import UTC
from functools import lru_cache
from pathlib import Path

import pytest

from edge.capture.demo import DemoSource
from edge.capture.street.script import StreetScript
from edge.config.loader import load
from edge.model.event import Direction, Event, EventType
from edge.model.geometry import Point
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, LineSettings
from tests.support.clock import HandClock

DEMO = Path(__file__).parents[2] / "edge" / "cli" / "demo.yaml"
SPAN_S = 60.0
pytestmark = pytest.mark.timeout(600)


@lru_cache(maxsize=1)
def counts() -> list[tuple[str, Counter[Direction], Counter[Direction]]]:
    """Return for each of the two lines what the script says and what was counted in the first minute."""
    channel = load(DEMO).channels[0]
    assert channel.source.demo is not None
    script = StreetScript(channel.source.demo.seed)
    crossed = [event for event in events(channel, SPAN_S + 1.5) if event.type is EventType.TRIPWIRE_CROSSED]
    found = []
    for rule in (each for each in channel.rules if isinstance(each, LineSettings)):
        truth = script.crossings([Point(*corner) for corner in rule.points], 0, SPAN_S)
        counted = Counter(
            event.direction
            for event in crossed
            if event.direction and event.rule_name == rule.line and event.stream_s <= SPAN_S
        )
        found.append((rule.line, Counter(crossing.direction for crossing in truth), counted))
    return found


def events(channel: ChannelSettings, until_s: float) -> list[Event]:
    demo = channel.source.demo
    assert demo is not None
    source = DemoSource(channel.id, demo, HandClock(), realtime=False)
    source.open()
    pipeline = build_pipeline(channel, 1, UTC)
    found: list[Event] = []
    while (frame := source.read()) is not None and frame.stream_s <= until_s:
        found.extend(pipeline.process(frame).events)
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
