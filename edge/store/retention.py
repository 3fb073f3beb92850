"""How long events are kept: the oldest go, by age and by the size of the file, in small steps."""

import sqlite3
from dataclasses import dataclass

from edge.store.database import transaction
from edge.store.schema import BLOCK_BITS

STEP_ROWS = 40
DAY_S = 86_400


TRACKS_SHARE = 0.25
"""The most that tracks may take of `retention.max_mb`; the events have what they leave."""


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many days and so many bytes."""

    days: int
    max_bytes: int

    def beside(self, tracks_bytes: int) -> "Limits":
        """Return what is left where tracks take so much; they are held to their share in a moment, if not yet."""
        return Limits(self.days, self.max_bytes - min(tracks_bytes, round(self.max_bytes * TRACKS_SHARE)))


def doomed(connection: sqlite3.Connection, limits: Limits, now_s: int, *, synced: bool, aging: bool) -> int | None:
    """Return up to which id events are to go in this step, None where all may stay.

    Age goes by the time of the commit: a clip has a clock of its own. Where the device knows the time now, rows written
    while it did not count as old as the next row that has a true time. Without `aging` only the size counts.
    """
    rows = connection.execute(
        "SELECT event_id, committed_s, synced FROM event ORDER BY event_id LIMIT ?", (STEP_ROWS,)
    ).fetchall()
    if rows and used_bytes(connection) > limits.max_bytes:
        return int(rows[-1][0])
    if not aging:
        return None
    oldest_s = now_s - limits.days * DAY_S
    old = [event_id for event_id, at_s, sure in rows if at_s < oldest_s and (sure or not synced)]
    return int(old[-1]) if old else None


def oldest(connection: sqlite3.Connection) -> int | None:
    """Return up to which id the oldest events reach that go in one step, None where there are no more than that."""
    rows = connection.execute("SELECT event_id FROM event ORDER BY event_id LIMIT ?", (STEP_ROWS + 1,)).fetchall()
    return int(rows[STEP_ROWS - 1][0]) if len(rows) > STEP_ROWS else None


def delete(connection: sqlite3.Connection, upto_id: int) -> None:
    """Delete the events up to an id, and the spans of blocks that are gone."""
    with transaction(connection):
        connection.execute("DELETE FROM event WHERE event_id <= ?", (upto_id,))
        connection.execute("DELETE FROM block WHERE block < ?", (upto_id + 1 >> BLOCK_BITS,))


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the size of what the file holds, without its free pages."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
