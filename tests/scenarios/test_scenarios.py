"""Every YAML file of this folder is a test: boxes over time, and the events that must follow."""

from pathlib import Path

import pytest

from edge.model.event import FIRING_ORDER, Event, EventType
from tests.support.played import Played, play
from tests.support.scenarios import read_scenario, unmatched

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
COMINGS = {EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR}
CLOSED_BY = {
    EventType.OBJECT_APPEAR: EventType.OBJECT_DISAPPEAR,
    EventType.REGION_JOIN: EventType.REGION_LEAVE,
    EventType.MOTION_ON: EventType.MOTION_OFF,
    EventType.CROWD_ON: EventType.CROWD_OFF,
}


@pytest.mark.parametrize("mirror", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, *, mirror: bool) -> None:
    scenario = read_scenario(path, mirror=mirror)
    named = any(one.type in COMINGS for one in scenario.expected)
    unwatched = set() if named or not scenario.channel.objects else COMINGS
    for fps in scenario.fps:
        played = play(scenario, fps)
        assert_in_order(played)
        assert_balanced(played.events)
        missing, unexpected = unmatched(
            scenario.expected, [event for event in played.events if event.type not in unwatched]
        )
        assert not missing, f"at {fps} fps these did not come: {missing}; instead {unexpected}"
        assert not unexpected, f"at {fps} fps these came unexpected: {unexpected}"
        if scenario.suppressed is not None:
            missing, unexpected = unmatched(scenario.suppressed, played.suppressed)
            assert not missing, f"at {fps} fps these were not suppressed: {missing}; instead {unexpected}"
            assert not unexpected, f"at {fps} fps these were suppressed unexpected: {unexpected}"


def assert_in_order(played: Played) -> None:
    for group in played.groups:
        ranks = [FIRING_ORDER.index(event.type) for event in group]
        assert ranks == sorted(ranks)


def assert_balanced(events: list[Event]) -> None:
    """Assert that what opens is closed exactly once, not before, and that nothing is open at the end."""
    opened: dict[tuple[EventType, int, str], Event] = {}
    for event in events:
        if event.type in CLOSED_BY:
            key = (CLOSED_BY[event.type], event.object_id if has_object(event) else -1, event.rule_id)
            assert key not in opened, f"opened twice: {event}"
            opened[key] = event
        elif event.type in CLOSED_BY.values():
            key = (event.type, event.object_id if has_object(event) else -1, event.rule_id)
            assert key in opened, f"closed what was not open: {event}"
            assert opened.pop(key).time_us <= event.time_us, f"closed before it was opened: {event}"
    assert not opened, f"never closed: {opened}"


def has_object(event: Event) -> bool:
    return event.type not in (EventType.MOTION_ON, EventType.MOTION_OFF)
