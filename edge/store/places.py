"""What lies in the state's folder where something else belongs: a folder for a file, a file for a folder, a link."""

import stat
from collections.abc import Callable
from pathlib import Path

FLAG = "state_mended"
FILES = (
    "events.db",
    "deliveries.db",
    "tracks.db",
    "event_ids",
    "device-id",
    "tokens.json",
    "last-good.yaml",
    "cameras.json",
    "hangs.json",
    "mqtt.json",
    "mqtt-problems.json",
    "wear.json",
    "ballast",
    "lock",
)
FOLDERS = ("snapshots",)


def set_aside(state_dir: Path) -> str:
    """Move what is of the wrong kind out of the way, as NAME.odd-N, and return what to tell; empty for nothing.

    What cannot be read for its rights stays where it is: it may be whole. Raises OSError where nothing can be moved.
    """
    moved = [_aside(state_dir / name) for name in FILES if not _is(state_dir / name, stat.S_ISREG)]
    moved += [_aside(state_dir / name) for name in FOLDERS if not _is(state_dir / name, stat.S_ISDIR)]
    if not moved:
        return ""
    names = ", ".join(moved)
    return f"in {state_dir} lay what does not belong there; it was moved aside ({names}) and begun anew: check the disk"


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    """Tell whether there is nothing, or something of this kind."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return not path.is_symlink()
    except PermissionError:
        return True
    except OSError:
        return False
    return kind(mode)


def _aside(path: Path) -> str:
    number = 1
    while (odd := path.with_name(f"{path.name}.odd-{number}")).is_symlink() or odd.exists():
        number += 1
    path.rename(odd)
    return odd.name
