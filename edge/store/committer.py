"""The thread `store`: everything that is written goes through here."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import tzinfo
from pathlib import Path

from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import Event
from edge.settings import RetentionSettings
from edge.store import faults, salvage
from edge.store.database import FILE_NAME, Readers
from edge.store.errors import StoreError
from edge.store.inbox import Inbox
from edge.store.lock import FolderLock
from edge.store.pace import Pace
from edge.store.repair import repair, swap
from edge.store.snapshots import Snapshots
from edge.store.tail import Tail
from edge.store.timekeeper import Timekeeper
from edge.store.upkeep import Upkeep
from edge.store.writer import Writer

GROUP_ROWS = 50
TAKE_ROWS = 500
TICK_S = 0.25
RETRY_S = 1.0
UPKEEP_S = 30.0
SEAL_S = 5.0
CHECK_AT_OPEN_BYTES = 16 * 1024 * 1024

FLAG_WAITING = "event_log_waiting"
FLAG_LOST = "event_log_lost"
FLAG_REPAIRED = "event_log_repaired"

LOG = logging.getLogger("edge.store")


class Committer:
    """Commits what the inbox holds, tells the tail, keeps to the limits of space and age, repairs the file."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        zone: tzinfo,
        keep: RetentionSettings,
        health: Health,
        inbox: Inbox,
        tail: Tail,
        readers: Readers,
    ) -> None:
        self._path = folder / FILE_NAME
        self._clock = clock
        self._zone = zone
        self._health = health
        self._inbox = inbox
        self._tail = tail
        self._readers = readers
        self.snapshots = Snapshots(folder / "snapshots", keep.snapshots_mb)
        self._lock = FolderLock(folder / "lock")
        self._writer = Writer(self._path, zone, self.snapshots)
        self._keep_tidy = Upkeep(folder, self._writer, self.snapshots, tail, keep, health)
        self.time = Timekeeper(clock, self._writer, tail, health)
        self._writing = threading.RLock()
        self._damaged = threading.Event()
        self._pace = Pace()
        self._beat: Callable[[], None] = _no_beat
        self._upkeep_s = 0.0
        self._keep: RetentionSettings | None = None
        self._failing = ""
        self._lost = 0
        self.running = False

    def open(self) -> None:
        """Open the file, repair it where need be, close what a crash left open; raises StoreError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        with ExitStack() as undo, self._writing:
            undo.callback(self._lock.give)
            undo.callback(self._writer.drop)
            self._keep_tidy.before_open()
            self._open_parts()
            undo.pop_all()
        self._keep_tidy.after_open()
        self._tail.start(self._writer.state.last_id)

    def _open_parts(self) -> None:
        try:
            self._open_file()
            self.snapshots.open(self._writer.state.last_id)
            self._writer.close_open(self.time.open())
        except (sqlite3.Error, OSError) as error:
            why = faults.FULL if self._keep_tidy.is_full() else faults.passing(error) or error
            raise StoreError(f"the event log cannot be opened: {why}") from error

    def _open_file(self) -> None:
        swap(self._path)
        try:
            self._writer.open()
            small = self._path.stat().st_size <= CHECK_AT_OPEN_BYTES
            wrong = salvage.damage(self._writer.connected()) if small else ""
        except sqlite3.DatabaseError as error:
            if not faults.is_damage(error):
                raise
            wrong = str(error)
        if wrong:
            self._repair()

    def _repair(self) -> None:
        """Replace the file while nobody reads."""
        with self._readers.none(self._beat):
            self._writer.drop()
            text = repair(self._path, self._zone, self.snapshots, self._beat)
            self._writer.open()
        self._damaged.clear()
        LOG.error("%s", text)
        self._health.raise_flag(FLAG_REPAIRED, f"{text}; check the disk, the card may be wearing out")

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Commit until told to stop; everything appended by then is committed."""
        self.running, self._beat = True, beat
        try:
            while not stop.is_set():
                beat()
                done = self._attempt() if self._wait() else True
                self._tail.wake_due()
                if not done:
                    stop.wait(RETRY_S)
        finally:
            self.running = False
        self.commit_all()

    def _wait(self) -> bool:
        """Wait for events, and for more of them where commits come thick; False where clients are to be woken first."""
        if not self._inbox.wait(1, min(TICK_S, self._tail.due_in_s())):
            return self._tail.due_in_s() > 0
        enough = self._inbox.wait(GROUP_ROWS, min(self._pace.delay_s(), self._tail.due_in_s()))
        return enough or self._pace.delay_s() <= 0

    def commit_all(self) -> bool:
        """Commit all that is queued; False where the disk does not let it."""
        with self._writing:
            done = self._attempt()
            while done and self._inbox.pending():
                done = self._attempt()
            if not done:
                return False
        self._tail.wake_due(now=True)
        return True

    def close(self) -> None:
        """Commit what is left and close the file."""
        if not self.commit_all():
            LOG.error("%d events are lost: %s", self._inbox.pending(), self._failing)
        with self._writing:
            self._readers.close()
            try:
                self._writer.close()
            except sqlite3.Error as error:
                LOG.warning("the event log was not closed cleanly: %s", error)
                self._writer.drop()
            self._lock.give()

    def retain(self, keep: RetentionSettings) -> None:
        """Keep to other limits from the next look at them on; waits for nothing."""
        self._keep = keep

    def seal(self, channel_id: str, since_us: int, until_us: int) -> None:
        """Let no later event fall into this time of a channel; StoreError while a repair takes its time."""
        if not self._writing.acquire(timeout=SEAL_S):
            raise StoreError("the event log is busy: it goes on once that is done")
        try:
            self._writer.seals.put(channel_id, since_us, until_us)
        finally:
            self._writing.release()

    def damaged(self) -> None:
        """Have the file repaired: somebody found it unreadable."""
        self._damaged.set()

    def is_damaged(self) -> bool:
        """Tell whether a repair is to come."""
        return self._damaged.is_set()

    def open_events(self) -> list[Event]:
        """Return the committed events that opened what is not closed yet."""
        return list(self._writer.state.open.values())

    def last_object_id(self, channel_id: str) -> int:
        """Return the highest object id that a channel's committed events ever had."""
        return self._writer.state.channel(channel_id).last_object_id

    def _attempt(self) -> bool:
        """Do what is due; False where the disk does not let it, then nothing is lost and it may be tried again.

        Old events are deleted also while new ones have to wait: that may be what makes room for them.
        """
        with self._writing:
            commits = self._failure_of(self._commit_group)
            if commits:
                self._failure_of(lambda: self._keep_tidy.crowd_out(self._inbox.pending()))
            timed = self._failure_of(lambda: self.time.turn(self._beat))
            upkeep = timed or self._failure_of(self._upkeep)
            self._report(failing=commits or upkeep)
            return not commits

    def _failure_of(self, step: Callable[[], None]) -> str:
        """Take a step and return what keeps it from being done, empty where it is; raises what will not pass."""
        try:
            if self._damaged.is_set():
                self._repair()
            step()
        except (sqlite3.Error, OSError) as error:
            if faults.is_damage(error):
                self._damaged.set()
                return "the event log's file is damaged and is being repaired"
            if text := faults.passing(error):
                return text
            raise
        return ""

    def _commit_group(self) -> None:
        group = self._inbox.take(TAKE_ROWS)
        if not group:
            return
        try:
            entries = self._writer.commit(group, self.time.now())
        except BaseException as error:
            if faults.passing(error) or faults.is_damage(error):
                self._inbox.put_back(group)
            else:
                self._inbox.drop(group)
            raise
        self._pace.spend()
        self._tail.publish([entry.stored for entry in entries])
        self._inbox.done(group)
        self._upkeep_s = min(self._upkeep_s, self._clock.monotonic_s() + TICK_S)

    def _report(self, *, failing: str) -> None:
        if failing:
            self._health.raise_flag(FLAG_WAITING, f"{failing} ({self._inbox.pending()} events wait)")
        elif self._failing:
            self._health.clear_flag(FLAG_WAITING)
        if failing != self._failing:
            LOG.warning("events wait: %s", failing) if failing else LOG.warning("events are committed again")
        self._failing = failing
        if self._inbox.lost != self._lost:
            self._lost = self._inbox.lost
            self._health.raise_flag(FLAG_LOST, f"{self._lost} events are lost, too many had to wait for the disk")

    def _upkeep(self) -> None:
        """Do what is due beside commits: deletes, the sign of life, the ballast."""
        moment = self.time.moment()
        keep, self._keep = self._keep, None
        if keep is not None:
            self._keep_tidy.retain(keep)
        elif moment.monotonic_s < self._upkeep_s:
            return
        more = self._keep_tidy.turn(moment, aging=self.time.aging(moment))
        self._writer.keep_alive(moment)
        self._upkeep_s = moment.monotonic_s + (0.0 if more else UPKEEP_S)


def _no_beat() -> None:
    """Tell nobody: while the log is being opened nobody watches."""
