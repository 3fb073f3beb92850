import random
import threading
import time
from pathlib import Path

import pytest

from edge.model.event import EventType
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, RuleTotal, TotalsQuery, TypeTotal
from tests.support.clock import START_US
from tests.support.events import CHANNEL, RULE, appear, crossing, disappear, open_log, running


def test_what_is_appended_comes_back_as_it_was(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append([appear(3), crossing(3)], START_US)
        assert log.flush(5)
        assert [stored.event for stored in log.select(EventQuery())] == [appear(3), crossing(3)]
        assert [stored.event_id for stored in log.select(EventQuery(newest_first=True))] == [2, 1]
        assert log.last_event_id() == 2
        assert log.last_object_id(CHANNEL) == 3


def test_totals_have_a_row_for_events_without_rule_and_the_last_name_of_a_rule(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append([appear(), crossing(rule_name="Old"), crossing(rule_name="New")], START_US)
        assert log.flush(5)
        assert log.totals_by_rule(TotalsQuery()) == [
            RuleTotal(CHANNEL, "-1", "", 1),
            RuleTotal(CHANNEL, RULE, "New", 2),
        ]
        assert log.totals_by_type(TotalsQuery()) == [
            TypeTotal(CHANNEL, EventType.TRIPWIRE_CROSSED, 2),
            TypeTotal(CHANNEL, EventType.OBJECT_APPEAR, 1),
        ]


def test_a_waiting_client_gets_the_event_after_its_commit(tmp_path: Path) -> None:
    with open_log(tmp_path) as log, running(log):
        found: list[int] = []
        client = threading.Thread(target=lambda: found.extend(s.event_id for s in log.wait(EventQuery(since_id=0), 30)))
        client.start()
        while not log.waiting():
            time.sleep(0.001)
        log.append([crossing()], START_US)
        client.join(30)
        assert found == [1]


def test_released_clients_are_answered_with_nothing(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        clients = [threading.Thread(target=log.wait, args=(EventQuery(), 60)) for _ in range(20)]
        for client in clients:
            client.start()
        log.release_waiters()
        for client in clients:
            client.join(30)
        assert not any(client.is_alive() for client in clients)


def test_what_a_crash_left_open_is_closed_at_the_next_start(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append([appear(1), appear(2)], START_US)
        log.append([disappear(1)], START_US + 5_000_000)
    with open_log(tmp_path) as log:
        closed = log.select(EventQuery(since_id=3))
        assert [(s.event.type, s.event.object_id, s.event.time_us) for s in closed] == [
            (EventType.OBJECT_DISAPPEAR, 2, START_US + 5_000_000)
        ]


def test_events_of_a_frame_share_their_picture(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8picture\xff\xd9"
    with open_log(tmp_path) as log:
        log.append([crossing()], START_US)
        log.append([appear(), crossing()], START_US, jpeg)
        assert log.flush(5)
        assert [s.snapshot_path for s in log.select(EventQuery())] == ["", "/v1/snapshots/2.jpg", "/v1/snapshots/2.jpg"]
        assert [log.snapshot(n) for n in (1, 2, 3, 4)] == [None, jpeg, jpeg, None]


def test_an_event_that_cannot_be_written_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append([crossing(2**70)], START_US)
        with pytest.raises(OverflowError):
            log.flush(5)
        assert (log.pending(), log.lost()) == (0, 1)
        log.append([crossing(1)], START_US)
        assert log.flush(5)
        assert [stored.event_id for stored in log.select(EventQuery())] == [1]


def test_every_waiting_client_gets_every_event_once(tmp_path: Path) -> None:
    """Nobody misses an event between one answer and the next call, however the commits fall."""
    got: dict[int, list[int]] = {number: [] for number in range(40)}

    def follow(log: EventLog, number: int) -> None:
        while not got[number] or got[number][-1] < 200:
            since_id = got[number][-1] if got[number] else 0
            got[number] += [stored.event_id for stored in log.wait(EventQuery(since_id=since_id), 30)]

    with open_log(tmp_path) as log, running(log):
        clients = [threading.Thread(target=follow, args=(log, number)) for number in got]
        for client in clients:
            client.start()
        for number in range(200):
            log.append([crossing(number)], START_US)
            log.flush(random.choice([0, 0, 5]))
        for client in clients:
            client.join(60)
        assert all(ids == list(range(1, 201)) for ids in got.values())
        assert log.waiting() == 0


def test_a_client_waits_only_for_what_it_asked_for(tmp_path: Path) -> None:
    with open_log(tmp_path) as log, running(log):
        found: list[int] = []
        query = EventQuery(channel_id="yard")
        client = threading.Thread(target=lambda: found.extend(s.event_id for s in log.wait(query, 30)))
        client.start()
        while not log.waiting():
            time.sleep(0.001)
        log.append([crossing()], START_US)
        assert log.flush(10)
        assert log.waiting() == 1
        log.append([crossing(channel_id="yard")], START_US)
        client.join(30)
        assert found == [2]


def test_what_is_appended_before_the_stop_is_committed(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        with running(log):
            for number in range(1000):
                log.append([crossing(number)], START_US)
        assert log.last_event_id() == 1000
        assert log.pending() == 0
    assert not (tmp_path / "events.db-wal").exists()


def test_our_own_outputs_are_no_clients_that_wait(tmp_path: Path) -> None:
    with open_log(tmp_path) as log, running(log):
        found: list[int] = []
        query = EventQuery()
        thread = threading.Thread(
            target=lambda: found.extend(stored.event_id for stored in log.wait(query, 20, client=False))
        )
        thread.start()
        time.sleep(0.05)  # it waits, or will: both ways nobody is counted
        assert log.waiting() == 0
        log.append([crossing(1)], START_US)
        thread.join(20)
        assert found == [1]
