"""The outbox: how far each reader of the log is, durably, so that every event leaves the device once it can."""

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from edge.health import Health
from edge.model.clock import Clock
from edge.store import faults
from edge.store.database import transaction
from edge.store.errors import StoreError
from edge.store.outbox_file import FILE_NAME, PUT, OutboxFile, ReaderState, row_of

FLAG_WAITING = "deliveries_waiting"
FLAG_ANEW = "deliveries_begun_anew"
FLAG_GIVEN_UP = "deliveries_given_up"
KEPT_S = 7 * 86_400
"""So long is a reader remembered that the settings no longer have: who comes back goes on where it was."""
TICK_S = 1.0
SAVE_S = 60.0
_SECOND_US = 1_000_000

LOG = logging.getLogger("edge.store")
_Found = TypeVar("_Found")


class Outbox:
    """Keeps one row a reader in `folder/deliveries.db`. Every call may come from any thread.

    Memory is what counts while the program runs, and each change is written at once. Where the disk does not take it,
    readers go on, and the change is written with the next one; a power cut before that makes events come again.
    `newest_id` gives the log's newest event: a reader that is not known begins there.
    """

    name = "outbox"

    def __init__(self, folder: Path, clock: Clock, *, health: Health, newest_id: Callable[[], int]) -> None:
        self._file = OutboxFile(folder / FILE_NAME)
        self._clock = clock
        self._health = health
        self._newest_id = newest_id
        self._lock = threading.RLock()
        self._readers: dict[str, ReaderState] = {}
        self._unsaved: set[str] = set()
        self._kept: frozenset[str] | None = None
        self._loaded = False
        self._damaged = 0
        self._closed = False
        self._failing = ""
        self._given_up: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._in_transaction = False

    def open(self) -> None:
        """Open the file, begun anew where it is damaged; where that cannot be done now, it is tried again later."""
        with self._lock:
            self._closed = False
            self.write(lambda _: None)

    def close(self) -> None:
        """Save what is not saved, and close the file."""
        with self._lock:
            self._save()
            self._closed = True
            self._file.close()

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Save what had to wait, forget readers that are long gone, until told to stop."""
        saved_s = self._clock.monotonic_s()
        while not stop.is_set():
            beat()
            stop.wait(TICK_S)
            now_s = self._clock.monotonic_s()
            if self._failing or now_s - saved_s >= SAVE_S:
                self.tidy()
                saved_s = now_s
        self.tidy()

    def cursor(self, reader: str) -> int | None:
        """Return the last event that a reader is done with, None for one that is not known.

        Raises StoreError where the file has not been read yet: a reader that began anew would leave events out.
        """
        with self._lock:
            return None if reader not in self._known() else self._readers[reader].event_id

    def begin(self, reader: str) -> int:
        """Return a reader's cursor; one that is new begins at the newest event. Raises StoreError as `cursor` does.

        A cursor beyond the newest event (the log was put back from a backup) is taken back to it.
        """
        with self._lock:
            newest_id, found = self._newest_id(), self.cursor(reader)
            if found is None or found > newest_id:
                self.move(reader, newest_id)
            return self._readers[reader].event_id

    def move(self, reader: str, event_id: int, *, save: bool = True) -> None:
        """Note that a reader is done with all events up to this one; never fails.

        Without `save` it is written within a minute or with the next change: for events that only had to be passed.
        """
        with self._lock:
            before = self._readers.get(reader, ReaderState())
            self.put(reader, replace(before, event_id=event_id, attempts=0, failing_s=0, problem=""), save=save)

    def state(self, reader: str) -> ReaderState:
        """Return all that is known of a reader; of one that is not known, what it begins with."""
        return self._readers.get(reader, ReaderState())

    def put(self, reader: str, state: ReaderState, *, save: bool = True, given_up: int = 0) -> None:
        """Replace what is known of a reader; never fails. `given_up` more are counted, and told.

        The state's own count is not taken: another thread may have counted since it was asked for.
        """
        with self._lock:
            self._tell_given_up(reader, given_up)
            self._readers[reader] = self._counted(reader, state, given_up)
            self._unsaved.add(reader)
            if save:
                self._save()

    def change(
        self, reader: str, state: ReaderState, also: Callable[[sqlite3.Connection], object], *, given_up: int = 0
    ) -> bool:
        """Replace what is known of a reader, as `put` does, together with what `also` writes.

        False: neither, try again in a while. Nobody sees the new state before it is written.
        """
        with self._lock:
            unsaved = set(self._unsaved)
            self._unsaved.discard(reader)

            def write(connection: sqlite3.Connection) -> None:
                connection.execute(PUT, row_of(reader, self._counted(reader, state, given_up)))
                also(connection)

            if not self.write(write):
                self._unsaved |= unsaved
                return False
            self._tell_given_up(reader, given_up)
            self._readers[reader] = self._counted(reader, state, given_up)
            return True

    def _counted(self, reader: str, state: ReaderState, given_up: int) -> ReaderState:
        return replace(state, given_up=self.state(reader).given_up + given_up)

    def read(self, ask: Callable[[sqlite3.Connection], _Found]) -> _Found:
        """Ask the file something; raises StoreError where it cannot be read now."""
        answers: list[_Found] = []
        with self._lock:
            if not self.write(lambda connection: answers.append(ask(connection))):
                raise StoreError(f"{FILE_NAME} cannot be read: {self._failing}")
            return answers[0]

    def give_up(self, reader: str, count: int) -> None:
        """Count what a reader will never deliver, and tell of it; within a transaction once it is written."""
        with self._lock:
            if self._in_transaction:
                self._dropped[reader] += count
            else:
                self.put(reader, self.state(reader), save=False, given_up=count)

    def _tell_given_up(self, reader: str, more: int) -> None:
        if not more:
            return
        self._given_up[reader] += more
        of_each = ", ".join(f"{count} of {name}" for name, count in self._given_up.items())
        text = f"given up since the start: {of_each}; `edge deliveries list` says why and what can be sent again"
        self._health.raise_flag(FLAG_GIVEN_UP, text)

    def keep(self, readers: Iterable[str]) -> None:
        """Say which readers the settings have; others are forgotten after seven days."""
        with self._lock:
            self._kept = frozenset(readers)
            self.tidy()

    def tidy(self) -> None:
        """Save what is not saved, and forget readers that are long gone."""
        with self._lock:
            if self._loaded and self._kept is not None:
                self._mark_gone(self._kept)
                self._forget()
            self._save()

    def _mark_gone(self, kept: frozenset[str]) -> None:
        now_s = self._clock.now_us() // _SECOND_US if self._clock.synced() else 0
        for name, state in self._readers.items():
            gone_s = None if name in kept else state.gone_s or now_s
            if gone_s != state.gone_s:
                self._readers[name] = replace(state, gone_s=gone_s)
                self._unsaved.add(name)

    def _forget(self) -> None:
        if not self._clock.synced():
            return
        oldest_s = self._clock.now_us() // _SECOND_US - KEPT_S
        old = [name for name, state in self._readers.items() if state.gone_s and state.gone_s < oldest_s]

        def delete(connection: sqlite3.Connection) -> None:
            for table, column in (("reader", "name"), ("delivery", "reader"), ("window", "reader")):
                sql = f"DELETE FROM {table} WHERE {column} = ?"  # noqa: S608 - names of this function
                connection.executemany(sql, [(name,) for name in old])

        if old and self.write(delete):
            for name in old:
                del self._readers[name]
                self._unsaved.discard(name)

    def _known(self) -> dict[str, ReaderState]:
        """Return all readers; raises StoreError where the file has not been read yet."""
        with self._lock:
            if not self._loaded:
                self.write(lambda _: None)
            if not self._loaded:
                raise StoreError(f"{FILE_NAME} cannot be read: {self._failing}")
            return self._readers

    def _save(self) -> None:
        def write(connection: sqlite3.Connection) -> None:  # all that is unsaved by then: more, where it is begun anew
            connection.executemany(PUT, [row_of(name, self._readers[name]) for name in self._unsaved])

        if self._unsaved and self.write(write):
            self._unsaved.clear()

    def write(self, step: Callable[[sqlite3.Connection], object]) -> bool:
        """Write in one transaction; False where the disk does not let it. A damaged file is begun anew at once."""
        with self._lock:
            if self._closed:
                return False
            for _ in range(3):
                try:
                    self._open_file()
                    self._transact(step)
                except (sqlite3.Error, OSError) as error:
                    damaged = faults.is_damage(error)
                    self._damaged += damaged
                    if not isinstance(error, sqlite3.Error) or not faults.is_full(error):
                        self._file.close()
                    if not damaged:
                        self._report(_reason(error))
                        return False
                else:
                    self._damaged = 0
                    self._report("")
                    return True
            self._report("the file is damaged again as soon as it is made: check the disk")
            return False

    def _transact(self, step: Callable[[sqlite3.Connection], object]) -> None:
        self._dropped.clear()
        self._in_transaction = True
        try:
            with transaction(self._file.connected()):
                step(self._file.connected())
        finally:
            self._in_transaction = False
        for reader, count in self._dropped.items():
            self.give_up(reader, count)

    def _open_file(self) -> None:
        if self._file.is_open:
            return
        why = self._file.open(check=bool(self._damaged) or not self._loaded, anew=self._damaged > 1)
        if why:
            LOG.error("the outbox was damaged and is begun anew (%s)", why)
            lost = "dead letters and sums are lost" if self._loaded else "deliveries go on at the newest event"
            self._health.raise_flag(FLAG_ANEW, f"{FILE_NAME} was damaged ({why}); {lost}; check the disk or card")
        if self._loaded:
            self._unsaved |= self._readers.keys() if why else set()
            return
        rows = self._file.connected().execute(
            "SELECT name, event_id, attempts, failing_s, problem, given_up, gone_s FROM reader"
        )
        self._readers = {name: ReaderState(*values) for name, *values in rows} | self._readers
        self._loaded = True

    def _report(self, failing: str) -> None:
        if failing == self._failing:
            return
        if failing:
            LOG.warning("the outbox cannot be written: %s", failing)
            text = f"{failing}; deliveries go on, but after a power cut now some would come twice"
            self._health.raise_flag(FLAG_WAITING, text)
        else:
            LOG.warning("the outbox is written again")
            self._health.clear_flag(FLAG_WAITING)
        self._failing = failing


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"{FILE_NAME} cannot be written ({error.strerror}): free some space and check its folder's rights"
    return faults.passing(error) or str(error)
