"""A clock that is not right at first, then set: events get their right times, keep their ids, and nothing is lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.health import Health
from edge.model.event import EventType, StoredEvent
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.events import CHANNEL, appear, crossing, new_log, open_log, running

ALL = EventQuery(limit=100_000)
BERLIN = ZoneInfo("Europe/Berlin")
DAY_S = 86_400
MINUTE_US = 60_000_000


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


WRONG, RIGHT = us("2020-01-01T00:00:10"), us("2026-06-01T10:02:10")


def unset(now_us: int = WRONG) -> HandClock:
    clock = HandClock(now_us)
    clock.is_synced = False
    return clock


def set_right(clock: HandClock, now_us: int = RIGHT) -> int:
    """Set the clock; return by how much, in microseconds."""
    step_us = now_us - clock.now_us()
    clock.step(step_us / 1e6)
    clock.is_synced = True
    return step_us


def happen(log: EventLog, clock: HandClock, *numbers: int, ago_s: float = 1.5) -> None:
    for number in numbers:
        clock.move(1.0)
        now_us = clock.now_us()
        log.append([crossing(number, time_us=now_us - round(ago_s * 1e6))], now_us)
        assert log.flush(10)


def times(log: EventLog) -> list[tuple[int, int, bool]]:
    return [(each.event_id, each.event.time_us, each.clock_synced) for each in log.select(ALL)]


def told(stored: StoredEvent) -> int:
    return stored.event.time_us if stored.true_time_us is None else stored.true_time_us


def test_events_get_their_right_times_and_keep_ids_and_order(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1, 2, 3)
        before = times(log)
        assert [sure for _, _, sure in before] == [False] * 3
        step_us = set_right(clock)
        happen(log, clock, 4)
        assert times(log)[:3] == [(event_id, time_us + step_us, True) for event_id, time_us, _ in before]
        assert times(log)[3] == (4, clock.now_us() - 1_500_000, True)
        assert log.restamps == 1
    with open_log(tmp_path, clock) as log:
        assert [event_id for event_id, _, _ in times(log)] == [1, 2, 3, 4]
        assert all(sure for _, _, sure in times(log))
        log.flush(1)
        assert log.restamps == 0


def test_queries_by_time_find_them_where_they_are_now(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, *range(600))
        since = EventQuery(since_us=RIGHT - 1200 * 1_000_000, limit=10_000)
        assert log.select(since) == []
        set_right(clock)
        log.flush(1)
        assert len(log.select(since)) == 600
    with open_log(tmp_path, clock) as log:  # from the file, by the spans of its blocks
        assert len(log.select(since)) == 600
        assert log.select(EventQuery(until_us=us("2021-01-01T00:00:00"))) == []


def test_a_client_that_waits_by_id_is_not_shown_an_event_twice(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log, running(log):
        happen(log, clock, 1)
        found: list[int] = []
        query = EventQuery(since_id=1)
        client = threading.Thread(target=lambda: found.extend(each.event_id for each in log.wait(query, 30)))
        client.start()
        while not log.waiting():
            pass
        set_right(clock)
        while not log.restamps:
            pass
        happen(log, clock, 2)
        client.join(30)
        assert found == [2]


def test_a_new_process_of_the_same_start_goes_on(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1)
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 2)
        before = times(log)
        step_us = set_right(clock)
        log.flush(1)
        assert times(log) == [(event_id, time_us + step_us, True) for event_id, time_us, _ in before]


def test_events_of_an_earlier_start_that_was_never_set_stay_as_they_are_and_marked(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1)
        lost = times(log)
    clock.reboot(us("2020-01-01T00:00:05"), "second")
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 2)
        set_right(clock)
        happen(log, clock, 3)
        assert times(log)[0] == lost[0]
        assert [sure for _, _, sure in times(log)] == [False, True, True]
        clock.move(DAY_S * 80)
        happen(log, clock, 4)
        assert len(times(log)) == 4, "nobody knows how old it is"
        clock.move(DAY_S * 20)
        happen(log, clock, 5)
        assert [event_id for event_id, _, _ in times(log)] == [4, 5], "older than what is too old"


def test_each_step_of_a_clock_that_is_not_right_is_made_good_by_itself(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1)
        clock.step(3600.0)  # somebody sets it by hand, wrongly
        happen(log, clock, 2)
        set_right(clock)
        log.flush(1)
        first, second = log.select(ALL)
        assert second.event.time_us - first.event.time_us == 1_000_000
        assert first.clock_synced
        assert second.clock_synced


def test_a_frame_of_just_before_the_clock_was_set_is_right_at_once(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1)
        taken_us = clock.now_us()
        clock.move(0.2)
        log.append([crossing(2, time_us=taken_us)], taken_us)
        step_us = set_right(clock)
        assert log.flush(10)
        assert times(log)[1] == (2, taken_us + step_us, True)


def test_a_clip_with_a_clock_of_its_own_keeps_it(tmp_path: Path) -> None:
    clock, clip_us = unset(), us("2019-07-01T12:00:00")
    with open_log(tmp_path, clock) as log:
        log.append([crossing(1, time_us=clip_us)], clip_us)
        assert log.flush(10)
        set_right(clock)
        happen(log, clock, 2)
        assert next(each.event.time_us for each in log.select(ALL)) == clip_us


def test_what_a_sum_was_told_of_already_gets_no_further_event(tmp_path: Path) -> None:
    clock = unset()
    log = new_log(tmp_path, clock, zone=BERLIN)
    sent_us = (us("2026-06-01T09:00:00"), us("2026-06-01T10:00:00"))
    log.seal(CHANNEL, *sent_us)
    log.open()
    happen(log, clock, 1)
    set_right(clock, us("2026-06-01T09:59:30"))
    log.flush(1)
    (stored,) = log.select(ALL)
    assert stored.event.time_us == sent_us[1]
    assert us("2026-06-01T09:59:25") < told(stored) < us("2026-06-01T09:59:30")
    log.close()


def test_what_a_crash_left_open_before_the_clock_was_set_is_closed_by_the_right_one(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        clock.move(1.0)
        log.append([appear(7, time_us=clock.now_us())], clock.now_us())
        assert log.flush(10)
        clock.move(30.0)
        set_right(clock)
        log.flush(1)
        opened_us = log.select(ALL)[0].event.time_us
        assert opened_us == clock.now_us() - 30_000_000
        assert [event.time_us for event in log.open_events()] == [opened_us]
    with open_log(tmp_path, clock) as log:
        closed = log.select(ALL)[1]
        assert (closed.event.type, closed.clock_synced) == (EventType.OBJECT_DISAPPEAR, True)
        assert opened_us <= closed.event.time_us <= clock.now_us()


def test_an_end_told_at_the_next_start_is_by_the_clock_of_the_last(tmp_path: Path) -> None:
    clock = HandClock(RIGHT)
    with open_log(tmp_path, clock) as log:
        log.append([appear(7, time_us=RIGHT)], RIGHT)
        assert log.flush(10)
    clock.reboot(us("2020-01-01T00:00:05"), "second")
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 8)
        set_right(clock, RIGHT + 3600_000_000)
        log.flush(1)
        _, closed, fresh = log.select(ALL)
        assert (closed.event.time_us, closed.clock_synced) == (RIGHT, True)
        assert fresh.event.time_us > RIGHT + 3590_000_000


def test_a_clock_in_2099_by_mistake_empties_no_log_and_moves_no_later_event(tmp_path: Path) -> None:
    clock = HandClock(RIGHT)
    with open_log(tmp_path, clock) as log:
        happen(log, clock, *range(5))
        clock.is_synced = False
        right_us = clock.now_us()
        clock.step((us("2099-01-01T00:00:00") - right_us) / 1e6)
        clock.move(60.0)
        happen(log, clock, 5)
        assert len(times(log)) == 6
        clock.step((right_us - us("2099-01-01T00:00:00")) / 1e6)
        clock.is_synced = True
        happen(log, clock, 6)
        assert [each.true_time_us for each in log.select(ALL)] == [None] * 7
        assert times(log)[5][1] == right_us + 59_500_000
        assert all(sure for _, _, sure in times(log))


def test_a_time_server_that_says_2099_has_a_day_to_be_put_right(tmp_path: Path) -> None:
    clock = HandClock(RIGHT)
    with open_log(tmp_path, clock) as log:
        happen(log, clock, *range(5))
    clock.reboot(us("2099-01-01T00:00:00"), "second", synced=True)
    for _ in range(2):
        with open_log(tmp_path, clock) as log:
            clock.move(3600.0)
            happen(log, clock, 6)
            assert len(times(log)) >= 6
    clock.reboot(RIGHT + 7200_000_000, "third", synced=True)
    with open_log(tmp_path, clock) as log:
        clock.move(3 * DAY_S)
        happen(log, clock, 7)
        assert times(log)[0][0] == 1


def test_a_device_that_was_off_for_a_year_deletes_what_is_old_a_day_later(tmp_path: Path) -> None:
    clock = HandClock(RIGHT)
    with open_log(tmp_path, clock) as log:
        happen(log, clock, *range(5))
    clock.reboot(RIGHT + 400 * DAY_S * 1_000_000, "second", synced=True)
    with open_log(tmp_path, clock) as log:
        clock.move(60.0)
        happen(log, clock, 6)
        assert len(times(log)) == 6
        clock.move(DAY_S + 60)
        happen(log, clock, 7)
        happen(log, clock, 8)
        assert [event_id for event_id, _, _ in times(log)] == [6, 7, 8]


def test_where_nobody_ever_sets_the_clock_old_events_go_by_the_time_that_passes(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock, retention=RetentionSettings(events_days=2)) as log:
        happen(log, clock, 1)
        clock.step(1000.0 * DAY_S)
        clock.move(DAY_S)
        happen(log, clock, 2)
        assert len(times(log)) == 2
        clock.move(1.5 * DAY_S)
        happen(log, clock, 3)
        assert [event_id for event_id, _, _ in times(log)] == [2, 3]


@pytest.mark.parametrize(
    ("change", "settled"),
    [
        (lambda clock: clock.move(400.0), False),
        (lambda clock: clock.move(501.0), True),
        (set_right, True),
    ],
    ids=["still waiting", "waited in vain", "set"],
)
def test_deliveries_wait_for_the_clock_but_not_for_ever(
    tmp_path: Path, change: Callable[[HandClock], object], *, settled: bool
) -> None:
    clock, health = unset(), Health()
    with open_log(tmp_path, clock, health=health) as log:
        log.wait_for_clock(600)
        happen(log, clock, 1)
        assert not log.time_settled()
        assert "at most 10 min" in health.snapshot().notices["clock"]
        change(clock)
        assert log.time_settled() is settled
        assert ("clock" in health.snapshot().notices) is not clock.is_synced


def test_who_does_not_wait_is_not_told_of_waiting(tmp_path: Path) -> None:
    clock, health = unset(), Health()
    with open_log(tmp_path, clock, health=health) as log:
        log.wait_for_clock(0)
        happen(log, clock, 1)
        assert log.time_settled()
        assert "Webhooks" not in health.snapshot().notices["clock"]


def test_nobody_goes_on_between_the_step_and_the_right_times(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log, running(log):
        happen(log, clock, 1)
        assert log.time_settled(10)
        set_right(clock)
        if log.time_settled():
            assert times(log)[0][2]
        assert log.time_settled(10)
        assert times(log)[0][2]


def test_a_repaired_log_still_knows_what_is_to_be_made_good(tmp_path: Path) -> None:
    clock = unset()
    with open_log(tmp_path, clock) as log:
        happen(log, clock, *range(2000))
        before = times(log)
    path = tmp_path / "events.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 1024 * 1024)
        file.write(bytes(range(256)) * 4)
    health = Health()
    with open_log(tmp_path, clock, health=health) as log:
        assert "event_log_repaired" in health.snapshot().flags
        step_us = set_right(clock)
        log.flush(1)
        right = {event_id: time_us + step_us for event_id, time_us, _ in before}
        kept = times(log)
        assert len(kept) > 1000
        assert all((right[event_id], True) == (time_us, sure) for event_id, time_us, sure in kept)


def test_an_event_of_a_clock_that_was_right_all_along_is_only_marked(tmp_path: Path) -> None:
    """As where a board with a battery starts: nothing is wrong, only nobody has said so yet."""
    clock = unset(RIGHT)
    with open_log(tmp_path, clock) as log:
        happen(log, clock, 1)
        before = log.select(ALL)
        clock.step(0.2)
        clock.is_synced = True
        log.flush(1)
        assert log.select(ALL) == [replace(each, clock_synced=True) for each in before]
