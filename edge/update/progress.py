"""How far an update is, in a small file in memory that whoever looks may read."""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

Phase = Literal["idle", "checking", "writing", "reading back", "restarting", "waiting for a restart"]


RUN = Path("/run/edge-update")
PROGRESS_FILE, LOCK_FILE = "progress.json", "lock"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on. `error` is why the newest attempt since the start ended, empty where it did not fail."""

    phase: Phase = "idle"
    percent: int = 0
    version: str = ""
    source: str = ""
    error: str = ""


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the file; where memory is full nobody is told, and the update goes on."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(json.dumps(asdict(progress)), encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(path)
    except OSError:
        return


def read_progress(path: Path) -> Progress:
    """Return what the file says; idle where there is none."""
    try:
        progress = Progress(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Progress()
    return progress if progress.phase in get_args(Phase) else Progress()


def under_way(folder: Path) -> bool:
    """Tell whether an update is being written now: its process holds the lock, which no crash leaves behind."""
    try:
        with (folder / LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
