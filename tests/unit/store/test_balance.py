"""Times that may not lie before the open hour, and the end of what a crash left open."""

import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.model.event import EventType, StoredEvent
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.support.clock import START_US, TestClock
from tests.support.events import CHANNEL, appear, crossing, disappear, open_log

HOUR_US = 3_600_000_000
NOON_US = START_US - START_US % HOUR_US
SECOND_US = 1_000_000


def put(log: EventLog, time_us: int, now_us: int, channel_id: str = CHANNEL) -> StoredEvent:
    log.append([crossing(time_us=time_us, channel_id=channel_id)], now_us)
    assert log.flush(10)
    return log.select(EventQuery(limit=1, newest_first=True))[0]


def test_a_time_before_the_open_hour_is_moved_to_its_start(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        stored = put(log, NOON_US - 2 * SECOND_US, NOON_US + SECOND_US)
        assert (stored.event.time_us, stored.true_time_us) == (NOON_US, NOON_US - 2 * SECOND_US)
        inside = put(log, NOON_US, NOON_US + 2 * SECOND_US)
        assert (inside.event.time_us, inside.true_time_us) == (NOON_US, None)


def test_the_open_hour_never_goes_back_not_even_after_a_restart(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        put(log, NOON_US, NOON_US)
    with open_log(tmp_path) as log:
        stepped = put(log, NOON_US - HOUR_US, NOON_US - HOUR_US)
        assert (stepped.event.time_us, stepped.true_time_us) == (NOON_US, NOON_US - HOUR_US)
        other = put(log, NOON_US - HOUR_US, NOON_US - HOUR_US, "other")
        assert other.true_time_us is None


def test_hours_are_local(tmp_path: Path) -> None:
    with open_log(tmp_path, zone=ZoneInfo("Asia/Kolkata")) as log:
        half = NOON_US + HOUR_US // 2
        stored = put(log, half - SECOND_US, half + SECOND_US)
        assert (stored.event.time_us, stored.true_time_us) == (half, half - SECOND_US)


def crash(folder: Path, clock: TestClock, now_us: int) -> None:
    """Leave object 2 open: what `folder` then holds is what a power cut would have left."""
    with open_log(folder / "before", clock) as log:
        log.append([appear(1, time_us=now_us), appear(2, time_us=now_us)], now_us)
        assert log.flush(10)
        log.append([disappear(1, time_us=now_us + SECOND_US)], now_us + SECOND_US)
        assert log.flush(10)
        shutil.copytree(folder / "before", folder, dirs_exist_ok=True)


def closed(log: EventLog) -> list[StoredEvent]:
    return [stored for stored in log.select(EventQuery(since_id=3)) if stored.event.type is EventType.OBJECT_DISAPPEAR]


def test_what_is_open_is_closed_at_the_last_sign_of_life_within_the_open_hour(tmp_path: Path) -> None:
    clock = TestClock(wall_us=NOON_US)
    crash(tmp_path, clock, NOON_US)
    clock.wall_us = NOON_US + 2 * HOUR_US
    with open_log(tmp_path, clock) as log:
        (stored,) = closed(log)
        assert stored.event.object_id == 2
        assert stored.event.time_us == NOON_US + 2 * HOUR_US
        assert stored.true_time_us == NOON_US + SECOND_US
        assert stored.event.stream_s == 2.0
        assert log.last_object_id(CHANNEL) == 2
    with open_log(tmp_path, clock) as log:
        assert len(closed(log)) == 1


def test_a_clips_own_clock_stays_where_it_was(tmp_path: Path) -> None:
    clock = TestClock(wall_us=NOON_US + 900 * HOUR_US)
    crash(tmp_path, clock, NOON_US)
    with open_log(tmp_path, clock) as log:
        (stored,) = closed(log)
        assert (stored.event.time_us, stored.true_time_us) == (NOON_US + SECOND_US, None)
        assert put(log, NOON_US + 5 * SECOND_US, NOON_US + 6 * SECOND_US).true_time_us is None


def test_while_something_is_open_the_log_notes_each_minute_that_it_lives(tmp_path: Path) -> None:
    clock = TestClock(wall_us=NOON_US)
    with open_log(tmp_path, clock) as log:
        log.append([appear(2, time_us=NOON_US)], NOON_US)
        assert log.flush(10)
        clock.wall_us += 600 * SECOND_US
        clock.ahead_s += 600
        log.append([crossing(channel_id="other", time_us=clock.wall_us)], clock.wall_us)
        assert log.flush(10)
        clock.wall_us += 60 * SECOND_US
        clock.ahead_s += 60
        log.append([crossing(channel_id="other", time_us=clock.wall_us)], clock.wall_us)
        assert log.flush(10)
    with open_log(tmp_path, clock) as log:
        (stored,) = [each for each in log.select(EventQuery()) if each.event.type is EventType.OBJECT_DISAPPEAR]
        assert stored.event.time_us >= NOON_US + 600 * SECOND_US
