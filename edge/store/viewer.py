"""Reading a log's file from another process, beside a running device or without one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edge.model.event import StoredEvent
from edge.store import reader
from edge.store.database import FILE_NAME, connect_reader, transaction_of_reader
from edge.store.errors import StoreError
from edge.store.query import EventQuery
from edge.store.schema import read_version


class Viewer:
    """Sees what is committed and holds nothing in between: the device goes on as if nobody looked."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def select(self, query: EventQuery) -> list[StoredEvent]:
        """Return the events asked for; raises StoreError where there is no log or it cannot be read."""
        with self._reading() as connection:
            return reader.select(connection, query) if read_version(connection) else []

    def channel_names(self) -> dict[str, str]:
        """Return the newest name of each channel that had an event, by its id; raises StoreError."""
        with self._reading() as connection:
            rows = (
                connection.execute("SELECT channel_id, name FROM channel ORDER BY id")
                if read_version(connection)
                else ()
            )
            return {str(channel_id): str(name) for channel_id, name in rows}

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            raise StoreError(f"there is no event log at {self._path}: start the device, or name its configuration")
        try:
            with closing(connect_reader(self._path)) as connection, transaction_of_reader(connection):
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"cannot read {self._path} ({error}): run this as root or as the device's user") from error
