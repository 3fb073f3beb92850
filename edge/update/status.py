"""How this device stands with updates, for those who ask: nothing here needs root or wakes the service."""

from dataclasses import dataclass, replace
from pathlib import Path

from edge.update.attempt import STATE, Attempt, Attempts
from edge.update.device import BY_PACKAGE, OS_RELEASE, read_device
from edge.update.progress import PROGRESS_FILE, RUN, Progress, read_progress, under_way
from edge.update.slots import PROGRAM

RUNNING_SLOT = Path("/run/edge-slot")
BROKEN_OFF = "the update was broken off; begin it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStatus:
    """`supported`: it takes bundles. `slot` is the running one, `last` the newest attempt."""

    supported: bool
    board: str
    version: str
    epoch: int
    slot: str
    progress: Progress
    last: Attempt | None

    def text(self) -> str:
        """Return in words how it stands: what goes on, else how the newest attempt ended."""
        if not self.supported:
            return BY_PACKAGE
        if self.progress.phase != "idle":
            return f"{self.progress.phase} {self.progress.version} {self.progress.percent} %".replace("  ", " ")
        if self.progress.error:
            wanted = f" to {self.progress.version}" if self.progress.version else ""
            return f"not updated{wanted}: {self.progress.error}"
        return "" if self.last is None else self.last.text()


def read_status(
    run: Path = RUN,
    state: Path = STATE,
    os_release: Path = OS_RELEASE,
    program: Path = PROGRAM,
    running_slot: Path = RUNNING_SLOT,
) -> UpdateStatus:
    """Return how it stands now."""
    device = read_device(os_release, program)
    working = under_way(run)
    progress, last = read_progress(run / PROGRESS_FILE), Attempts(state).newest()
    if not working and progress.phase in {"checking", "writing", "reading back"}:
        progress = Progress(source=progress.source, error=BROKEN_OFF)
    if not working and last is not None and last.stage == "writing":
        last = replace(last, stage="interrupted")
    return UpdateStatus(
        supported=device.slots,
        board=device.board,
        version=device.release.version,
        epoch=device.release.epoch,
        slot=_slot(running_slot) if device.slots else "",
        progress=progress,
        last=last,
    )


def _slot(path: Path) -> str:
    try:
        slot = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return slot if slot in {"a", "b"} else ""
