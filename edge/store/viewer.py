"""Reading a log's file from another process, beside a running device or without one."""

import sqlite3
from contextlib import closing
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
        if not self._path.exists():
            raise StoreError(f"there is no event log at {self._path}: start the device, or name its configuration")
        try:
            with closing(connect_reader(self._path)) as connection, transaction_of_reader(connection):
                return reader.select(connection, query) if read_version(connection) else []
        except sqlite3.Error as error:
            raise StoreError(f"cannot read {self._path} ({error}): run this as root or as the device's user") from error
