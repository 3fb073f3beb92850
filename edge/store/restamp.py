"""Events of an era get their right times, and keep their ids: in steps, each of which is whole or has not been."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.model.event import Event, StoredEvent
from edge.store.database import transaction
from edge.store.eras import Era
from edge.store.rows import NAMED, Entry, to_entry
from edge.store.schema import BLOCK_BITS
from edge.store.seals import Seals
from edge.store.state import LogState, opens, to_text

STEP_ROWS = 2000
SECOND_US = 1_000_000
_UPDATE = "UPDATE event SET time_us = ?, true_time_us = ?, committed_s = ?, synced = 1, era = NULL WHERE event_id = ?"


@dataclass(frozen=True, slots=True)
class Restamped:
    """The events of one step as they are now, and after which id the next step goes on; None where all is done."""

    events: tuple[StoredEvent, ...]
    next_id: int | None


def note_right(connection: sqlite3.Connection, eras: Sequence[Era]) -> None:
    """Write down by how much eras are wrong, before anything is changed: a power cut then loses nothing of it."""
    with transaction(connection):
        values = [(each.right_us, each.number) for each in eras]
        connection.executemany("UPDATE era SET right_us = ? WHERE number = ?", values)


def restamp(connection: sqlite3.Connection, era: Era, after_id: int, state: LogState, seals: Seals) -> Restamped:
    """Make the next events of an era right, with what `state` knows of them; raises sqlite3.Error, then nothing is.

    Their rows say that they belong to the era until they are right: a step that was cut short is simply taken again.
    """
    sql = f"{NAMED} WHERE e.event_id > ? AND e.era = ? ORDER BY e.event_id LIMIT {STEP_ROWS}"
    rows = connection.execute(sql, (max(after_id, era.first_id - 1), era.number)).fetchall()
    before = [to_entry(tuple(row)) for row in rows]
    after = [_right(entry, era, seals) for entry in before]
    done = len(rows) < STEP_ROWS
    changed = state.copy()
    for old, new in zip(before, after, strict=True):
        _move_open(changed, old, new)
    with transaction(connection):
        connection.executemany(_UPDATE, [_values(entry) for entry in after])
        _span_blocks(connection, [entry.stored.event_id for entry in after])
        if done:
            connection.execute("DELETE FROM era WHERE number = ?", (era.number,))
        connection.execute("INSERT OR REPLACE INTO state (id, body) VALUES (1, ?)", (to_text(changed),))
    state.open = changed.open
    last_id = after[-1].stored.event_id if after else after_id
    return Restamped(tuple(entry.stored for entry in after), None if done else last_id)


def _right(entry: Entry, era: Era, seals: Seals) -> Entry:
    """Return an entry by the right clock; what has been summed of that time already stays as it was told."""
    event, true_us = entry.stored.event, entry.stored.true_time_us
    time_us = (event.time_us if true_us is None else true_us) + era.shift_us
    shown_us = max(time_us, seals.open_from_us(event.channel_id, time_us))
    stored = replace(
        entry.stored,
        event=replace(event, time_us=shown_us),
        clock_synced=True,
        true_time_us=None if shown_us == time_us else time_us,
    )
    now_us = entry.now_us + era.shift_us
    return replace(entry, stored=stored, now_us=now_us, committed_s=now_us // SECOND_US, era=None)


def _values(entry: Entry) -> tuple[int | None, ...]:
    stored = entry.stored
    return stored.event.time_us, stored.true_time_us, entry.committed_s, stored.event_id


def _move_open(state: LogState, old: Entry, new: Entry) -> None:
    """Move what is open with the event that opened it."""
    opened = _told(old)
    key = opens(opened)
    if key is not None and state.open.get(key) == opened:
        state.open[key] = _told(new)


def _told(entry: Entry) -> Event:
    event, true_us = entry.stored.event, entry.stored.true_time_us
    return event if true_us is None else replace(event, time_us=true_us)


def _span_blocks(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Find the spans of times anew for the complete blocks that these events lie in."""
    blocks = sorted({event_id >> BLOCK_BITS for event_id in ids})
    connection.executemany(
        "UPDATE block SET (min_us, max_us) = (SELECT min(time_us), max(time_us) FROM event "
        "WHERE event_id BETWEEN ? AND ?) WHERE block = ?",
        [(block << BLOCK_BITS, (block + 1 << BLOCK_BITS) - 1, block) for block in blocks],
    )
