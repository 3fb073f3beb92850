"""Times that may not lie before the open hour, and the end of what a crash left open."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing as closed_at_end
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.event import FIRING_ORDER, NO_OBJECT, Event, EventType, StoredEvent
from edge.model.scene import Origin
from edge.store.event_log import EventLog
from edge.store.inbox import Appended, Inbox
from edge.store.query import EventQuery, TotalsQuery
from edge.store.state import CLOSED_BY, OF_THE_ZONE, LogState, from_text, opens, to_text
from tests.support.clock import START_US, TestClock
from tests.support.events import CHANNEL, appear, closing, crossing, disappear, open_log, opening, unbalanced

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


def everything(log: EventLog) -> list[StoredEvent]:
    return log.select(EventQuery(limit=10**6))


def crash_with(folder: Path, clock: TestClock, history: Sequence[Event]) -> None:
    """Leave behind what a power cut after these events would have left."""
    with open_log(folder / "before", clock) as log:
        for event in history:
            log.append([event], event.time_us)
            assert log.flush(10)
        shutil.copytree(folder / "before", folder, dirs_exist_ok=True)


@pytest.mark.parametrize("kind", CLOSED_BY)
def test_each_kind_that_opens_is_closed_after_a_crash(tmp_path: Path, kind: EventType) -> None:
    opened = opening(kind, 7, time_us=NOON_US)
    clock = TestClock(wall_us=NOON_US)
    crash_with(tmp_path, clock, [opened, crossing(time_us=NOON_US + 4 * SECOND_US)])
    with open_log(tmp_path, clock) as log:
        stored = everything(log)[-1].event
        assert stored.type is CLOSED_BY[kind]
        assert (stored.channel_id, stored.rule_id, stored.rule_name) == (CHANNEL, opened.rule_id, opened.rule_name)
        assert (stored.time_us, stored.stream_s) == (NOON_US + 4 * SECOND_US, 5.0)
        assert (stored.count, stored.confidence, stored.reason) == (None, None, None)
        assert stored.dwell_seconds == (4.0 if kind is EventType.REGION_JOIN else None)
        who = (stored.object_id, stored.origin, stored.label)
        assert who == ((NO_OBJECT, Origin.UNKNOWN, None) if kind in OF_THE_ZONE else (7, Origin.VEHICLE, "bus"))


def test_the_stay_is_counted_from_the_true_time_of_the_join(tmp_path: Path) -> None:
    clock = TestClock(wall_us=NOON_US + SECOND_US)
    join = opening(EventType.REGION_JOIN, time_us=NOON_US - 2 * SECOND_US)
    with open_log(tmp_path / "before", clock) as log:
        log.append([join], NOON_US + SECOND_US)
        assert log.flush(10)
        assert everything(log)[0].true_time_us == join.time_us
        shutil.copytree(tmp_path / "before", tmp_path, dirs_exist_ok=True)
    with open_log(tmp_path, clock) as log:
        assert everything(log)[-1].event.dwell_seconds == 3.0


def test_what_a_crash_left_open_is_closed_in_the_order_of_kinds(tmp_path: Path) -> None:
    clock = TestClock(wall_us=NOON_US)
    crash_with(
        tmp_path, clock, [opening(kind, time_us=NOON_US) for kind in reversed(FIRING_ORDER) if kind in CLOSED_BY]
    )
    with open_log(tmp_path, clock) as log:
        told = [stored.event.type for stored in everything(log)[len(CLOSED_BY) :]]
    assert told == [
        EventType.REGION_LEAVE,
        EventType.CROWD_OFF,
        EventType.MOTION_OFF,
        EventType.OBJECT_DISAPPEAR,
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """Something is opened or, if it is open, closed."""

    kind: EventType
    channel_id: str
    rule_id: str
    object_id: int
    wait_s: int

    def event(self, open_now: dict[object, Event], time_us: int) -> Event:
        event = opening(self.kind, self.object_id, time_us=time_us, channel_id=self.channel_id, rule_id=self.rule_id)
        before = open_now.pop(opens(event), None)
        if before is not None:
            return closing(before, time_us)
        open_now[opens(event)] = event
        return event


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(list(CLOSED_BY)),
        st.sampled_from(["gate", "yard"]),
        st.sampled_from(["a", "b"]),
        st.integers(1, 3),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(STEPS)
def test_whatever_is_open_at_a_crash_is_closed_once_and_sums_still_add_up(steps: list[Step]) -> None:
    open_now: dict[object, Event] = {}
    history: list[Event] = []
    time_us = NOON_US
    for step in steps:
        time_us += step.wait_s * SECOND_US
        history.append(step.event(open_now, time_us))
    clock = TestClock(wall_us=time_us)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crash_with(folder, clock, history)
        for _ in range(2):
            with open_log(folder, clock) as log:
                kept = everything(log)
                by_rule = log.totals_by_rule(TotalsQuery())
                by_type = log.totals_by_type(TotalsQuery())
            assert len(kept) == len(history) + len(open_now)
            assert unbalanced(stored.event for stored in kept) == {}
            assert sum(row.rule_count for row in by_rule) == sum(row.type_count for row in by_type) == len(kept)
        for stored in kept[len(history) :]:
            if stored.event.type is EventType.REGION_LEAVE:
                key = (stored.event.channel_id, EventType.REGION_JOIN, stored.event.rule_id, stored.event.object_id)
                true_us = stored.event.time_us if stored.true_time_us is None else stored.true_time_us
                assert stored.event.dwell_seconds == (true_us - open_now[key].time_us) / SECOND_US


@settings(max_examples=200, deadline=None, derandomize=True)
@given(STEPS)
def test_the_saved_state_knows_all_that_is_open(steps: list[Step]) -> None:
    open_now: dict[object, Event] = {}
    for step in steps:
        step.event(open_now, NOON_US)
    state = LogState(len(steps), {}, {key: event for event in open_now.values() if (key := opens(event))})
    assert from_text(to_text(state)) == state


def test_a_state_saved_by_the_first_version_still_loads(tmp_path: Path) -> None:
    with open_log(tmp_path):
        pass
    opened = {
        "type": "ObjectAppear",
        "channel_id": CHANNEL,
        "channel_name": "Gate",
        "time_us": NOON_US,
        "stream_s": 1.0,
        "object_id": 3,
        "origin": "Pedestrian",
        "rule_id": "-1",
        "rule_name": "",
    }
    alive = {"last_object_id": 3, "window_us": NOON_US, "alive_us": NOON_US + SECOND_US, "live": False}
    body = json.dumps({"last_id": 5, "channels": {CHANNEL: alive}, "open": [opened]})
    with closed_at_end(sqlite3.connect(tmp_path / "events.db")) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO state (id, body) VALUES (1, ?)", (body,))
    with open_log(tmp_path) as log:
        (stored,) = everything(log)
        assert (stored.event_id, stored.event.type) == (6, EventType.OBJECT_DISAPPEAR)


def test_what_was_refused_for_want_of_room_is_not_closed_either() -> None:
    inbox = Inbox(max_events=1)
    motion = opening(EventType.MOTION_ON, 4)
    for event in (crossing(), motion, closing(motion, START_US), closing(motion, START_US)):
        inbox.put(Appended((event,), START_US, 0.0))
    assert [appended.events[0].type for appended in inbox.take(9)] == [
        EventType.TRIPWIRE_CROSSED,
        EventType.MOTION_OFF,
    ]
    assert inbox.lost == 2
