"""The file of the outbox: how far each reader of the log is, and what waits to be delivered; apart from the events."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.store.database import connect_reader, connect_side_file, foreign, transaction
from edge.store.salvage import aside, damage

FILE_NAME = "deliveries.db"
PAGE_SIZE = 1024
WAL_PAGES = 64
OWNER = 0x65646F78
VERSION = 2

PUT = (
    "INSERT OR REPLACE INTO reader (name, event_id, attempts, failing_s, problem, given_up, gone_s) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)

_TABLES = """
CREATE TABLE reader (
    name TEXT PRIMARY KEY,
    event_id INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failing_s INTEGER NOT NULL,
    problem TEXT NOT NULL,
    given_up INTEGER NOT NULL,
    gone_s INTEGER
) WITHOUT ROWID;
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reader TEXT NOT NULL,
    state INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    title TEXT NOT NULL,
    made_s INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    body BLOB NOT NULL,
    sure INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX delivery_of ON delivery (reader, state, id);
CREATE TABLE window (
    reader TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    sure INTEGER NOT NULL,
    PRIMARY KEY (reader, channel_id)
) WITHOUT ROWID;
CREATE TABLE seen (
    channel_id TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    PRIMARY KEY (channel_id, since_us)
) WITHOUT ROWID;
"""
"""`reader` is small and without ids of its own, so all of it lies on one page: to move a cursor writes that page alone.

`window` says from when to when the sums of a channel have been made for a reader, `seen` when a camera gave pictures.
"""


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader of the log: `event_id` is the last event that it is done with.

    Where the event after it fails: `attempts` at it so far, `failing_s` since when (seconds since 1970, 0: it does not
    fail), `problem` the last reason. `given_up` counts what will never be delivered; `gone_s` is since when the
    settings do not have this reader, 0 where the time was not known then, None while they have it.
    """

    event_id: int = 0
    attempts: int = 0
    failing_s: int = 0
    problem: str = ""
    given_up: int = 0
    gone_s: int | None = None


def row_of(reader: str, state: ReaderState) -> tuple[str | int | None, ...]:
    """Return a reader's row, for `PUT`."""
    values = (state.event_id, state.attempts, state.failing_s, state.problem, state.given_up, state.gone_s)
    return (reader, *values)


class OutboxFile:
    """The one connection to the file; used under the outbox's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the file is open."""
        return self._connection is not None

    def open(self, *, check: bool, anew: bool = False) -> str:
        """Open the file; one that is damaged or not ours is moved aside and begun anew: then return why, else "".

        Without `check` it is taken as it is, with `anew` it is taken for damaged. Raises sqlite3.Error or OSError where
        it cannot be opened now.
        """
        why = "it cannot be written" if anew else self._why_not() if check else ""
        if why:
            why = f"{why}; old file: {aside(self._path).name}"
        self._connection = connect_side_file(self._path, page_size=PAGE_SIZE, wal_pages=WAL_PAGES)
        if not int(self._connection.execute("PRAGMA user_version").fetchone()[0]):
            self.make_tables(self._connection)
        _add_sure(self._connection)
        return why

    def connected(self) -> sqlite3.Connection:
        """Return the connection; raises RuntimeError where the file is not open."""
        if self._connection is None:
            raise RuntimeError("the outbox is not open: call open() first")
        return self._connection

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @staticmethod
    def make_tables(connection: sqlite3.Connection) -> None:
        """Make the tables in an empty file."""
        with transaction(connection):
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {OWNER}")
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _why_not(self) -> str:
        """Return why the file there cannot be gone on with, empty where it can or where there is none."""
        if not self._path.exists():
            return ""
        try:
            with closing(connect_reader(self._path)) as connection:
                return foreign(connection, VERSION, OWNER) or damage(connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            return str(error)


def _add_sure(connection: sqlite3.Connection) -> None:
    """Have deliveries of before say that their time is sure; the version stays: a program of before goes on with it."""
    if "sure" not in {str(row[1]) for row in connection.execute("PRAGMA table_info(delivery)")}:
        connection.execute("ALTER TABLE delivery ADD COLUMN sure INTEGER NOT NULL DEFAULT 1")
