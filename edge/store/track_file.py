"""The file of what was tracked: chunks of scenes, apart from the events, so that losing it loses no event."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.store.database import connect_reader, connect_side_file, foreign, transaction, transaction_of_reader
from edge.store.errors import StoreError
from edge.store.retention import used_bytes
from edge.store.salvage import damage, remove
from edge.store.snapshots import LEFT_FREE

FILE_NAME = "tracks.db"
_OWNER = 0x65647472
_VERSION = 1
_PAGE_SIZE = 1024
_WAL_PAGES = 256
_TABLE = """
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    stream INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    committed_s INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    body BLOB NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Scenes of one channel that follow one another, packed; `since_us` and `until_us` are those of its ends.

    Chunks of one `stream` follow one another too. `ended` tells that the stream ended with this one.
    """

    channel_id: str
    stream: int
    since_us: int
    until_us: int
    ended: bool
    body: bytes


class TrackFile:
    """The one connection that writes; used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def open(self) -> str:
        """Open the file unless it is, made anew where it is damaged or not ours; return why, empty where it goes on.

        Raises sqlite3.Error or OSError where it cannot be opened at all.
        """
        if self._connection is not None:
            return ""
        why = self._why_not()
        if why:
            self.remove()
        self._connection = connect_side_file(self._path, page_size=_PAGE_SIZE, wal_pages=_WAL_PAGES)
        if not self._number("user_version"):
            with transaction(self._connection):
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA application_id = {_OWNER}")
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        return why

    def remove(self) -> None:
        """Remove the file with all that was kept."""
        self.close()
        remove(self._path)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def put(self, chunks: Sequence[Chunk], ended: Sequence[int], now_s: int) -> None:
        """Write chunks, and the ends of streams that were written before, in one transaction."""
        if not chunks and not ended:
            return
        connection = self._open()
        with transaction(connection):
            connection.executemany(
                "INSERT INTO chunk (channel, stream, since_us, until_us, committed_s, ended, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(c.channel_id, c.stream, c.since_us, c.until_us, now_s, int(c.ended), c.body) for c in chunks],
            )
            connection.executemany(
                "UPDATE chunk SET ended = 1 WHERE id = (SELECT max(id) FROM chunk WHERE stream = ?)",
                [(stream,) for stream in ended],
            )

    def is_in_the_way(self) -> bool:
        """Tell whether the disk is so full that its room is needed for events: no picture is left to go."""
        folder = self._path.parent
        disk = os.statvfs(folder if folder.exists() else folder.parent)
        return disk.f_bavail * disk.f_frsize < LEFT_FREE

    def trim(self, oldest_s: int, most_bytes: int) -> None:
        """Delete what was written before `oldest_s` (seconds since 1970), then the oldest until the rest fits."""
        connection = self._open()
        with transaction(connection):
            connection.execute("DELETE FROM chunk WHERE committed_s < ?", (oldest_s,))
            while used_bytes(connection) > most_bytes and self._drop_oldest():
                pass
        if self._number("page_count") * _PAGE_SIZE > most_bytes:
            connection.executescript("PRAGMA incremental_vacuum")  # execute() would free one page only
            connection.execute("PRAGMA wal_checkpoint").fetchall()  # which is when the file itself becomes smaller

    def _drop_oldest(self) -> bool:
        return self._open().execute("DELETE FROM chunk WHERE id = (SELECT min(id) FROM chunk)").rowcount > 0

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the file of tracks is not open: call open() first")
        return self._connection

    def _number(self, pragma: str) -> int:
        return int(self._open().execute(f"PRAGMA {pragma}").fetchone()[0])

    def _why_not(self) -> str:
        """Return why the file there cannot be gone on with, empty where it can or where there is none."""
        if not self._path.exists():
            return ""
        try:
            with closing(connect_reader(self._path)) as connection:
                return foreign(connection, _VERSION, _OWNER) or damage(connection)
        except sqlite3.DatabaseError as error:
            return str(error)


class TrackReader:
    """Reads what was tracked, also beside a running device, which goes on as if nobody looked."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def spans(self) -> dict[str, tuple[int, int]]:
        """Return each channel's first and last time (microseconds UTC); raises StoreError where nothing is kept."""
        with closing(self._connect()) as connection:
            rows = _read(connection, "SELECT channel, min(since_us), max(until_us) FROM chunk GROUP BY channel", ())
            return {str(channel): (int(since), int(until)) for channel, since, until in rows}

    def chunks(self, channel_id: str, since_us: int, until_us: int) -> Iterator[Chunk]:
        """Yield a channel's chunks that have some time between the two, in their order; raises StoreError."""
        columns = "channel, stream, since_us, until_us, ended, body"
        where = "channel = ? AND until_us >= ? AND since_us < ?"
        with closing(self._connect()) as connection, transaction_of_reader(connection):
            sql = f"SELECT {columns} FROM chunk WHERE {where} ORDER BY id"  # noqa: S608 - constants of this function
            for row in _read(connection, sql, (channel_id, since_us, until_us)):
                yield Chunk(row[0], row[1], row[2], row[3], bool(row[4]), row[5])

    def _connect(self) -> sqlite3.Connection:
        connection = self._connect_to_some() if self._path.exists() else None
        if connection is None:
            raise StoreError(f"there are no tracks at {self._path}: retention.tracks_h says how long they are kept")
        return connection

    def _connect_to_some(self) -> sqlite3.Connection | None:
        """Return None where the file is being made at this moment and has no tables yet."""
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(closing(connect_reader(self._path)))
                if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    return None
                stack.pop_all()
                return connection
        except sqlite3.Error as error:
            raise _unreadable(error) from error


def _read(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
    try:
        yield from connection.execute(sql, values)
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: sqlite3.Error) -> StoreError:
    return StoreError(f"cannot read the tracks ({error}): run this as root or as the device's user")
