"""A repair takes minutes on a large file: nobody waits for it without a word, nor it for those who read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.health import Health
from edge.settings import RetentionSettings
from edge.store.errors import StoreError
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, TotalsQuery
from tests.support.clock import START_US, HandClock
from tests.support.events import crossing, open_log
from tests.support.programs import until

EVERYTHING = EventQuery(limit=20_000)
MANY = 12_000


class Store:
    """The log's thread; its repair stands still, once begun, until it is let go."""

    def __init__(self, log: EventLog, file: Path) -> None:
        self._part = file.with_name(f"{file.name}.part")
        self._stop, self._go = threading.Event(), threading.Event()
        self.repairs = threading.Event()
        self.beats = 0
        self._thread = threading.Thread(target=log.run, args=(self._stop, self._beat), name="store")
        self._thread.start()

    def _beat(self) -> None:
        self.beats += 1
        if self._part.exists() and not self._go.is_set():
            self.repairs.set()
            assert self._go.wait(60), "somebody waited for the repair"

    def go_on(self) -> None:
        self._go.set()

    def end(self) -> None:
        self.go_on()
        self._stop.set()
        self._thread.join(30)


@contextmanager
def at_work(folder: Path, health: Health) -> Iterator[tuple[EventLog, Store]]:
    clock = HandClock()
    with open_log(folder, clock, health=health) as log:
        log.append([crossing(number, time_us=START_US) for number in range(MANY)], START_US)
        assert log.flush(60)
        store = Store(log, folder / "events.db")
        try:
            yield log, store
        finally:
            store.end()


def damage(file: Path) -> None:
    with file.open("r+b") as pages:
        pages.seek(file.stat().st_size // 2 // 1024 * 1024)
        pages.write(bytes(range(256)) * 16)


def is_repaired(health: Health) -> bool:
    return "event_log_repaired" in health.snapshot().flags


def test_who_asks_meanwhile_is_told_at_once_and_what_happens_is_kept(tmp_path: Path) -> None:
    health = Health()
    with at_work(tmp_path, health) as (log, store):
        damage(tmp_path / "events.db")
        with pytest.raises(StoreError, match="again in a minute"):
            log.select(EVERYTHING)
        assert store.repairs.wait(30)
        with pytest.raises(StoreError, match="again in a minute"):
            log.select(EVERYTHING)
        with pytest.raises(StoreError):
            log.totals_by_type(TotalsQuery())
        with pytest.raises(StoreError):
            log.check(lambda: True)
        with pytest.raises(StoreError, match="busy"):
            log.seal("gate", START_US, START_US + 1)
        log.retain(RetentionSettings(max_mb=64))
        log.append([crossing(MANY, time_us=START_US)], START_US)
        assert not is_repaired(health)
        store.go_on()
        until(lambda: is_repaired(health))
        assert log.flush(30)
        kept = log.select(EVERYTHING)
        assert len(kept) > MANY * 0.9
        assert kept[-1].event.object_id == MANY


def test_a_check_of_the_whole_file_gives_way_to_the_repair_and_the_store_lives_meanwhile(tmp_path: Path) -> None:
    health = Health()
    with at_work(tmp_path, health) as (log, store):
        reading, found = threading.Event(), threading.Event()

        def go_on() -> bool:
            reading.set()
            assert found.wait(30)
            beats = store.beats
            until(lambda: store.beats > beats + 4)  # it waits for this reader
            return True

        ends: list[str] = []

        def check() -> None:
            with pytest.raises(StoreError):
                log.check(go_on)
            ends.append("gave way")

        checking = threading.Thread(target=check)
        checking.start()
        assert reading.wait(30)
        damage(tmp_path / "events.db")
        with pytest.raises(StoreError):
            log.select(EVERYTHING)
        found.set()
        checking.join(30)
        assert ends == ["gave way"]
        store.go_on()
        until(lambda: is_repaired(health))
        assert len(log.select(EVERYTHING)) > MANY * 0.9
