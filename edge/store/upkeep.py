"""What is deleted of the log, and when: too old, too much, or in the way of a disk that is full."""

import sqlite3
from pathlib import Path

from edge.health import Health
from edge.settings import RetentionSettings
from edge.store import faults, retention
from edge.store.ballast import Ballast
from edge.store.database import FILE_NAME
from edge.store.eras import Moment
from edge.store.snapshots import Snapshots
from edge.store.tail import Tail
from edge.store.track_file import FILE_NAME as TRACKS
from edge.store.writer import Writer

STEPS = 20
MB = 1024 * 1024
LOW = 6 * MB
"""With less room than this the oldest pictures go. Tracks go below 4 MB, where no picture is left to go."""
PICTURES = 500
CROWDED = 10_000
"""Where the disk stays full and more events than this wait, the oldest ones make room, before new ones are let go."""
NOTICE = "disk_full"


class Upkeep:
    """Keeps events and pictures to their limits; used under the committer's lock."""

    def __init__(
        self,
        folder: Path,
        writer: Writer,
        snapshots: Snapshots,
        tail: Tail,
        keep: RetentionSettings,
        health: Health,
    ) -> None:
        self._path = folder / FILE_NAME
        self._writer = writer
        self._snapshots = snapshots
        self._tail = tail
        self._ballast = Ballast(folder / "ballast")
        self._limits = _limits(keep)
        self._health = health

    def before_open(self) -> None:
        """Make room: to open the file takes some too, and a device has to start on a full disk."""
        if self._ballast.needed():
            self._ballast.drop()

    def after_open(self) -> None:
        """Take the ballast again where there is room."""
        self._ballast.hold()

    def is_full(self) -> bool:
        """Tell whether hardly anything can be written."""
        return self._ballast.needed()

    def retain(self, keep: RetentionSettings) -> None:
        """Keep to other limits from now on."""
        self._limits = _limits(keep)
        self._snapshots.limit(keep.snapshots_mb)

    def turn(self, moment: Moment, *, aging: bool) -> bool:
        """Delete a few steps of old events; True where there is more to do. Without `aging` none is too old."""
        self._make_room()
        limits = self._limits.beside(_size(self._path.with_name(TRACKS)))
        for _ in range(STEPS):
            upto_id = retention.doomed(
                self._writer.connected(), limits, moment.age_s, synced=moment.synced, aging=aging
            )
            if upto_id is None:
                self._ballast.hold()
                return False
            self._delete(upto_id)
        return True

    def _make_room(self) -> None:
        """Let the oldest pictures go where the disk is nearly full, whoever filled it, and say so."""
        self._snapshots.make_room(LOW, PICTURES)
        free = self._snapshots.free()
        text = (
            f"the disk is nearly full ({free / MB:.0f} MB left): pictures of events are deleted, the oldest first, "
            "then what was tracked; events stay. Free some space, or lower retention"
        )
        self._health.set_notice(NOTICE, text if free < LOW else "")

    def crowd_out(self, pending: int) -> None:
        """Delete a few of the oldest events where the disk stays full and the newest would soon be let go."""
        if pending < CROWDED or not self.is_full():
            return
        oldest = retention.oldest(self._writer.connected())
        if oldest is not None:
            self._delete(oldest)

    def _delete(self, upto_id: int) -> None:
        try:
            self._writer.delete(upto_id)
        except sqlite3.OperationalError as error:
            if not faults.is_full(error):
                raise
            self._ballast.drop()
            self._writer.delete(upto_id)
        self._tail.forget(upto_id)
        self._snapshots.remove_before(upto_id + 1)


def _limits(keep: RetentionSettings) -> retention.Limits:
    return retention.Limits(keep.events_days, keep.max_mb * MB)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
