"""What can be saved of a damaged file: rows by ranges of ids, into a new file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.store.database import connect_reader, connect_writer, transaction
from edge.store.faults import is_damage
from edge.store.rows import COLUMNS, INSERT, ORIGINS, TYPES, Row
from edge.store.schema import BLOCK_BITS, migrate
from edge.store.state import from_text, to_text

SPAN = 1 << 16
NAMES = (
    (
        "SELECT id, channel_id, name FROM channel WHERE id BETWEEN ? AND ?",
        "INSERT OR IGNORE INTO channel (id, channel_id, name) VALUES (?, ?, ?)",
    ),
    (
        "SELECT id, rule_id, name FROM rule WHERE id BETWEEN ? AND ?",
        "INSERT OR IGNORE INTO rule (id, rule_id, name) VALUES (?, ?, ?)",
    ),
)
ERAS = (
    "SELECT number, boot, started_us, first_id, right_us FROM era WHERE number BETWEEN ? AND ?",
    "INSERT OR IGNORE INTO era (number, boot, started_us, first_id, right_us) VALUES (?, ?, ?, ?, ?)",
)
PATIENCE = 5000
COARSE = 256
BAD_KEPT = 2
BEAT_STEPS = 1_000_000
"""So many steps of SQLite's machine take a slow board about a second."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many events were saved, and how many ids could not be read."""

    events: int
    unreadable: int


def damage(connection: sqlite3.Connection) -> str:
    """Return what is wrong with a file in SQLite's words, empty where nothing is; sqlite3.Error for anything else."""
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    return "" if found == "ok" else found


def save(bad: Path, new: Path, highest_id: int, beat: Callable[[], None]) -> Salvaged:
    """Copy what can be read of `bad` into the new file `new`; no id above `highest_id` is looked for."""
    remove(new)
    with closing(connect_writer(new)) as target:
        target.set_progress_handler(beat, BEAT_STEPS)
        migrate(target)
        try:
            with closing(connect_reader(bad)) as source:
                source.set_progress_handler(beat, BEAT_STEPS)
                return _copy(source, target, highest_id, beat)
        except sqlite3.DatabaseError:
            return Salvaged(0, highest_id)


def _copy(
    source: sqlite3.Connection, target: sqlite3.Connection, highest_id: int, beat: Callable[[], None]
) -> Salvaged:
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    ranges = _Ranges(source)
    for read, write in (*NAMES, *((ERAS,) if ranges.has("era", "number") else ())):
        rows = list(ranges.rows(read, 1, SPAN))
        with transaction(target):
            target.executemany(write, rows)
    events = _copy_events(ranges, target, highest_id, beat)
    _copy_state(source, target)
    with transaction(target):
        target.execute(
            f"INSERT INTO block SELECT event_id >> {BLOCK_BITS}, min(time_us), max(time_us) FROM event "  # noqa: S608 - a constant
            f"GROUP BY event_id >> {BLOCK_BITS}"
        )
    return Salvaged(events, ranges.unreadable)


def _copy_events(ranges: "_Ranges", target: sqlite3.Connection, highest_id: int, beat: Callable[[], None]) -> int:
    later = ", ".join(name if ranges.has("event", name) else "NULL" for name in ("evidence", "era"))
    sql = f"SELECT {COLUMNS}, {later} FROM event WHERE event_id BETWEEN ? AND ? ORDER BY event_id"  # noqa: S608 - constants
    copied = 0
    for low in range(0, highest_id + 1, SPAN):
        beat()
        rows = [row for row in ranges.rows(sql, low, min(low + SPAN - 1, highest_id)) if _sound(row)]
        with transaction(target):
            target.executemany(INSERT, rows)
        copied += len(rows)
    return copied


def _copy_state(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy the saved state where it can be read; without it, it is made anew from the events."""
    try:
        row = source.execute("SELECT body FROM state").fetchone()
        body = to_text(from_text(row[0]))
    except (sqlite3.DatabaseError, ValueError, KeyError, TypeError):
        return
    with transaction(target):
        target.execute("INSERT INTO state (id, body) VALUES (1, ?)", (body,))


def _sound(row: Row) -> bool:
    """Tell whether a row that could be read can also be understood."""
    numbers = (*row[:3], *row[4:7], *row[8:11])
    return all(isinstance(number, int) for number in numbers) and row[1] < len(TYPES) and row[9] < len(ORIGINS)


class _Ranges:
    """Reads ranges of ids, halving those that cannot be read until what is bad stands alone."""

    def __init__(self, source: sqlite3.Connection) -> None:
        self._source = source
        self.unreadable = 0

    def has(self, table: str, column: str) -> bool:
        """Tell whether the file has a column: those of earlier versions lack some."""
        return column in [name for _, name, *_ in self._source.execute(f"PRAGMA table_info({table})")]

    def rows(self, sql: str, low: int, high: int) -> Iterator[Row]:
        try:
            rows = self._source.execute(sql, (low, high)).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            rows = None
        if rows is not None:
            yield from (tuple(row) for row in rows)
        elif high - low < (1 if self.unreadable < PATIENCE else COARSE):
            self.unreadable += high - low + 1
        else:
            middle = (low + high) // 2
            yield from self.rows(sql, low, middle)
            yield from self.rows(sql, middle + 1, high)


def aside(path: Path) -> Path:
    """Move a bad file with its WAL out of the way, the WAL first, and return its place; the newest two are kept."""
    number = 1 + max((_number(old) for old in path.parent.glob(f"{path.name}.bad-*")), default=0)
    bad = path.with_name(f"{path.name}.bad-{number}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(bad.with_name(bad.name + suffix))
    for old in path.parent.glob(f"{path.name}.bad-*"):
        if _number(old) <= number - BAD_KEPT:
            old.unlink(missing_ok=True)
    return bad


def _number(path: Path) -> int:
    digits = path.name.rsplit(".bad-", 1)[1].split("-")[0]
    return int(digits) if digits.isdecimal() else 0


def remove(path: Path) -> None:
    """Remove a file with what SQLite keeps beside it."""
    for suffix in ("-wal", "-shm", "-journal", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
