"""Backups and restores asked of a running device: what its API needs of them."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.backup.apply import begin, choice_of, own_id
from edge.backup.archive import Readable
from edge.backup.errors import BackupError
from edge.backup.folder import RestoreFolder
from edge.backup.make import Backup, Subject, Wanted, begin_backup
from edge.backup.members import Choice
from edge.backup.texts import consequence
from edge.backup.unpack import Unpacked, unpack
from edge.config.errors import ConfigErrors

LOG = logging.getLogger("edge.backup")
KEPT_S = 1800.0
"""So long a backup that was taken in waits for the word; then it is let go of."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A backup that can be restored. `keep` and `replace` say what this device becomes, a sentence or two each.

    Of the same device there is no choice: then both say the same.
    """

    unpacked: Unpacked
    same_device: bool
    keep: str
    replace: str


class Desk:
    """Makes backups, takes them in, and has them restored at the next start. Every call may come from any thread.

    `subject` gives what is to be backed up, and what is wrong with it; `restart` ends the program, to be started anew.
    """

    def __init__(
        self,
        settings_file: Path,
        state_dir: Path,
        subject: Callable[[], tuple[Subject, str]],
        restart: Callable[[], None],
    ) -> None:
        self._settings_file = settings_file.absolute()
        self._folder = RestoreFolder(state_dir.absolute())
        self._subject = subject
        self._restart = restart
        self._lock = threading.Lock()
        self._offer: Offer | None = None
        self._until_s = 0.0

    @property
    def state_dir(self) -> Path:
        """The folder in which an upload may lie meanwhile."""
        return self._folder.state_dir

    def backup(self, wanted: Wanted, go_on: Callable[[], bool]) -> Backup:
        """Begin a backup; raises BackupError."""
        try:
            subject, fault = self._subject()
        except (ConfigErrors, OSError, UnicodeDecodeError) as error:
            raise BackupError(f"the settings cannot be backed up: {str(error).splitlines()[0]}") from error
        if fault:
            LOG.warning("%s; these are backed up", fault)
        return begin_backup(subject, wanted, work=self.state_dir, time_s=int(time.time()), go_on=go_on)

    def take(self, stream: Readable) -> Offer:
        """Take a backup in and check it; nothing of the device is changed. Raises BackupError."""
        if not self._lock.acquire(blocking=False):
            raise BackupError("another backup is being taken in; try again in a minute")
        try:
            self._offer = None
            unpacked = unpack(stream, self._folder, self._settings_file)
            own = own_id(self.state_dir)
            same = unpacked.head.device_id == own
            as_new, instead = (choice_of(unpacked.head, own, replace_it=each) for each in (False, True))
            keep, replace = (consequence(each, unpacked.head, own) for each in (as_new, instead))
            self._offer = Offer(unpacked, same, keep, replace)
            self._until_s = time.monotonic() + KEPT_S
            return self._offer
        finally:
            self._lock.release()

    def restore(self, *, replace_it: bool, offer: Offer | None = None) -> Choice:
        """Order what was taken in to be restored, and end the program; raises BackupError where nothing was.

        With `offer` that one and no other, which somebody else may have brought since.
        """
        with self._lock:
            if self._offer is None or time.monotonic() > self._until_s:
                raise BackupError("there is no backup that waits to be restored: upload it first")
            if offer is not None and offer is not self._offer:
                raise BackupError("another backup was taken in meanwhile: upload this one again")
            head, self._offer = self._offer.unpacked.head, None
            choice = choice_of(head, own_id(self.state_dir), replace_it=replace_it)
            try:
                begin(self._folder, head, choice)
            except OSError as error:
                raise BackupError(f"the restore cannot be begun: {error.filename}: {error.strerror}") from error
        self._restart()
        return choice

    def forget(self) -> None:
        """Let go of what was taken in."""
        with self._lock:
            self._offer = None
            self._folder.tidy()

    def _tidy(self) -> None:
        with self._lock:
            if self._offer is None:  # else another has been taken in meanwhile
                self._folder.tidy()

    def tick(self) -> None:
        """Let go of what nobody gave the word for."""
        if self._offer is not None and time.monotonic() > self._until_s and self._lock.acquire(blocking=False):
            self._offer = None
            self._lock.release()
            with suppress(RuntimeError):
                threading.Thread(target=self._tidy, name="restore-tidy", daemon=True).start()
