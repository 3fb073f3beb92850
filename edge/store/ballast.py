"""A file that only holds space, so that a full disk can still be made less full."""

import os
from pathlib import Path

SIZE = 1024 * 1024
FREE_FACTOR = 8


class Ballast:
    """SQLite needs room even to delete: the ballast gives it where there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hold(self) -> None:
        """Take the space again, where the disk has plenty."""
        if self._path.exists() or self._free() < FREE_FACTOR * SIZE:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, SIZE)
        except OSError:
            self.drop()

    def needed(self) -> bool:
        """Tell whether the disk is so full that hardly anything can be written."""
        return self._free() < SIZE

    def drop(self) -> None:
        """Give the space to whoever needs it now."""
        self._path.unlink(missing_ok=True)

    def _free(self) -> int:
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize
