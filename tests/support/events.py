"""Events and event logs for tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path

from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import NO_RULE, Direction, Event, EventType
from edge.model.scene import Origin
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
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
