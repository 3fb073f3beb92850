from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.model.event import Direction, EventType
from edge.outputs.tally import LineCounts, Tally
from edge.settings import ApiSettings
from edge.store.query import EventQuery
from tests.support.device import LINE, crossing, door_channel
from tests.support.rest import Device, device, event

DAY_US = 86_400_000_000


def counts_of(made: Device) -> LineCounts:
    return LineCounts(made.context.log, made.context.clock, made.context.timezone)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Device]:
    with device(tmp_path, api=ApiSettings(), channels=[door_channel()], zone=UTC) as made:
        yield made


def test_each_event_is_counted_once_however_often_one_asks(made: Device) -> None:
    tally = Tally(made.context.log.select, EventQuery(), lambda stored: stored.event.type)
    assert tally.counts() == {}
    made.commit(crossing(), event())
    assert tally.counts() == tally.counts() == {EventType.TRIPWIRE_CROSSED: 1, EventType.OBJECT_APPEAR: 1}
    made.commit(crossing(), crossing())
    assert tally.counts()[EventType.TRIPWIRE_CROSSED] == 3


def test_more_events_than_one_page(made: Device) -> None:
    made.commit(*(crossing() for _ in range(2345)))
    assert sum(Tally(made.context.log.select, EventQuery(), lambda stored: stored.event.type).counts().values()) == 2345


def test_lines_count_either_way_and_nothing_else(made: Device) -> None:
    counts = counts_of(made)
    made.commit(crossing(), crossing(Direction.B_TO_A), crossing(), event())
    assert counts.today() == {(LINE, Direction.A_TO_B): 2, (LINE, Direction.B_TO_A): 1}


def test_a_new_day_counts_from_nothing(made: Device) -> None:
    counts = counts_of(made)
    made.commit(crossing())
    assert sum(counts.today().values()) == 1
    made.clock.wall_us += DAY_US
    assert counts.today() == {}
    made.commit(crossing(time_us=made.clock.wall_us))
    assert sum(counts.today().values()) == 1


def test_the_day_begins_at_the_devices_midnight(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    midnight_us = 1_780_252_200_000_000  # 2026-06-01T00:00:00+05:30
    with device(tmp_path, api=ApiSettings(), channels=[door_channel()], zone=zone) as made:
        made.clock.wall_us = midnight_us - 1
        made.commit(crossing(time_us=midnight_us - 1))
        made.clock.wall_us = midnight_us + 1
        made.commit(crossing(time_us=midnight_us))
        assert sum(counts_of(made).today().values()) == 1
