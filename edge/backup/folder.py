"""Where a restore lies in `state_dir` while it is on its way, and the notes that say how far it is.

Each note is replaced whole, so after a power cut it says what was or what is:

    new/                  unpacked and found right; nothing is changed yet
    pending.json          it is to be done, or to be taken back; whoever finds it goes on with it
    old/ + applied.json   done, and on trial: the state before stands in old/
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from edge.backup.errors import BackupError
from edge.backup.members import CONFIG, STATE_MEMBERS, TOKENS, Choice
from edge.store.copies import COMPANIONS
from edge.store.durable import write_durably

NAME = "restore"
_KNOWN = frozenset([TOKENS, *(f"{each.name}{end}" for each in STATE_MEMBERS for end in COMPANIONS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done with the state: `put` comes from new/, `away` goes to old/ though nothing comes for it.

    `of_device` is told in words. To take a restore back, `had` are the names that had something before.
    """

    act: Literal["apply", "take back"]
    choice: str = Choice.SAME.value
    of_device: str = ""
    put: Sequence[str] = ()
    away: Sequence[str] = ()
    had: Sequence[str] = ()
    why: str = ""
    starts: int = 0

    def taken_back(self, why: str) -> "Order":
        """Return the order that undoes this one."""
        return replace(self, act="take back", why=why)


class RestoreFolder:
    """`state_dir/restore`: its paths and its notes."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.path = state_dir / NAME
        self.part = self.path / "new.part"
        self.new = self.path / "new"
        self.old = self.path / "old"
        self.absent = self.old / "absent"
        self.undone = self.path / "undone"
        self.prepared = self.new / "prepared"
        self._pending = self.path / "pending.json"
        self._applied = self.path / "applied.json"
        self._outcome = self.path / "outcome.txt"

    def make(self) -> None:
        """Make the folder; one that is a link is refused: root follows none that another user has made."""
        if self.path.is_symlink():
            raise BackupError(f"{self.path} is a link: remove it")
        self.path.mkdir(mode=0o700, exist_ok=True)
        give_to_owner(self.path)

    def pending(self) -> Order | None:
        """Return what is to be done."""
        return _read(self._pending)

    def applied(self) -> Order | None:
        """Return what was done and is on trial."""
        return _read(self._applied)

    def order(self, order: Order) -> None:
        """Say that this is to be done: from here on it is, whatever happens."""
        self._write(self._pending, order)

    def on_trial(self, order: Order) -> None:
        """Say that this was done, and nothing waits."""
        self._write(self._applied, order)
        self._pending.unlink(missing_ok=True)
        sync(self.path)

    def settle_trial(self) -> None:
        """Say that what was done stays; what was kept for the way back may go."""
        self._applied.unlink(missing_ok=True)
        sync(self.path)

    def settled(self) -> None:
        """Let go of what was kept for the way back."""
        self._applied.unlink(missing_ok=True)
        self._pending.unlink(missing_ok=True)
        sync(self.path)
        self.tidy()

    def drop_settings(self) -> None:
        """Give up putting settings back."""
        remove(self.old / CONFIG)
        remove(self.absent)

    def outcome(self) -> str:
        """Return what came of the last restore where it was not done; empty for nothing to tell."""
        try:
            return self._outcome.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def tell(self, text: str) -> None:
        """Keep what came of it, to be told when the program runs."""
        write_durably(self._outcome, text)
        give_to_owner(self._outcome)

    def told(self) -> None:
        """Forget what came of the last restore."""
        self._outcome.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what belongs to no restore that is on its way."""
        if not self.path.is_dir() or self.path.is_symlink():
            return
        waits, stands = self.pending() is not None, self.applied() is not None
        remove(self.part)
        remove(self.undone)
        if not waits:
            remove(self.new)
        if not waits and not stands:
            remove(self.old)

    def tidy_trial(self) -> None:
        """Remove what was kept for the way back from a restore that does well; what is taken in meanwhile stays."""
        remove(self.undone)
        if self.pending() is None:
            remove(self.old)

    def _write(self, path: Path, order: Order) -> None:
        write_durably(path, json.dumps(asdict(order)))
        give_to_owner(path)


def _read(path: Path) -> Order | None:
    """Return an order; one that is damaged, or names what no backup has, is none: root reads it too."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        order = Order(**body)
        names = [*order.put, *order.away, *order.had]
    except (OSError, ValueError, TypeError):
        return None
    known = all(isinstance(name, str) and name in _KNOWN for name in names)
    return order if known and order.act in ("apply", "take back") and isinstance(order.starts, int) else None


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Have what was renamed in a folder on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def give_to_owner(path: Path) -> None:
    """Give what root made to the owner of its folder, who is to work with it."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
