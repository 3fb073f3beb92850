"""The one connection that writes: groups of events, each in one transaction, and the state beside them."""

import sqlite3
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

from edge.store import reader
from edge.store.database import connect_writer, transaction
from edge.store.eras import Base, Eras, Moment
from edge.store.ids import IdReserve
from edge.store.inbox import Appended
from edge.store.retention import delete
from edge.store.rows import INSERT, NAMED, Entry, Names, to_entry, to_row
from edge.store.schema import BLOCK_BITS, migrate
from edge.store.seals import Seals
from edge.store.snapshots import Snapshots
from edge.store.stamping import closing, replayed, stamp
from edge.store.state import ChannelState, LogState, from_text, to_text
from edge.store.windows import hour_start_us

STATE_EVERY = 1 << BLOCK_BITS
STATE_EVERY_S = 60.0
REPLAY_ROWS = 1000
REPLAYED = 50_000


class Writer:
    """Writes the log's file; used by one thread at a time."""

    def __init__(self, path: Path, zone: tzinfo, snapshots: Snapshots, seals: Seals | None = None) -> None:
        self._path = path
        self._zone = zone
        self._snapshots = snapshots
        self.seals = seals or Seals()
        self.eras = Eras()
        self._names = Names()
        self._reserve = IdReserve(path.with_name("event_ids"))
        self._saved_id = 0
        self._saved_s = -STATE_EVERY_S
        self.state = LogState()
        self.connection: sqlite3.Connection | None = None

    def open(self, *, renumber: bool = False) -> None:
        """Open the file, bring it to the newest version and read what it ends with.

        With `renumber`, ids go on behind all that may ever have been given: what the file ends with may be missing.
        Raises sqlite3.DatabaseError where it is damaged, StoreError where it is not ours or too new.
        """
        self.connection = connect_writer(self._path)
        migrate(self.connection)
        self._names.load(self.connection)
        self.eras.load(self.connection)
        self.state = self._load_state(renumber=renumber)

    def close(self) -> None:
        """Save the state, write the WAL back into the file and close it."""
        if self.connection is not None:
            self._save_if_changed()
            self.drop()

    def drop(self) -> None:
        """Close the file as it is."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def connected(self) -> sqlite3.Connection:
        """Return the connection; raises RuntimeError before `open`."""
        if self.connection is None:
            raise RuntimeError("the event log is not open: call open() first")
        return self.connection

    def _load_state(self, *, renumber: bool) -> LogState:
        row = self.connected().execute("SELECT body FROM state").fetchone()
        try:
            state = self._rough_state() if row is None else from_text(row[0])
        except (ValueError, KeyError, TypeError):
            state = self._rough_state()
        self._saved_id = state.last_id
        while rows := self._rows_after(state.last_id):
            replayed([to_entry(tuple(row)) for row in rows], state, self._zone)
        state.last_id = self._reserve.start(state.last_id, lost=renumber or row is None)
        return state

    def _rough_state(self) -> LogState:
        """Return what the events tell of the state, but for the newest ones, which are gone through one by one."""
        state = LogState(max(0, reader.last_id(self.connected()) - REPLAYED))
        for channel_id, object_id in reader.last_object_ids(self.connected()):
            state.channels[channel_id] = ChannelState(last_object_id=object_id)
        return state

    def _rows_after(self, event_id: int) -> list[tuple[object, ...]]:
        sql = f"{NAMED} WHERE e.event_id > ? ORDER BY e.event_id LIMIT {REPLAY_ROWS}"
        return self.connected().execute(sql, (event_id,)).fetchall()

    def look(self, moment: Moment) -> None:
        """Take note of the clock: where it was not right, or is not, live channels go on from what it shows now."""
        if self.eras.look(moment, self.state.last_id + 1):
            self.state.set_clock(hour_start_us(moment.wall_us, self._zone), moment.wall_us)

    def close_open(self, moment: Moment) -> list[Entry]:
        """Commit the end of everything that a crash left open: told by the clock that the newest event was told by."""
        before = reader.newest_base(self.connected())
        closers = closing(self.state, moment, sure=before.sure and moment.synced)
        entries = self.commit(closers, moment, before) if closers else []
        if not (before.sure and moment.synced):
            self.state.set_clock(hour_start_us(moment.wall_us, self._zone), moment.wall_us)
        return entries

    def commit(self, group: Sequence[Appended], moment: Moment, base: Base | None = None) -> list[Entry]:
        """Write a group of frames' events in one transaction and return them as committed.

        `base` says by which clock they were told, where that is not the clock of their frames.
        Raises sqlite3.Error where that fails: then nothing of it is in the log, and it may be tried again.
        """
        state = self.state.copy()
        entries: list[Entry] = []
        try:
            for appended in group:
                told = base or self.eras.base(appended.now_us, appended.queued_s, moment)
                entries += self._stamped(appended, state, moment, told)
            self._write(self.connected(), entries, state, moment)
        except BaseException:
            for picture_id in {entry.picture_id for entry in entries if entry.picture_id is not None}:
                self._snapshots.remove(picture_id)
            self._names.load(self.connected())
            raise
        self.state = state
        return entries

    def _stamped(self, appended: Appended, state: LogState, moment: Moment, base: Base) -> list[Entry]:
        first_id = state.last_id + 1
        pictured = appended.jpeg is not None and self._snapshots.put(first_id, appended.jpeg)
        return stamp(appended, first_id, state, moment, self._zone, self.seals, base, pictured=pictured)

    def _write(self, connection: sqlite3.Connection, entries: Sequence[Entry], state: LogState, moment: Moment) -> None:
        self._reserve.cover(state.last_id)
        save = self._state_due(state, moment)
        if save:
            state.keep_alive(moment.wall_us)
        with transaction(connection):
            eras = self.eras.put((entry.era for entry in entries), connection)
            for entry in entries:
                event = entry.stored.event
                channel, rule = self._names.channel(connection, event), self._names.rule(connection, event)
                connection.execute(INSERT, to_row(entry, channel, rule))
            self._finish_blocks(connection, state.last_id)
            if save:
                self._put_state(connection, state)
        self.eras.kept(eras)
        if save:
            self._saved_id, self._saved_s = state.last_id, moment.monotonic_s

    def _finish_blocks(self, connection: sqlite3.Connection, last_id: int) -> None:
        for block in range(self.state.last_id >> BLOCK_BITS, last_id >> BLOCK_BITS):
            connection.execute(
                "INSERT OR REPLACE INTO block SELECT ?, min(time_us), max(time_us) FROM event "
                "WHERE event_id BETWEEN ? AND ? HAVING count(*) > 0",
                (block, block << BLOCK_BITS, (block + 1 << BLOCK_BITS) - 1),
            )

    def _state_due(self, state: LogState, moment: Moment) -> bool:
        return (
            state.last_id - self._saved_id >= STATE_EVERY
            or moment.monotonic_s - self._saved_s >= STATE_EVERY_S
            or state.channels.keys() != self.state.channels.keys()
        )

    def keep_alive(self, moment: Moment) -> None:
        """Note once a minute, while something is open, that the device is alive."""
        if self.state.open and moment.monotonic_s - self._saved_s >= STATE_EVERY_S:
            self.state.keep_alive(moment.wall_us)
            self.save_state()
            self._saved_s = moment.monotonic_s

    def delete(self, upto_id: int) -> None:
        """Delete all events up to an id; what the state knows of them is saved first."""
        if upto_id > self._saved_id:
            self.save_state()
        delete(self.connected(), upto_id)

    def save_state(self) -> None:
        """Write the state in a transaction of its own."""
        with transaction(self.connected()):
            self._put_state(self.connected(), self.state)
        self._saved_id = self.state.last_id

    def _save_if_changed(self) -> None:
        if self.state.last_id != self._saved_id:
            self.save_state()

    @staticmethod
    def _put_state(connection: sqlite3.Connection, state: LogState) -> None:
        connection.execute("INSERT OR REPLACE INTO state (id, body) VALUES (1, ?)", (to_text(state),))
