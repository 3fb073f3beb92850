"""Events and event logs for tests."""

import random
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path

from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import (
    NO_OBJECT,
    NO_RULE,
    Direction,
    Event,
    EventType,
    Evidence,
    Measure,
    Suppressed,
    Waypoint,
    Why,
)
from edge.model.geometry import Box, Point
from edge.model.scene import Origin
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.state import CLOSED_BY, OF_THE_ZONE, OPENED_BY
from tests.support.clock import START_US, TestClock

CHANNEL = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
RULE = "ab68d96d-b1a6-4b94-8092-3ece52cf707d"


def crossing(
    object_id: int = 1, *, time_us: int = START_US, channel_id: str = CHANNEL, rule_name: str = "Line 1"
) -> Event:
    return Event(
        type=EventType.TRIPWIRE_CROSSED,
        channel_id=channel_id,
        channel_name="Gate",
        time_us=time_us,
        stream_s=1.5,
        object_id=object_id,
        origin=Origin.PEDESTRIAN,
        rule_id=RULE,
        rule_name=rule_name,
        direction=Direction.A_TO_B,
    )


def appear(object_id: int = 1, *, time_us: int = START_US, channel_id: str = CHANNEL) -> Event:
    return Event(EventType.OBJECT_APPEAR, channel_id, "Gate", time_us, 1.0, object_id, Origin.PEDESTRIAN, NO_RULE)


def disappear(object_id: int = 1, *, time_us: int = START_US, channel_id: str = CHANNEL) -> Event:
    return Event(EventType.OBJECT_DISAPPEAR, channel_id, "Gate", time_us, 2.0, object_id, Origin.PEDESTRIAN, NO_RULE)


def walked(seed: int = 1) -> Evidence:
    """What a line would tell of a walk of eight seconds that trembles as real ones do, with four measures."""
    dice = random.Random(seed)
    x, y, path = 0.2, 0.5, []
    for step in range(40):
        x, y = x + 0.012 + dice.gauss(0, 0.002), y + dice.gauss(0, 0.003)
        path.append(Waypoint(3.2 + 0.2 * step, x, y))
    measures = (
        Measure("beyond_share", 0.08123, 0.0321),
        Measure("frames", 2, 2),
        Measure("angle_deg", 71.231, 5.0),
        Measure("height_share", 0.31234),
    )
    return Evidence(tuple(path), Point(0.5, 0.4987), Box(0.45, 0.2, 0.55, 0.5), measures)


def suppressed(why: Why = Why.WRONG_WAY, **changes: object) -> Suppressed:
    """A crossing of the line that does not count."""
    values: dict[str, object] = {
        "type": EventType.TRIPWIRE_CROSSED,
        "channel_id": CHANNEL,
        "time_us": START_US,
        "stream_s": 1.5,
        "object_id": 3,
        "origin": Origin.PEDESTRIAN,
        "rule_id": RULE,
        "rule_name": "Line 1",
    }
    return Suppressed(why=why, **(values | changes))  # type: ignore[arg-type] # values by name, checked by the tests


def opening(
    kind: EventType,
    object_id: int = 1,
    *,
    time_us: int = START_US,
    channel_id: str = CHANNEL,
    rule_id: str = RULE,
) -> Event:
    """An event that opens something, as a zone or the channel itself would tell it; a crowd has no object."""
    nobody, alone = kind is EventType.CROWD_ON, kind is EventType.OBJECT_APPEAR
    return Event(
        type=kind,
        channel_id=channel_id,
        channel_name="Gate",
        time_us=time_us,
        stream_s=1.0,
        object_id=NO_OBJECT if nobody else object_id,
        origin=Origin.UNKNOWN if nobody else Origin.VEHICLE,
        rule_id=NO_RULE if alone else rule_id,
        rule_name="" if alone else "Yard",
        count=6 if nobody else None,
        confidence=0.9,
        label="bus",
    )


def closing(opened: Event, time_us: int) -> Event:
    """The event that closes what `opened` opened."""
    of_the_zone = opened.type in OF_THE_ZONE
    return Event(
        type=CLOSED_BY[opened.type],
        channel_id=opened.channel_id,
        channel_name=opened.channel_name,
        time_us=time_us,
        stream_s=2.0,
        object_id=NO_OBJECT if of_the_zone else opened.object_id,
        origin=Origin.UNKNOWN if of_the_zone else opened.origin,
        rule_id=opened.rule_id,
        rule_name=opened.rule_name,
    )


def unbalanced(events: Iterable[Event]) -> Counter[tuple[str, EventType, str, int]]:
    """What was opened more often than it was closed, or the other way round (below zero); by what was opened."""
    counts: Counter[tuple[str, EventType, str, int]] = Counter()
    for event in events:
        opened = OPENED_BY.get(event.type, event.type)
        if opened in CLOSED_BY:
            object_id = NO_OBJECT if opened in OF_THE_ZONE else event.object_id
            counts[event.channel_id, opened, event.rule_id, object_id] += 1 if event.type is opened else -1
    return Counter({key: count for key, count in counts.items() if count})


def new_log(
    folder: Path,
    clock: Clock | None = None,
    *,
    zone: tzinfo = UTC,
    retention: RetentionSettings | None = None,
    health: Health | None = None,
) -> EventLog:
    return EventLog(
        folder,
        clock or TestClock(),
        timezone=zone,
        retention=retention or RetentionSettings(),
        health=health or Health(),
    )


@contextmanager
def open_log(
    folder: Path,
    clock: Clock | None = None,
    *,
    zone: tzinfo = UTC,
    retention: RetentionSettings | None = None,
    health: Health | None = None,
) -> Iterator[EventLog]:
    """An open log without its thread: `flush` commits."""
    log = new_log(folder, clock, zone=zone, retention=retention, health=health)
    log.open()
    try:
        yield log
    finally:
        log.close()


@contextmanager
def running(log: EventLog) -> Iterator[EventLog]:
    """The log's thread at work, stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=log.run, args=(stop, lambda: None), name="store")
    thread.start()
    try:
        yield log
    finally:
        stop.set()
        thread.join(30)
