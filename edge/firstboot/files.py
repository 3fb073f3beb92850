"""Writing that survives a power cut: whole files on the data partition, bytes in place on the boot partition."""

import os
from pathlib import Path


def read_up_to(path: Path, size: int) -> bytes:
    """Return what a file begins with, at most so many bytes. Raises OSError."""
    with path.open("rb") as file:
        return file.read(size)


def put(path: Path, text: str | bytes, mode: int) -> None:
    """Replace a file whole, with the group of its folder; nothing is written where it says the same already.

    Where `path` is a link, what it points to is replaced: an image has `/etc/hostname` on its data partition.
    """
    path = path.resolve()
    content = text.encode() if isinstance(text, str) else text
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(content)
        out.flush()
        if os.geteuid() == 0:
            os.fchown(file, 0, path.parent.stat().st_gid)
        os.fchmod(file, mode)
        os.fsync(file)
    beside.replace(path)
    _sync_folder(path.parent)


def overwrite(path: Path, at: int, content: bytes) -> None:
    """Write bytes over those that are there, without making the file shorter: safe on FAT, unlike a rename."""
    new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(file, content, at)
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)


def give_to_folder(path: Path) -> None:
    """Give a file that root made to the owner of its folder, who is to work with it."""
    if os.geteuid() == 0 and path.exists():
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
