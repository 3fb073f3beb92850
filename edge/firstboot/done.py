"""What was done before, kept beside the state: so that nothing is taken twice, and a cut is known for what it is."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.store.durable import write_durably

FILE = "first-boot.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """SHA-256 of the files that were taken; where the password stood and what the file is without it; the token."""

    settings: str = ""
    wifi: str = ""
    wifi_blanked: str = ""
    wifi_start: int = 0
    wifi_end: int = 0
    token_told: bool = False


def load_done(state_dir: Path) -> Done:
    """Return what is noted; nothing where the note is missing or damaged."""
    try:
        return Done(**json.loads((state_dir / FILE).read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return Done()


def save_done(state_dir: Path, done: Done) -> None:
    """Note it, so that a power cut keeps the old note or the new one."""
    write_durably(state_dir / FILE, json.dumps(asdict(done)) + "\n")
