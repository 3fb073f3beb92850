"""One process at a time writes a log."""

import fcntl
import os
from pathlib import Path

from edge.store.errors import StoreError


class FolderLock:
    """Held as long as the process lives, whatever ends it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def take(self) -> None:
        """Take the lock; raises StoreError where another process has it."""
        if self._file >= 0:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise StoreError(
                f"another edge uses {self._path.parent}: stop it, or give this one a state_dir of its own"
            ) from None
        self._file = file

    def give(self) -> None:
        """Let it go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
