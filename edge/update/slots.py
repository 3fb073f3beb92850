"""The slots of an appliance, through `edge-slot`: the one program that knows how they are chosen."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.update.errors import UpdateError

PROGRAM = Path("/usr/lib/edge-appliance/edge-slot")
TRIES = 3
"""So often a new system is started at most, unless it is found good."""
_SHOWN = re.compile(r"slot ([ab]) is running; good ([ab])(?:; ([ab]) on trial, (\d+) more starts)?")
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class SlotState:
    """Which slot runs, and which is good; `trial` has so many starts `left`, and is empty where none is on trial."""

    running: str
    good: str
    trial: str = ""
    left: int = 0

    @property
    def on_trial(self) -> bool:
        """Whether the running system is not yet found good."""
        return self.running != self.good


class Slots:
    """The slots; `command` is the program, with what it is to be started by."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    def state(self) -> SlotState:
        """Return how things stand; raise UpdateError where the program cannot tell."""
        told = self._run("show")
        found = _SHOWN.search(told)
        if found is None:
            raise UpdateError(f"edge-slot tells something else than the state of the slots: {told.strip()!r}", "failed")
        running, good, trial, left = found.groups()
        return SlotState(running, good, trial or "", int(left or 0))

    def inactive(self) -> tuple[str, Path]:
        """Return name and device of the slot that does not run; raise UpdateError."""
        words = self._run("inactive").split()
        if len(words) != 2 or words[0] not in {"a", "b"}:  # noqa: PLR2004 - SLOT DEVICE
            raise UpdateError(f"edge-slot names no slot to write to: {' '.join(words)!r}", "failed")
        return words[0], Path(words[1])

    def begin_trial(self, slot: str) -> None:
        """Let the next starts be from this slot; raise UpdateError."""
        self._run("try", slot, str(TRIES))

    def cancel_trial(self) -> None:
        """Let no slot be tried, and none but the running one be good; raise UpdateError."""
        self._run("cancel")

    def _run(self, *words: str) -> str:
        command = [*self._command, *words]
        try:
            done = subprocess.run(  # noqa: S603 - the device's own program
                command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UpdateError(f"edge-slot {words[0]}: {error}", "failed") from None
        if done.returncode:
            text = done.stderr.strip() or f"ended with {done.returncode}"
            raise UpdateError(f"edge-slot {words[0]}: {text.removeprefix('edge-slot: ')}", "failed")
        return done.stdout
