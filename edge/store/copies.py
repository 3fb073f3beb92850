"""Copies of the store's databases for a backup, and what a restore does with them before they are used."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from edge.store import faults, reader
from edge.store.database import connect_reader, foreign, transaction_of_reader
from edge.store.errors import StoreError
from edge.store.ids import IdReserve
from edge.store.outbox_file import OWNER, VERSION, OutboxFile
from edge.store.salvage import damage
from edge.store.schema import migrate, read_version
from edge.store.snapshots import Snapshots
from edge.store.writer import Writer

STEP_PAGES = 1024
COMPANIONS = ("", "-wal", "-shm")
"""A database is up to three files, which belong together."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What an event log holds: how many events, the ids of the oldest and the newest; 0 for none."""

    events: int = 0
    first_id: int = 0
    last_id: int = 0


def size_of(path: Path) -> int:
    """Return how much room a copy of a database takes at most, in bytes; 0 where there is none."""
    return sum(_size(path.with_name(path.name + end)) for end in COMPANIONS[:2])


def copy_database(source: Path, target: Path, go_on: Callable[[], bool]) -> None:
    """Write one moment of a database into a new file, also while another thread or process writes to it.

    An open reading transaction holds that moment: without it the copy would begin anew with each commit. `go_on` is
    asked every megabyte and ends the copying by False, as StoreError. Raises StoreError, and OSError where there is no
    room.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def progress(_status: int, _remaining: int, _total: int) -> None:
        if not go_on():
            raise StoreError("the copy of the event log was given up")

    try:
        with closing(connect_reader(source)) as reading, closing(sqlite3.connect(target)) as writing:
            writing.execute("PRAGMA synchronous = OFF")
            writing.execute("PRAGMA journal_mode = OFF")
            with transaction_of_reader(reading):
                reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
                reading.backup(writing, pages=STEP_PAGES, progress=progress)
    except sqlite3.Error as error:
        why = faults.FULL if faults.is_full(error) else faults.passing(error) or str(error)
        raise StoreError(f"{source.name} cannot be copied: {why}") from error


def log_facts(path: Path) -> LogFacts:
    """Check a log that nobody has open, from end to end, and return what it holds.

    Raises StoreError where it is damaged, of a newer version, or no event log of ours.
    """
    with closing(_opened(path)) as connection:
        try:
            odd = "it is empty" if read_version(connection) == 0 else _wrongly_made(connection, migrate)
            if odd:
                raise StoreError(f"{path.name} is no event log of this program: {odd}")
            wrong = damage(connection)
            if wrong:
                raise StoreError(f"{path.name} is damaged ({wrong})")
            count = int(connection.execute("SELECT count(*) FROM event").fetchone()[0])
            return LogFacts(count, reader.first_id(connection), reader.last_id(connection))
        except sqlite3.Error as error:
            raise StoreError(f"{path.name} is damaged ({error})") from error


def outbox_fault(path: Path) -> str:
    """Return why an outbox that nobody has open cannot be gone on with, empty where it can."""
    try:
        with closing(_opened(path)) as connection:
            made = _wrongly_made(connection, OutboxFile.make_tables)
            return foreign(connection, VERSION, OWNER) or made or damage(connection)
    except (StoreError, sqlite3.Error) as error:
        return str(error)


def renumber(path: Path, reserved: int) -> int:
    """Bring a log that nobody has open to this version, have its ids go on behind `reserved`, return the last id."""
    reserve = IdReserve(path.with_name("event_ids"))
    if reserved > reserve.read():
        reserve.put(reserved)
    writer = Writer(path, UTC, Snapshots(path.with_name("snapshots"), 0))
    try:
        writer.open(renumber=True)
        writer.save_state()
        writer.close()
    except sqlite3.Error as error:
        raise StoreError(f"{path.name} cannot be used: {faults.passing(error) or error}") from error
    finally:
        writer.drop()
    return writer.state.last_id


def _wrongly_made(connection: sqlite3.Connection, make: Callable[[sqlite3.Connection], None]) -> str:
    """Return what a file has that one of `make` has not, such as a trigger that would run at a commit; else empty."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as ours:
        make(ours)
        known = _made(ours)
    odd = sorted(f"{kind} {name}" for kind, name in _made(connection) - known)
    return f"it holds the {odd[0]} that is not ours" if odd else ""


def _made(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT type, name FROM sqlite_master").fetchall())


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes: nothing is made beside it."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.Error as error:
        raise StoreError(f"{path.name} cannot be read ({error})") from error
    return connection


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
