"""The event log: durable first, then seen by clients."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import Event, Evidence, StoredEvent, Suppressed
from edge.settings import RetentionSettings
from edge.store import faults, reader, salvage
from edge.store.committer import Committer
from edge.store.database import FILE_NAME, Readers
from edge.store.errors import StoreError
from edge.store.inbox import Appended, Inbox
from edge.store.query import EventQuery, RuleTotal, TotalsQuery, TypeTotal
from edge.store.suppressed import SuppressedLog
from edge.store.tail import Tail

REMEMBERED = 512
PROGRESS_STEPS = 100_000


class EventLog:
    """Keeps events in `folder/events.db` and their pictures in `folder/snapshots`.

    `append` hands over to the thread of `run`, which commits in groups and then wakes the clients that wait. Everything
    else may be called from any thread. `timezone` gives the local hours that no later event may fall before.
    """

    name = "store"

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        timezone: tzinfo,
        retention: RetentionSettings,
        health: Health,
    ) -> None:
        self._clock = clock
        self._inbox = Inbox()
        self._tail = Tail()
        self._suppressed = SuppressedLog()
        self._nothing_upto: dict[EventQuery, int] = {}
        self._nothing_since = 0
        self._readers = Readers(folder / FILE_NAME)
        self._committer = Committer(
            folder,
            clock,
            zone=timezone,
            keep=retention,
            health=health,
            inbox=self._inbox,
            tail=self._tail,
            readers=self._readers,
        )

    def open(self) -> None:
        """Open the log, repair it where need be, close what a crash left open.

        Raises StoreError where it cannot be used.
        """
        self._committer.open()

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Commit what is appended until told to stop; everything appended by then is committed."""
        self._committer.run(stop, beat)

    def append(self, events: Sequence[Event], now_us: int, jpeg: bytes | None = None) -> None:
        """Hand over the events of one frame, in their order, with one picture for all; never waits for the disk.

        `now_us` is the channel's clock at that frame, in microseconds UTC.
        """
        if events:
            self._inbox.put(Appended(tuple(events), now_us, self._clock.monotonic_s(), jpeg))

    def suppress(self, candidates: Sequence[Suppressed]) -> None:
        """Take note of what did not become an event; in memory only, the newest of each channel."""
        self._suppressed.add(candidates)

    def suppressed(self, channel_id: str | None = None) -> list[Suppressed]:
        """Return the newest candidates that did not become events, of one channel or of all, the newest first."""
        return self._suppressed.newest(channel_id)

    def flush(self, timeout_s: float) -> bool:
        """Have everything appended so far committed; False where that takes longer."""
        if not self._committer.running:
            return self._committer.commit_all()
        return self._inbox.hurry(timeout_s)

    def select(self, query: EventQuery) -> list[StoredEvent]:
        """Return the committed events asked for, from memory where it has them all; raises StoreError."""
        last_id, restamps = self._tail.last_id, self.restamps
        if restamps != self._nothing_since:
            self._nothing_upto, self._nothing_since = {}, restamps
        after_id = max(query.since_id or 0, self._nothing_upto.get(query, 0))
        found = [] if after_id >= last_id else self._tail.select(query, after_id)
        if found is None and query.newest_first:
            found = self._tail.newest(query)
        if found is None:
            with self._reading() as connection:
                found = reader.select(connection, query)
        if not found and restamps == self.restamps:
            self._remember_nothing(query, last_id)
        return found

    def _remember_nothing(self, query: EventQuery, upto_id: int) -> None:
        """Spare the file the same question: clients that wait for something rare ask it again and again."""
        if len(self._nothing_upto) >= REMEMBERED:
            self._nothing_upto.clear()
        self._nothing_upto[query] = upto_id

    def wait(self, query: EventQuery, timeout_s: float, *, client: bool = True) -> list[StoredEvent]:
        """Return what is there, else wait for the first commit that matches and what follows within 20 ms.

        Empty at the timeout, at `dismiss_waiters`, and at once after `release_waiters`. One of our own outputs, that is
        no `client`, is left out of `waiting`.
        """
        waiter = self._tail.join(query, client=client)
        try:
            found = self.select(query)
            if found or timeout_s <= 0:
                return found
            waiter.ready.acquire(timeout=min(timeout_s, threading.TIMEOUT_MAX))
            if not waiter.matched:
                return []
            fresh = self._tail.select(query, waiter.after_id)
            return self.select(query) if fresh is None else fresh
        finally:
            self._tail.leave(waiter)

    def release_waiters(self) -> None:
        """Answer all waiting clients now; nobody waits from here on."""
        self._tail.release()

    def dismiss_waiters(self) -> None:
        """Answer who waits at this moment with nothing, for an output that stops; who comes later may wait."""
        self._tail.dismiss()

    def waiting(self) -> int:
        """Return how many clients wait."""
        return self._tail.waiting()

    def totals_by_rule(self, query: TotalsQuery) -> list[RuleTotal]:
        """Count events by channel and rule; only rows that are not zero."""
        with self._reading() as connection:
            return reader.totals_by_rule(connection, query)

    def totals_by_type(self, query: TotalsQuery) -> list[TypeTotal]:
        """Count events by channel and type; only rows that are not zero."""
        with self._reading() as connection:
            return reader.totals_by_type(connection, query)

    def last_event_id(self) -> int:
        """Return the newest committed event's id, or the last one ever given; 0 for none."""
        return self._tail.last_id

    def open_events(self) -> list[Event]:
        """Return the committed events that opened what is open now: motion, crowds, visits, objects in view."""
        return self._committer.open_events()

    def first_event_id(self) -> int:
        """Return the oldest event's id that is kept, 0 for none; raises StoreError."""
        with self._reading() as connection:
            return reader.first_id(connection)

    def committed_s(self, event_id: int) -> int:
        """Return when an event was committed, in seconds since 1970; 0 where it is gone, or the time was not known.

        Raises StoreError.
        """
        with self._reading() as connection:
            entry = reader.entry(connection, event_id)
        return entry.committed_s if entry is not None and entry.stored.clock_synced else 0

    def seal(self, channel_id: str, since_us: int, until_us: int) -> None:
        """Say that what is counted of a channel's time from `since_us` on, before `until_us`, has been sent.

        An event of that time which is committed from now on gets `until_us` as its time, and keeps the true one.
        May be called before `open`.
        """
        self._committer.seal(channel_id, since_us, until_us)

    @property
    def restamps(self) -> int:
        """How often since the start events got their right times: what was made of times before is to be made anew."""
        return self._committer.time.restamps

    def wait_for_clock(self, seconds: float) -> None:
        """Let deliveries (`time_settled`) wait so long after power on for the right time; else they do not."""
        self._committer.time.wait_s = seconds

    def time_settled(self, timeout_s: float = 0.0) -> bool:
        """Tell, within a time, whether the clock is right and all events are, or was waited for in vain."""
        if not self._committer.running:
            self._committer.commit_all()
        return self._committer.time.is_settled(timeout_s)

    def last_object_id(self, channel_id: str) -> int:
        """Return the highest object id that a channel's committed events ever had, 0 for none."""
        return self._committer.last_object_id(channel_id)

    def snapshot(self, event_id: int) -> bytes | None:
        """Return the JPEG picture of an event, None where there is none or it is gone."""
        with self._reading() as connection:
            entry = reader.entry(connection, event_id)
        return None if entry is None or entry.picture_id is None else self._committer.snapshots.get(entry.picture_id)

    def evidence(self, event_id: int) -> Evidence | None:
        """Return what led to an event, None where nothing is kept of it; raises StoreError."""
        with self._reading() as connection:
            return reader.evidence(connection, event_id)

    def pending(self) -> int:
        """Return how many appended events are not committed yet."""
        return self._inbox.pending()

    def lost(self) -> int:
        """Return how many events could not be kept, since there was no room to wait for the disk."""
        return self._inbox.lost

    def retain(self, retention: RetentionSettings) -> None:
        """Keep to other limits of age and size from now on."""
        self._committer.retain(retention)

    def check(self, go_on: Callable[[], bool]) -> str:
        """Read the whole file and return what is wrong with it, empty for nothing; what is wrong is then repaired.

        `go_on` is asked now and then and ends the check by False; so does damage that somebody else has found, since a
        repair waits for all who read. Raises StoreError where the file cannot be read.
        """

        def end() -> bool:
            return not go_on() or self._committer.is_damaged()

        with self._reading() as connection:
            connection.set_progress_handler(end, PROGRESS_STEPS)
            try:
                wrong = salvage.damage(connection)
            finally:
                connection.set_progress_handler(None, 0)
        if wrong:
            self._committer.damaged()
        return wrong

    def close(self) -> None:
        """Commit what is left and close the file; waiting clients are answered first."""
        self.release_waiters()
        self._committer.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; raises StoreError where the file cannot be read; a damaged one is repaired."""
        try:
            with self._readers.borrow() as connection:
                yield connection
        except sqlite3.Error as error:
            if faults.is_damage(error):
                self._committer.damaged()
            raise StoreError("the event log cannot be read now: try again in a minute") from error
