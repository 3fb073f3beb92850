"""The newest attempt to update, remembered over restarts, and how it ended."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from edge.store.durable import write_durably
from edge.update.slots import SlotState

STATE = Path("/var/lib/edge/update")
OPEN_FILE, LAST_FILE, FAILED_FILE = "open.json", "last.json", "failed.json"
MOST_FAILED = 50
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
Stage = Literal["writing", "trial", "good", "rolled back", "interrupted"]
ENDED: frozenset[Stage] = frozenset({"good", "rolled back", "interrupted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """From which version to which, into which slot. `bundle` is its digest, `boot_id` the start it was made in."""

    stage: Stage
    before: str
    version: str
    slot: str
    bundle: str
    boot_id: str

    def text(self) -> str:
        """Return it in words."""
        return {
            "writing": f"{self.version} is being written to slot {self.slot}",
            "trial": f"{self.version} is on trial in slot {self.slot}",
            "good": f"updated to {self.version} (slot {self.slot})",
            "rolled back": f"rolled back to {self.before}: {self.version} (slot {self.slot}) was not found good",
            "interrupted": f"the update to {self.version} was broken off before it was whole; begin it again",
        }[self.stage]


def judge(attempt: Attempt, state: SlotState, boot_id: str) -> Attempt:
    """Return the attempt with what has become of it by now."""
    if attempt.stage in ENDED:
        return attempt
    if state.running == attempt.slot:
        return replace(attempt, stage="trial" if state.on_trial else "good")
    if boot_id == attempt.boot_id or state.trial == attempt.slot:
        return attempt
    return replace(attempt, stage="rolled back" if attempt.stage == "trial" else "interrupted")


class Attempts:
    """The files of a folder on the data partition: `open.json` while nobody knows how it ends, then `last.json`.

    `failed.json` has the digests of bundles that were rolled back.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, attempt: Attempt) -> None:
        """Remember that it has begun, or has come further; raises OSError."""
        write_durably(self._folder / OPEN_FILE, json.dumps(asdict(attempt)))

    def end(self, attempt: Attempt) -> None:
        """Remember how it ended; raises OSError."""
        if attempt.stage == "rolled back":
            failed = [each for each in self.failed() if each != attempt.bundle]
            write_durably(self._folder / FAILED_FILE, json.dumps([*failed, attempt.bundle][-MOST_FAILED:]))
        write_durably(self._folder / LAST_FILE, json.dumps(asdict(attempt)))
        self.forget()

    def forget(self) -> None:
        """Forget the one that was begun: the device could not do it, and has said so."""
        (self._folder / OPEN_FILE).unlink(missing_ok=True)

    def failed(self) -> list[str]:
        """Return the digests of bundles that were rolled back, the newest last."""
        try:
            read = json.loads((self._folder / FAILED_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [each for each in read if isinstance(each, str)] if isinstance(read, list) else []

    def open(self) -> Attempt | None:
        """Return the one of which nobody knows yet how it ends."""
        return _read(self._folder / OPEN_FILE)

    def newest(self) -> Attempt | None:
        """Return the newest one."""
        return self.open() or _read(self._folder / LAST_FILE)


def this_boot() -> str:
    """Return what names this start of the machine."""
    return BOOT_ID.read_text(encoding="ascii").strip()


def _read(path: Path) -> Attempt | None:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        attempt = Attempt(**read)
    except (OSError, ValueError, TypeError):
        return None
    texts = (attempt.before, attempt.version, attempt.slot, attempt.bundle, attempt.boot_id)
    return attempt if attempt.stage in get_args(Stage) and all(isinstance(each, str) for each in texts) else None
