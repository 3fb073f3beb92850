"""Every YAML file of this folder is a test: boxes over time, and the events that must follow."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from edge.model.event import Event
from edge.rules.table import make_rules
from tests.support.scenarios import Scenario, read_scenario, scenes, unmatched

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    scenario = read_scenario(path)
    watched = {one.type for one in scenario.expected} | {"TripwireCrossed"}
    if not scenario.channel.objects:
        watched |= {"ObjectAppear", "ObjectDisappear"}
    for fps in scenario.fps:
        events = [event for event in _events(scenario, fps) if event.type.value in watched]
        missing, unexpected = unmatched(scenario.expected, events)
        assert not missing, f"at {fps} fps these did not come: {missing}; instead {unexpected}"
        assert not unexpected, f"at {fps} fps these came unexpected: {unexpected}"


def _events(scenario: Scenario, fps: float) -> Iterator[Event]:
    rules = make_rules(scenario.channel, UTC)
    frames = scenes(
        scenario.actors, fps=fps, aspect=scenario.aspect, unsettled=scenario.unsettled, until_s=scenario.until_s
    )
    scene = None
    for scene in frames:
        for rule in rules:
            yield from (each for each in rule.update(scene) if isinstance(each, Event))
    assert scene is not None
    for rule in rules:
        yield from rule.close(scene.time_us, scene.stream_s)
