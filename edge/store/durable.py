"""Small files that are replaced whole."""

import ctypes
import os
from pathlib import Path


def write_durably(path: Path, text: str) -> None:
    """Replace a small file whole: after a power cut there is the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync(path.parent)


def replace_durably(path: Path, content: bytes, mode: int) -> None:
    """Replace a file that others read too: with these rights, and where root writes it, with its folder's owner.

    A folder that is not there is made, with the owner of the one above.
    """
    make_folders(path.parent)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(content)
        out.flush()
        if os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(file, folder.st_uid, folder.st_gid)
        os.fchmod(file, mode)
        os.fsync(file)
    beside.replace(path)
    _sync(path.parent)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, each like the one it is in: owner, group and rights."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    above = folder.parent.stat()
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, above.st_uid, above.st_gid, follow_symlinks=False)
    folder.chmod(above.st_mode & 0o777)


def sync_disk(folder: Path) -> None:
    """Have all that was written to the file system of a folder on its disk: one wait for thousands of files.

    Raises OSError where the disk fails.
    """
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(file):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(file)


def _sync(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
