"""What the kernel says of the disk that a folder lies on, and of what this process has written."""

import os
from dataclasses import dataclass
from pathlib import Path

SECTOR_BYTES = 512
_WRITTEN_SECTORS = 6
"""Place of the written sectors in `stat` (Documentation/block/stat.rst); a sector there has 512 bytes on any disk."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A whole disk, or card: its name, its size, and what was written to it since the machine was started, in bytes.

    `wears`: it is a memory card or a stick, of which nobody says how worn it is.
    """

    name: str
    size_bytes: int
    written_bytes: int
    wears: bool


def disk_of(folder: Path, sys: Path = Path("/sys")) -> Disk | None:
    """Return the disk that a folder lies on; None where it lies on none that can be named (memory, a network)."""
    try:
        device = folder.stat().st_dev
        place = (sys / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}").resolve(strict=True)
        if (place / "partition").exists():
            place = place.parent
        return Disk(
            name=place.name,
            size_bytes=_number(place / "size") * SECTOR_BYTES,
            written_bytes=int((place / "stat").read_text("ascii").split()[_WRITTEN_SECTORS]) * SECTOR_BYTES,
            wears=place.name.startswith("mmcblk") or _number(place / "removable") == 1,
        )
    except (OSError, ValueError, IndexError):
        return None


def own_bytes(io: Path = Path("/proc/self/io")) -> int:
    """Return what this process has had written to disks since it started, in bytes; 0 where the kernel does not say."""
    try:
        lines = dict(line.split(": ") for line in io.read_text("ascii").splitlines())
        return int(lines["write_bytes"])
    except (OSError, ValueError, KeyError):
        return 0


def _number(path: Path) -> int:
    return int(path.read_text("ascii"))
