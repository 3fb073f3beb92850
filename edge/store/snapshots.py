"""Pictures of events: one JPEG file per frame that had events, sharded by id, the oldest removed first."""

import os
from pathlib import Path

SHARD = 1000
BLOCK = 4096
MB = 1024 * 1024
LEFT_FREE = 4 * MB
ROOM_STEP = 20
START, END = b"\xff\xd8", b"\xff\xd9"


class Snapshots:
    """The files of one folder, `snapshots/000012/12345.jpg`; used by the store's thread, read by every thread.

    Files are not fsynced: after a power cut a picture may be missing or torn, and a torn one counts as missing.
    """

    def __init__(self, folder: Path, max_mb: int) -> None:
        self._folder = folder
        self._max_bytes = max_mb * MB
        self._shards: dict[int, dict[int, int]] = {}
        self._bytes = 0

    def limit(self, max_mb: int) -> None:
        """Keep to another size."""
        self._max_bytes = max_mb * MB
        self._trim()

    def open(self, last_id: int) -> None:
        """Count what is there; pictures of events that were never committed go."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._shards, self._bytes = {}, 0
        for path in self._folder.glob("*/*"):
            if path.suffix != ".jpg" or not path.stem.isdecimal() or int(path.stem) > last_id:
                path.unlink(missing_ok=True)
            else:
                self._count(int(path.stem), path.stat().st_size)
        self._trim()

    def put(self, event_id: int, jpeg: bytes) -> bool:
        """Write a picture before its events are committed; False where it cannot be kept."""
        if self._max_bytes == 0:
            return False
        self.make_room(LEFT_FREE, ROOM_STEP)
        if self.free() < LEFT_FREE:  # the last room is left to events
            return False
        path = self._path(event_id)
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(jpeg)
        except OSError:
            path.unlink(missing_ok=True)
            return False
        self._count(event_id, len(jpeg))
        self._trim()
        return True

    def get(self, event_id: int) -> bytes | None:
        """Return a picture, None where it is gone."""
        try:
            jpeg = self._path(event_id).read_bytes()
        except OSError:
            return None
        return jpeg if jpeg.startswith(START) and jpeg.endswith(END) else None

    def remove(self, event_id: int) -> None:
        """Remove one picture, where it is there."""
        shard = self._shards.get(event_id // SHARD, {})
        self._bytes -= shard.pop(event_id, 0)
        self._path(event_id).unlink(missing_ok=True)
        if not shard:
            self._drop_shard(event_id // SHARD)

    def remove_before(self, event_id: int) -> None:
        """Remove the pictures of all events before this one."""
        while (oldest := self._oldest()) is not None and oldest < event_id:
            self.remove(oldest)

    @property
    def size(self) -> int:
        """Space taken, in bytes."""
        return self._bytes

    def free(self) -> int:
        """Return how much room the disk has, in bytes."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize

    def make_room(self, wanted: int, most: int) -> int:
        """Remove the oldest pictures, so many at most, until the disk has as much room; return how many went."""
        gone = 0
        while gone < most and self.free() < wanted and (oldest := self._oldest()) is not None:
            self.remove(oldest)
            gone += 1
        return gone

    def _trim(self) -> None:
        while self._bytes > self._max_bytes and (oldest := self._oldest()) is not None:
            self.remove(oldest)

    def _oldest(self) -> int | None:
        return min(self._shards[min(self._shards)]) if self._shards else None

    def _count(self, event_id: int, size: int) -> None:
        blocks = -(-size // BLOCK) * BLOCK
        shard = self._shards.setdefault(event_id // SHARD, {})
        self._bytes += blocks - shard.get(event_id, 0)
        shard[event_id] = blocks

    def _drop_shard(self, number: int) -> None:
        self._shards.pop(number, None)
        folder = self._folder / f"{number:06d}"
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _path(self, event_id: int) -> Path:
        return self._folder / f"{event_id // SHARD:06d}" / f"{event_id}.jpg"
