"""The file of the outbox: how far each reader of the log is, and what waits to be delivered; apart from the events."""

import sqlite3
from contextlib import closing
from pathlib import Path

from edge.store.database import BUSY_S, connect_reader, transaction
from edge.store.salvage import aside, damage

FILE_NAME = "deliveries.db"
PAGE_SIZE = 1024
WAL_PAGES = 64
_OWNER = 0x65646F78
_VERSION = 2

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
    body BLOB NOT NULL
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
        self._connection = _connect(self._path)
        if not int(self._connection.execute("PRAGMA user_version").fetchone()[0]):
            self._make_tables(self._connection)
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
    def _make_tables(connection: sqlite3.Connection) -> None:
        with transaction(connection):
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_OWNER}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _why_not(self) -> str:
        """Return why the file there cannot be gone on with, empty where it can or where there is none."""
        if not self._path.exists():
            return ""
        try:
            with closing(connect_reader(self._path)) as connection:
                return _foreign(connection) or damage(connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            return str(error)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file for writing.

    What is committed survives the end of the process, however it comes; a power cut leaves the file whole and may take
    the last cursors back (synchronous NORMAL): some events are then delivered again.
    """
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            f"page_size = {PAGE_SIZE}",
            "auto_vacuum = INCREMENTAL",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"wal_autocheckpoint = {WAL_PAGES}",
            f"journal_size_limit = {2 * WAL_PAGES * PAGE_SIZE}",
            "temp_store = MEMORY",
            "cache_size = -500",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _foreign(connection: sqlite3.Connection) -> str:
    version, owner, tables = (
        int(connection.execute(sql).fetchone()[0])
        for sql in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if not tables or (version, owner) == (_VERSION, _OWNER):
        return ""
    return f"it has version {version} of another program or time"
