"""Which windows have been summed for whom, and when cameras were watched: rows of the outbox's file."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.store.deliveries import Deliveries, Delivery
from edge.store.outbox import Outbox

Key = tuple[str, str]
"""A reader and a channel's id."""


@dataclass(frozen=True, slots=True)
class Summed:
    """From when to when a channel's time is summed for a reader, in microseconds UTC; all of it is on its way or sent.

    `sure` tells that the clock was known to be right at some time since the beginning.
    """

    since_us: int
    until_us: int
    sure: bool


class SumRows:
    """A row for each reader and channel, and one for each time that a camera was watched without a break.

    What is asked raises StoreError where the file cannot be read now.
    """

    def __init__(self, outbox: Outbox, deliveries: Deliveries) -> None:
        self._outbox = outbox
        self._deliveries = deliveries

    def load(self) -> dict[Key, Summed]:
        """Return all rows."""
        sql = "SELECT reader, channel_id, since_us, until_us, sure FROM window"
        rows = self._outbox.read(lambda file: file.execute(sql).fetchall())
        return {(reader, channel): Summed(since, until, bool(sure)) for reader, channel, since, until, sure in rows}

    def put(self, changes: Mapping[Key, Summed | None], made: Sequence[Delivery]) -> bool:
        """Write rows (None: deleted) and the sums made meanwhile, all or nothing; False: nothing, try again later."""

        def write(file: sqlite3.Connection) -> None:
            for (reader, channel), row in changes.items():
                if row is None:
                    file.execute("DELETE FROM window WHERE reader = ? AND channel_id = ?", (reader, channel))
                else:
                    values = (reader, channel, row.since_us, row.until_us, int(row.sure))
                    file.execute("INSERT OR REPLACE INTO window VALUES (?, ?, ?, ?, ?)", values)
            self._deliveries.add(made, file)

        if not self._outbox.write(write):
            return False
        self._deliveries.tell()
        return True

    def put_seen(self, spans: Mapping[tuple[str, int], int], forget_before_us: int) -> bool:
        """Write when cameras were watched, as (channel, begin) -> end; forget what ended before a time."""

        def write(file: sqlite3.Connection) -> None:
            file.execute("DELETE FROM seen WHERE until_us < ?", (forget_before_us,))
            rows = [(channel, since, until) for (channel, since), until in spans.items()]
            file.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", rows)

        return self._outbox.write(write)

    def seen(self, channel_id: str, since_us: int, until_us: int) -> list[tuple[int, int]]:
        """Return when a camera was watched within a time, as (begin, end) that may reach beyond it."""
        sql = "SELECT since_us, until_us FROM seen WHERE channel_id = ? AND until_us > ? AND since_us < ?"
        values = (channel_id, since_us, until_us)
        rows = self._outbox.read(lambda file: file.execute(sql, values).fetchall())
        return [(int(since), int(until)) for since, until in rows]
