"""Connections to the log's file: one that writes, a few that read."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "events.db"
PAGE_SIZE = 1024
CHECKPOINT_PAGES = 64
JOURNAL_LIMIT = 2 * CHECKPOINT_PAGES * PAGE_SIZE
BUSY_S = 1.0
READERS = 4
WAIT_S = 0.5
"""So often does who waits for a connection look whether the file is being replaced."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the file for writing: what is committed survives a power cut (WAL, synchronous=FULL)."""
    return _open(
        path,
        f"page_size = {PAGE_SIZE}",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"journal_size_limit = {JOURNAL_LIMIT}",
        "temp_store = MEMORY",
        "cache_size = -1000",
    )


def connect_side_file(path: Path, *, page_size: int, wal_pages: int) -> sqlite3.Connection:
    """Open a file beside the event log for writing.

    What is committed survives the end of the process, however it comes; a power cut leaves the file whole and may take
    what was committed last (WAL, synchronous=NORMAL).
    """
    return _open(
        path,
        f"page_size = {page_size}",
        "auto_vacuum = INCREMENTAL",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"wal_autocheckpoint = {wal_pages}",
        f"journal_size_limit = {2 * wal_pages * page_size}",
        "temp_store = MEMORY",
        "cache_size = -500",
    )


def _open(path: Path, *pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def foreign(connection: sqlite3.Connection, version: int, owner: int) -> str:
    """Return why a file beside the event log is not one of this version and owner; empty where it is, or is empty."""
    found_version, found_owner, tables = (
        int(connection.execute(sql).fetchone()[0])
        for sql in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if not tables or (found_version, found_owner) == (version, owner):
        return ""
    return f"it has version {found_version} of another program or time"


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open the file for reading only, also beside a running device; sqlite3.OperationalError where it is absent."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA cache_size = -500").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def transaction_of_reader(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all questions of the block see one moment of the log."""
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")


class Readers:
    """A few reading connections that threads borrow for one question each; who only waits holds none."""

    def __init__(self, path: Path, count: int = READERS) -> None:
        self._path = path
        self._count = count
        self._free = threading.BoundedSemaphore(count)
        self._shut = threading.Event()
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection, in a transaction that sees one moment of the log; waits for one where all are lent.

        Raises sqlite3.OperationalError at once while the file is being replaced, which may take minutes.
        """
        self._enter()
        try:
            connection = self._idle.pop() if self._idle else connect_reader(self._path)
            try:
                with transaction_of_reader(connection):
                    yield connection
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)
        finally:
            self._free.release()

    def _enter(self) -> None:
        entered = False
        while not entered and not self._shut.is_set():
            entered = self._free.acquire(timeout=WAIT_S)
        if self._shut.is_set():
            if entered:
                self._free.release()
            raise sqlite3.OperationalError("the file is being replaced")

    @contextmanager
    def none(self, beat: Callable[[], None]) -> Iterator[None]:
        """Hold all readers off while the file itself is replaced; `beat` is called while those that read end."""
        entered = 0
        self._shut.set()
        try:
            while entered < self._count:
                beat()
                entered += self._free.acquire(timeout=WAIT_S)
            self.close()
            yield
        finally:
            self._shut.clear()
            for _ in range(entered):
                self._free.release()

    def close(self) -> None:
        """Close the connections that nobody has borrowed."""
        while self._idle:
            self._idle.pop().close()
