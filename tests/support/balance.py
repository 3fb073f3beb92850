"""What holds for every sequence of events: what opens is closed once, and the kinds of one frame come in order."""

from collections.abc import Iterable, Sequence

from edge.model.event import FIRING_ORDER, Event, EventType

CLOSED_BY = {
    EventType.OBJECT_APPEAR: EventType.OBJECT_DISAPPEAR,
    EventType.REGION_JOIN: EventType.REGION_LEAVE,
    EventType.MOTION_ON: EventType.MOTION_OFF,
    EventType.CROWD_ON: EventType.CROWD_OFF,
}
ABOUT_THE_ZONE = (EventType.MOTION_ON, EventType.MOTION_OFF)
"""One episode a zone, whoever starts it."""


def assert_in_order(groups: Iterable[Sequence[Event]]) -> None:
    """Assert that the events of each frame come in the specified order of kinds."""
    for group in groups:
        ranks = [FIRING_ORDER.index(event.type) for event in group]
        assert ranks == sorted(ranks)


def assert_balanced(events: Iterable[Event]) -> None:
    """Assert that what opens is closed exactly once, not before it opens, and that nothing is open at the end."""
    opened: dict[tuple[EventType, int, str], Event] = {}
    for event in events:
        whose = -1 if event.type in ABOUT_THE_ZONE else event.object_id
        key = (CLOSED_BY.get(event.type, event.type), whose, event.rule_id)
        if event.type in CLOSED_BY:
            assert key not in opened, f"opened twice: {event}"
            opened[key] = event
        elif event.type in CLOSED_BY.values():
            assert key in opened, f"closed what was not open: {event}"
            assert opened.pop(key).time_us <= event.time_us, f"closed before it was opened: {event}"
    assert not opened, f"never closed: {opened}"
