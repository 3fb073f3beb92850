"""The newest events in memory, and the clients that wait for the next one."""

import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from edge.model.event import StoredEvent
from edge.store.query import EventQuery

KEPT = 2000
GATHER_S = 0.02
DAY_S = 86_400.0


def _held_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Waiter:
    """One who waits: what for, after which event, and the lock that is let go when there is something.

    `client`: somebody outside, not one of our own outputs.
    """

    query: EventQuery
    after_id: int
    client: bool = True
    ready: threading.Lock = field(default_factory=_held_lock)
    matched: bool = False
    woken: bool = False

    def claim(self) -> bool:
        """Take the right to let the client go on; True once. Called under the tail's lock: two threads may want it."""
        first, self.woken = not self.woken, True
        return first


class Tail:
    """What was committed last. A waiting client is looked at once per commit, and only woken for what it asks for.

    It is woken once, 20 ms after the first commit that matches, by the thread that commits: to wake a thousand threads
    twice costs more than all else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: tuple[StoredEvent, ...] = ()
        self._complete_from = 0
        self._last_id = 0
        self._waiters: set[Waiter] = set()
        self._due: list[Waiter] = []
        self._due_s = 0.0
        self._released = False

    def start(self, last_id: int) -> None:
        """Begin after an event that is in the file already."""
        with self._lock:
            self._events, self._released = (), False
            self._complete_from = self._last_id = last_id

    @property
    def last_id(self) -> int:
        """The newest committed event's id."""
        return self._last_id

    @property
    def released(self) -> bool:
        """Tell whether nobody is to wait any more."""
        return self._released

    def publish(self, events: Sequence[StoredEvent]) -> None:
        """Take in what has just been committed and note who asks for some of it."""
        with self._lock:
            kept = (*self._events, *events)
            self._events = kept[-KEPT:]
            if len(kept) > KEPT:
                self._complete_from = kept[-KEPT - 1].event_id
            self._last_id = events[-1].event_id
            fresh = [w for w in self._waiters if not w.matched and any(w.query.matches(event) for event in events)]
            for waiter in fresh:
                waiter.matched = True
            if fresh and not self._due:
                self._due_s = time.monotonic() + GATHER_S
            self._due += fresh

    def replace(self, events: Sequence[StoredEvent]) -> None:
        """Put events anew that are the same but for their times; nobody is woken."""
        changed = {stored.event_id: stored for stored in events}
        with self._lock:
            self._events = tuple(changed.get(stored.event_id, stored) for stored in self._events)

    def due_in_s(self) -> float:
        """Return in how many seconds `wake_due` is to be called, a day where nobody is to be woken."""
        return max(0.0, self._due_s - time.monotonic()) if self._due else DAY_S

    def wake_due(self, *, now: bool = False) -> None:
        """Wake those whose gathering is over; with `now` all to whom something was committed."""
        if self._due and (now or time.monotonic() >= self._due_s):
            with self._lock:
                due, self._due = [waiter for waiter in self._due if waiter.claim()], []
            for waiter in due:
                waiter.ready.release()

    def forget(self, upto_id: int) -> None:
        """Let go of events that are deleted from the file."""
        with self._lock:
            self._events = self._events[bisect_right(self._events, upto_id, key=lambda stored: stored.event_id) :]

    def join(self, query: EventQuery, *, client: bool = True) -> Waiter:
        """Begin to wait: everything committed from now on wakes the waiter where it matches."""
        with self._lock:
            waiter = Waiter(query, self._last_id, client)
            if self._released and waiter.claim():
                waiter.ready.release()
            self._waiters.add(waiter)
            return waiter

    def leave(self, waiter: Waiter) -> None:
        """End a wait."""
        with self._lock:
            self._waiters.discard(waiter)

    def release(self) -> None:
        """Answer everybody now; from here on nobody waits."""
        with self._lock:
            self._released = True
            self._wake_all()

    def dismiss(self) -> None:
        """Answer everybody who waits at this moment; who comes later may wait."""
        with self._lock:
            self._wake_all()

    def _wake_all(self) -> None:
        for waiter in self._waiters:
            if waiter.claim():
                waiter.ready.release()

    def waiting(self) -> int:
        """Return how many clients wait."""
        with self._lock:
            return sum(waiter.client for waiter in self._waiters)

    def newest(self, query: EventQuery) -> list[StoredEvent] | None:
        """Answer a query for the newest events where memory has as many as are asked for, else None."""
        found = (stored for stored in reversed(self._events) if query.matches(stored))
        newest = list(islice(found, query.limit))
        return newest if len(newest) == query.limit else None

    def select(self, query: EventQuery, after_id: int) -> list[StoredEvent] | None:
        """Answer a query for events after `after_id`; None where not all of those are in memory any more."""
        with self._lock:
            events, complete_from = self._events, self._complete_from
        if after_id < complete_from:
            return None
        newer = events[bisect_right(events, after_id, key=lambda stored: stored.event_id) :]
        found = [stored for stored in (reversed(newer) if query.newest_first else newer) if query.matches(stored)]
        return found[: query.limit]
