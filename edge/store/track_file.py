"""The file of what was tracked: chunks of scenes, apart from the events, so that losing it loses no event.

What was told by a clock that nobody had set points at an era, as events do (see eras.py). No chunk is written anew once
the clock is right: its era's row says by how much it was wrong, and who reads adds it.
"""

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.store.database import connect_reader, connect_side_file, foreign, transaction, transaction_of_reader
from edge.store.eras import Eras, Moment
from edge.store.errors import StoreError
from edge.store.restamp import note_right
from edge.store.retention import used_bytes
from edge.store.salvage import damage, remove
from edge.store.snapshots import LEFT_FREE

FILE_NAME = "tracks.db"
_OWNER = 0x65647472
_VERSION = 1
_PAGE_SIZE = 1024
_WAL_PAGES = 256
_FOREVER = 2**62
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

_TABLES_OF_TIME = """
CREATE TABLE IF NOT EXISTS era (
    number INTEGER PRIMARY KEY, boot TEXT NOT NULL, started_us INTEGER NOT NULL, first_id INTEGER NOT NULL,
    right_us INTEGER
);
CREATE TABLE IF NOT EXISTS told (chunk INTEGER PRIMARY KEY, era INTEGER, written INTEGER NOT NULL)
"""
"""`told` has the chunks that were told or written by a clock that nobody had set: by that of which era. A table of its
own: a column behind the bodies would be read through all of them; and a program of before goes on with the file.
"""
_SHIFT = "coalesce(era.right_us - era.started_us, 0)"

LOG = logging.getLogger("edge.store")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Scenes of one channel that follow one another, packed; `since_us` and `until_us` are those of its ends.

    Chunks of one `stream` follow one another too. `ended` tells that the stream ended with this one. `era` is by whose
    clock it was told, None for one that is right or its source's own; `shift_us` makes the times in `body` right.
    """

    channel_id: str
    stream: int
    since_us: int
    until_us: int
    ended: bool
    body: bytes
    era: int | None = None
    shift_us: int = 0


class TrackFile:
    """The one connection that writes; used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.eras = Eras()

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
        for statement in _TABLES_OF_TIME.split(";"):
            self._connection.execute(statement)
        self.eras.load(self._connection)
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

    def look(self, moments: Sequence[Moment]) -> None:
        """Take note of the clock at some moments, in their order, the present last: what is known then is written."""
        for moment in moments:
            self.eras.look(moment, 0)
        if right := self.eras.settle(moments[-1]):
            note_right(self._open(), right)
            self.eras.kept(right)
            shifts = ", ".join(f"{each.shift_us / 1e6:+.1f} s" for each in right)
            LOG.info("the clock is right now: what was tracked before has its right times too (%s)", shifts)

    def put(self, chunks: Sequence[Chunk], ended: Sequence[int], now: Moment) -> None:
        """Write chunks, and the ends of streams that were written before, in one transaction."""
        if not chunks and not ended:
            return
        connection, written = self._open(), self.eras.current
        with transaction(connection):
            fresh = self.eras.put([*(chunk.era for chunk in chunks), *([written] if chunks else [])], connection)
            for c in chunks:
                at = connection.execute(
                    "INSERT INTO chunk (channel, stream, since_us, until_us, committed_s, ended, body) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (c.channel_id, c.stream, c.since_us, c.until_us, now.age_s, int(c.ended), c.body),
                )
                if written is not None:
                    connection.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", (at.lastrowid, c.era, written))
            connection.executemany(
                "UPDATE chunk SET ended = 1 WHERE id = (SELECT max(id) FROM chunk WHERE stream = ?)",
                [(stream,) for stream in ended],
            )
        self.eras.kept(fresh)

    def is_in_the_way(self) -> bool:
        """Tell whether the disk is so full that its room is needed for events: no picture is left to go."""
        folder = self._path.parent
        disk = os.statvfs(folder if folder.exists() else folder.parent)
        return disk.f_bavail * disk.f_frsize < LEFT_FREE

    def trim(self, now: Moment, keep_s: int, most_bytes: int) -> None:
        """Delete what was written more than `keep_s` seconds ago, then the oldest until the rest fits."""
        connection = self._open()
        with transaction(connection):
            self._drop_old(connection, now.age_s - keep_s)
            while used_bytes(connection) > most_bytes and self._drop_oldest():
                pass
            self._forget_eras(connection)
        if self._number("page_count") * _PAGE_SIZE > most_bytes:
            connection.executescript("PRAGMA incremental_vacuum")  # execute() would free one page only
            connection.execute("PRAGMA wal_checkpoint").fetchall()  # which is when the file itself becomes smaller

    def _drop_old(self, connection: sqlite3.Connection, oldest_s: int) -> None:
        """Delete all up to the newest chunk that is known to be too old.

        That is known of those written by the clock as it goes now, and where it is right of those whose right time is
        known: the others are as old as the next one of these.
        """
        known = "(told.chunk IS NULL OR era.right_us IS NOT NULL)"
        if self.eras.current is not None:
            known = f"told.written = {self.eras.current}"
        tables = "chunk LEFT JOIN told ON told.chunk = chunk.id LEFT JOIN era ON era.number = told.written"
        where = f"{known} AND committed_s + {_SHIFT} / 1000000 < ?"
        sql = f"DELETE FROM chunk WHERE id <= (SELECT max(chunk.id) FROM {tables} WHERE {where})"  # noqa: S608 - constants of this file
        connection.execute(sql, (oldest_s,))

    def _forget_eras(self, connection: sqlite3.Connection) -> None:
        """Forget eras of which no chunk is left, and which chunks were theirs."""
        connection.execute("DELETE FROM told WHERE chunk < (SELECT coalesce(min(id), ?) FROM chunk)", (_FOREVER,))
        left = "SELECT era FROM told WHERE era IS NOT NULL UNION SELECT written FROM told"
        if connection.execute(f"DELETE FROM era WHERE number NOT IN ({left})").rowcount:  # noqa: S608 - the same
            self.eras.load(connection)

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
            tables, shift = _right_times(connection)
            sql = f"SELECT channel, min(since_us + {shift}), max(until_us + {shift}) FROM {tables} GROUP BY channel"  # noqa: S608 - constants of this file
            rows = _read(connection, sql, ())
            return {str(channel): (int(since), int(until)) for channel, since, until in rows}

    def chunks(self, channel_id: str, since_us: int, until_us: int) -> Iterator[Chunk]:
        """Yield a channel's chunks that have some time between the two, in their order; raises StoreError."""
        where = "channel = ? AND until_us + shift_us >= ? AND since_us + shift_us < ?"
        with closing(self._connect()) as connection, transaction_of_reader(connection):
            tables, shift = _right_times(connection)
            columns = f"channel, stream, since_us, until_us, ended, body, {shift} AS shift_us"
            sql = f"SELECT {columns} FROM {tables} WHERE {where} ORDER BY chunk.id"  # noqa: S608 - the same
            for row in _read(connection, sql, (channel_id, since_us, until_us)):
                shift_us = int(row[6])
                times = int(row[2]) + shift_us, int(row[3]) + shift_us
                yield Chunk(row[0], row[1], *times, bool(row[4]), row[5], shift_us=shift_us)

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


def _right_times(connection: sqlite3.Connection) -> tuple[str, str]:
    """Return the tables to be read and what makes a chunk's times right; a file of before knows no eras."""
    if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'told'").fetchone()[0]:
        return "chunk", "0"
    joined = "chunk LEFT JOIN told ON told.chunk = chunk.id LEFT JOIN era ON era.number = told.era"
    return joined, _SHIFT


def _read(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
    try:
        yield from connection.execute(sql, values)
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: sqlite3.Error) -> StoreError:
    return StoreError(f"cannot read the tracks ({error}): run this as root or as the device's user")
