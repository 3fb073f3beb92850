"""Dead letters and sums that wait: kept to a size, sent again, counted."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.health import Health
from edge.store.deliveries import TOO_OLD, Counts, Deliveries, Delivery, DeliveryState
from edge.store.outbox import FLAG_GIVEN_UP, Outbox
from edge.store.outbox_file import FILE_NAME, ReaderState
from tests.support.clock import HandClock
from tests.support.outboxes import open_outbox

READER = "webhook:a"


def letter(event_id: int, *, problem: str = "HTTP 404", size: int = 100, reader: str = READER) -> Delivery:
    return Delivery(
        reader=reader,
        message_id=f"m-{event_id}",
        title="Line crossed, Gate",
        body=b"x" * size,
        made_s=1_700_000_000,
        event_id=event_id,
        attempts=1,
        problem=problem,
    )


def bury(deliveries: Deliveries, outbox: Outbox, each: Delivery) -> None:
    assert deliveries.bury(each, replace(outbox.state(each.reader), event_id=each.event_id))


def test_a_dead_letter_moves_its_reader_and_is_kept_over_a_restart(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        bury(Deliveries(outbox, 1), outbox, letter(7))
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor(READER) == 7
        (kept,) = Deliveries(outbox, 1).select(5)
        assert kept == replace(letter(7), id=1, state=DeliveryState.DEAD)
        assert "secret" not in repr(replace(kept, body=b"secret"))


def older(path: Path) -> None:
    """Make the file what a program made that did not keep whether times were sure."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("ALTER TABLE delivery DROP COLUMN sure")


@pytest.mark.parametrize("of_before", [False, True])
def test_whether_its_time_was_sure_is_kept_and_a_file_of_before_is_gone_on_with(
    tmp_path: Path, *, of_before: bool
) -> None:
    with open_outbox(tmp_path) as outbox:
        bury(Deliveries(outbox, 1), outbox, replace(letter(7), sure=False))
    if of_before:
        older(tmp_path / FILE_NAME)
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 1)
        bury(deliveries, outbox, replace(letter(8), sure=False))
        assert [each.sure for each in deliveries.select(5)] == [False, of_before]


def test_what_is_sent_again_is_the_oldest_first_and_gone_once_delivered(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 1)
        for number in (7, 8, 9):
            bury(deliveries, outbox, letter(number))
        assert deliveries.again(READER) is None
        version = deliveries.version
        assert deliveries.retry(2) == 1
        assert deliveries.wait(version, 0)
        assert deliveries.retry(2) == 0
        assert deliveries.retry(77) == 0
        assert deliveries.again("webhook:other") is None
        wanted = deliveries.again(READER)
        assert wanted is not None
        assert wanted.event_id == 8
        assert deliveries.delivered(wanted, outbox.state(READER))
        assert deliveries.again(READER) is None
        assert deliveries.retry() == 2
        wanted = deliveries.again(READER)
        assert wanted is not None
        assert deliveries.give_up(replace(wanted, attempts=2, problem="HTTP 410"), outbox.state(READER))
        assert deliveries.counts() == {READER: Counts(waiting=1, dead=1)}
        assert [(each.event_id, each.attempts, each.problem) for each in deliveries.select(5)] == [
            (9, 1, "HTTP 404"),
            (7, 2, "HTTP 410"),
        ]


def test_none_is_forgotten_that_is_wanted_again_while_its_worker_looks(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 1)
        bury(deliveries, outbox, letter(1))
        sent, stop = threading.Semaphore(0), threading.Event()

        def work() -> None:
            while not stop.is_set():
                found = deliveries.again(READER)
                if found is not None:
                    assert deliveries.give_up(found, outbox.state(READER))
                    sent.release()

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for count in range(150):
                assert deliveries.retry() == 1
                assert sent.acquire(timeout=10), f"forgotten after {count}"
        finally:
            stop.set()
            worker.join(10)


def test_the_oldest_dead_letters_go_first_and_are_counted(tmp_path: Path) -> None:
    health = Health()
    with open_outbox(tmp_path, health=health) as outbox:
        deliveries = Deliveries(outbox, 1)
        outbox.write(lambda file: deliveries.add([replace(letter(0), event_id=-1)], file))
        for number in range(1, 301):
            bury(deliveries, outbox, letter(number, size=10_000))
        kept = [each.event_id for each in deliveries.select(1000)]
        assert kept == [*range(300, 300 - len(kept) + 1, -1), -1]
        assert 60 < len(kept) < 110
        assert outbox.state(READER).given_up == 301 - len(kept)
        assert f"{301 - len(kept)} of {READER}" in health.snapshot().flags[FLAG_GIVEN_UP]
    assert (tmp_path / "deliveries.db").stat().st_size < 1.3 * 2**20
    with open_outbox(tmp_path) as outbox:
        assert outbox.state(READER).given_up == 301 - len(kept)


def test_what_was_given_up_for_its_age_is_not_counted_twice(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 1)
        for number in range(1, 201):
            old = letter(number, size=10_000, problem=f"{TOO_OLD}: x")
            assert deliveries.bury(old, ReaderState(event_id=number), given_up=1)
        assert len(deliveries.select(1000)) < 110
        assert outbox.state(READER).given_up == 200


def test_a_smaller_size_counts_at_once(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 4)
        for number in range(1, 201):
            bury(deliveries, outbox, letter(number, size=10_000))
        assert len(deliveries.select(1000)) == 200
        deliveries.retain(1)
        assert len(deliveries.select(1000)) < 110


def test_rows_of_a_reader_that_is_forgotten_go_with_it(tmp_path: Path) -> None:
    clock = HandClock()
    with open_outbox(tmp_path, clock) as outbox:
        deliveries = Deliveries(outbox, 1)
        bury(deliveries, outbox, letter(1))
        bury(deliveries, outbox, letter(1, reader="webhook:b"))
        outbox.keep(["webhook:b"])
        clock.move(8 * 86_400)
        outbox.tidy()
        assert [each.reader for each in deliveries.select(5)] == ["webhook:b"]


@pytest.mark.parametrize("write", ["bury", "delivered"])
def test_what_cannot_be_written_changes_nothing(tmp_path: Path, write: str) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 1)
        bury(deliveries, outbox, letter(1))
        outbox.close()
        before = outbox.state(READER)
        after = replace(before, event_id=2)
        done = deliveries.bury(letter(2), after) if write == "bury" else deliveries.delivered(letter(1), after)
        assert not done
        assert outbox.state(READER) == before
