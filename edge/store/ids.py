"""Ids that are never given twice, whatever happens to the database."""

import os
from pathlib import Path

AHEAD = 10_000


class IdReserve:
    """A small file beside the log that says up to which id ids may have been given.

    It is written once in 10,000 events. Only where the log's own knowledge is lost does numbering go on behind it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reserved = 0

    def start(self, last_id: int, *, lost: bool) -> int:
        """Return the id after which numbering goes on; `lost` says that the log itself cannot know."""
        self._reserved = self.read()
        return max(last_id, self._reserved) if lost else last_id

    def put(self, reserved: int) -> None:
        """Say that ids up to this one may have been given; raises OSError where the file cannot be written."""
        self._write(reserved)

    def cover(self, last_id: int) -> None:
        """Make sure that ids up to this one are reserved; raises OSError where the file cannot be written."""
        if last_id > self._reserved:
            self._write(last_id + AHEAD)

    def read(self) -> int:
        """Return up to which id ids may have been given, 0 where that is not known."""
        try:
            return int(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def _write(self, reserved: int) -> None:
        new = self._path.with_suffix(".new")
        with new.open("w", encoding="ascii") as file:
            file.write(str(reserved))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._reserved = reserved
