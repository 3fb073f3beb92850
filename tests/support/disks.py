"""A real disk that is soon full."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(disk: Path) -> Iterator[Path]:
    """A disk of 12 MB at `disk`; the test is skipped where none can be mounted."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def hog(disk: Path, leave: int = 0) -> Path:
    """Fill the disk, to the last byte or so many before it, and return the file that does."""
    path = disk / "hog"
    if leave:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - leave)
        return path
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return path
