"""The tables of the event log and the numbered steps that lead to them."""

import sqlite3
from collections.abc import Callable, Sequence

from edge.store.errors import StoreError

APPLICATION_ID = 0x65646765
BLOCK_BITS = 8

Migration = Callable[[sqlite3.Connection], None]

_TABLES = """
CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    channel_id TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (channel_id, name)
);
CREATE TABLE rule (
    id INTEGER PRIMARY KEY,
    rule_id TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (rule_id, name)
);
CREATE TABLE event (
    event_id INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    rule INTEGER,
    time_us INTEGER NOT NULL,
    late_us INTEGER NOT NULL,
    committed_s INTEGER NOT NULL,
    stream_s REAL NOT NULL,
    object_id INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    synced INTEGER NOT NULL,
    true_time_us INTEGER,
    picture INTEGER,
    direction INTEGER,
    dwell_seconds REAL,
    count INTEGER,
    reason TEXT,
    confidence REAL,
    label TEXT
);
CREATE TABLE block (
    block INTEGER PRIMARY KEY,
    min_us INTEGER NOT NULL,
    max_us INTEGER NOT NULL
);
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
);
"""


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables.

    `channel` and `rule` hold each pair of id and name once: an event points at the pair, so its names are frozen.
    `late_us` is how long after the event's time its frame came, on the channel's clock; `committed_s` the wall clock;
    `picture` is how many ids back the event stands whose snapshot it shares. `block` has the span of times of each
    256 ids that are complete: it serves as index over time and costs next to nothing to write.
    """
    for statement in _TABLES.split(";"):
        connection.execute(statement)


def _add_evidence(connection: sqlite3.Connection) -> None:
    """Give each event room for its evidence, packed (see evidence.py); events from before have none."""
    connection.execute("ALTER TABLE event ADD COLUMN evidence BLOB")


def _add_eras(connection: sqlite3.Connection) -> None:
    """Note of events that were told by a clock not known to be right which era they are of (see eras.py)."""
    connection.execute("ALTER TABLE event ADD COLUMN era INTEGER")
    connection.execute(
        "CREATE TABLE era (number INTEGER PRIMARY KEY, boot TEXT NOT NULL, started_us INTEGER NOT NULL, "
        "first_id INTEGER NOT NULL, right_us INTEGER)"
    )


MIGRATIONS: tuple[Migration, ...] = (_create, _add_evidence, _add_eras)
"""Step n leads from version n to n + 1. A step that was once released never changes."""


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a database to the newest version, each step in a transaction of its own.

    Raises StoreError where the file was written by a newer version of the program or by another program.
    """
    version = read_version(connection, len(steps))
    for number, step in enumerate(steps[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def read_version(connection: sqlite3.Connection, newest: int = len(MIGRATIONS)) -> int:
    """Return the schema's version, 0 for an empty file; raises StoreError where it is not ours or too new."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if tables and owner != APPLICATION_ID:
        raise StoreError(
            "the event log's file holds another program's database: move it away or choose another state_dir"
        )
    if version > newest:
        raise StoreError(
            f"the event log has version {version}, this program knows up to {newest}: "
            "install the newer program again, or move the file away to start anew"
        )
    return version
