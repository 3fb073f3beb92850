"""What waits to be delivered beside the log's events: sums, dead letters, and those that are to be sent again."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from edge.store.outbox import Outbox
from edge.store.outbox_file import ReaderState
from edge.store.retention import used_bytes

NO_EVENT = -1
STEP_ROWS = 20
TOO_OLD = "too old"
"""How the problem of a delivery begins that was given up for its age: it is counted then, and not once more here."""
_MB = 1024 * 1024
_COLUMNS = "id, reader, state, event_id, message_id, title, made_s, attempts, problem, body, sure"
_SELECT = f"SELECT {_COLUMNS} FROM delivery "  # noqa: S608 - constants of this file
_INSERT = (
    "INSERT INTO delivery (reader, state, event_id, message_id, title, made_s, attempts, problem, body, sure) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class DeliveryState(IntEnum):
    """How far a delivery is: waiting for its turn, to be tried once more by hand, or given up but kept."""

    DUE = 0
    AGAIN = 1
    DEAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one receiver. `made_s` is when it was made or committed (seconds since 1970).

    `event_id` is -1 for sums; `message_id` is the same at every attempt; `title` says in words what it is. `sure` tells
    that its time was known to be right when its body was made.
    """

    reader: str
    message_id: str
    title: str
    body: bytes = field(repr=False)
    made_s: int
    event_id: int = NO_EVENT
    id: int = 0
    state: DeliveryState = DeliveryState.DUE
    attempts: int = 0
    problem: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many deliveries of a reader wait, and how many are dead letters."""

    waiting: int = 0
    dead: int = 0


class Deliveries:
    """The rows of the outbox's file, held to a size: the oldest dead letters go first. Safe from every thread.

    What is asked raises StoreError where the file cannot be read now.
    """

    def __init__(self, outbox: Outbox, max_mb: int) -> None:
        self._outbox = outbox
        self._max_bytes = max_mb * _MB
        self._wanted: set[str] | None = None
        self._changed = threading.Condition()
        self.version = 0

    def retain(self, max_mb: int) -> None:
        """Keep to another size from now on."""
        self._max_bytes = max_mb * _MB
        self._outbox.write(self._trim)

    def due(self, reader: str) -> Delivery | None:
        """Return a reader's oldest delivery that waits, None for none."""
        return self._first(reader, DeliveryState.DUE)

    def again(self, reader: str) -> Delivery | None:
        """Return the oldest that somebody wants sent again; asks the file only where there may be one."""
        with self._changed:  # what `retry` says while the file is read must not be forgotten
            if self._wanted is not None and reader not in self._wanted:
                return None
            found = self._first(reader, DeliveryState.AGAIN)
            if found is None:
                self._wanted = (self._readers_of(DeliveryState.AGAIN) if self._wanted is None else self._wanted) - {
                    reader
                }
            return found

    def _first(self, reader: str, state: DeliveryState) -> Delivery | None:
        where = "WHERE reader = ? AND state = ? ORDER BY id LIMIT 1"
        row = self._outbox.read(lambda file: file.execute(_SELECT + where, (reader, state)).fetchone())
        return None if row is None else _delivery(row)

    def _readers_of(self, state: DeliveryState) -> set[str]:
        sql = "SELECT DISTINCT reader FROM delivery WHERE state = ?"
        return self._outbox.read(lambda file: {str(name) for (name,) in file.execute(sql, (state,))})

    def add(self, deliveries: Sequence[Delivery], connection: sqlite3.Connection) -> None:
        """Write deliveries within a transaction of the outbox."""
        connection.executemany(_INSERT, [_values(each) for each in deliveries])
        self._trim(connection)

    def bury(self, letter: Delivery, state: ReaderState, *, given_up: int = 0) -> bool:
        """Keep an event as a dead letter, and its reader's cursor behind it; False: neither, try again in a while.

        `given_up` is what is counted for it: 1 where it never gets there.
        """
        dead = replace(letter, state=DeliveryState.DEAD)
        return self._outbox.change(letter.reader, state, lambda file: self.add([dead], file), given_up=given_up)

    def delivered(self, delivery: Delivery, state: ReaderState) -> bool:
        """Take a row that was delivered out, and put its reader's state; False: try again in a while."""
        sql = "DELETE FROM delivery WHERE id = ?"
        return self._outbox.change(delivery.reader, state, lambda file: file.execute(sql, (delivery.id,)))

    def give_up(self, delivery: Delivery, state: ReaderState, *, given_up: int = 0) -> bool:
        """Make a row a dead letter with what its attempts came to, as `bury` does; False: try again in a while."""
        sql = "UPDATE delivery SET state = ?, attempts = ?, problem = ? WHERE id = ?"
        values = (DeliveryState.DEAD, delivery.attempts, delivery.problem, delivery.id)
        return self._outbox.change(delivery.reader, state, lambda file: file.execute(sql, values), given_up=given_up)

    def retry(self, delivery_id: int | None = None) -> int:
        """Have a dead letter sent once more, or all of them, and return how many there are; 0 where there is none."""
        one = "" if delivery_id is None else " AND id = ?"
        sql = f"UPDATE delivery SET state = ? WHERE state = ?{one}"  # noqa: S608 - constants
        values = (DeliveryState.AGAIN, DeliveryState.DEAD, *(() if delivery_id is None else (delivery_id,)))
        count = self._outbox.read(lambda file: file.execute(sql, values).rowcount)
        self.look_anew()
        return count

    def look_anew(self) -> None:
        """Forget for whom nothing is wanted again: rows have changed, or have another reader now."""
        with self._changed:
            self._wanted = None
        self.tell()

    def tell(self) -> None:
        """Wake who waits for something to send."""
        with self._changed:
            self.version += 1
            self._changed.notify_all()

    def wait(self, version: int, timeout_s: float) -> bool:
        """Wait until there may be more than there was at that version; False where nothing came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.version != version, timeout_s)

    def select(self, limit: int) -> list[Delivery]:
        """Return what is kept, the newest first; the rows of those that wait for their turn too."""
        sql = f"{_SELECT} ORDER BY id DESC LIMIT ?"
        return [_delivery(row) for row in self._outbox.read(lambda file: file.execute(sql, (limit,)).fetchall())]

    def counts(self) -> Mapping[str, Counts]:
        """Return how many rows each reader has."""
        sql = "SELECT reader, sum(state < 2), sum(state = 2) FROM delivery GROUP BY reader"
        rows = self._outbox.read(lambda file: file.execute(sql).fetchall())
        return {str(reader): Counts(int(waiting), int(dead)) for reader, waiting, dead in rows}

    def _trim(self, connection: sqlite3.Connection) -> None:
        """Delete the oldest dead letters until the rest fits, then the oldest of all, and count those not told yet."""
        dropped: Counter[str] = Counter()
        while used_bytes(connection) > self._max_bytes:
            rows = connection.execute(
                "SELECT id, reader, problem FROM delivery ORDER BY state < 2, id LIMIT ?", (STEP_ROWS,)
            ).fetchall()
            if not rows:
                break
            connection.executemany("DELETE FROM delivery WHERE id = ?", [(row[0],) for row in rows])
            dropped.update(reader for _, reader, problem in rows if not problem.startswith(TOO_OLD))
        for reader, count in dropped.items():
            self._outbox.give_up(reader, count)


def _values(each: Delivery) -> tuple[str | int | bytes, ...]:
    kept = (each.reader, int(each.state), each.event_id, each.message_id, each.title)
    return (*kept, each.made_s, each.attempts, each.problem, each.body, int(each.sure))


def _delivery(row: tuple[str | int | bytes, ...]) -> Delivery:
    number, reader, state, event_id, message_id, title, made_s, attempts, problem, body, sure = row
    return Delivery(
        id=int(number),
        reader=str(reader),
        state=DeliveryState(int(state)),
        event_id=int(event_id),
        message_id=str(message_id),
        title=str(title),
        made_s=int(made_s),
        attempts=int(attempts),
        problem=str(problem),
        body=body if isinstance(body, bytes) else str(body).encode(),
        sure=bool(sure),
    )
