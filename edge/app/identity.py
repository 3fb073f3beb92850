"""Who this device is: an id made once and kept with its state."""

import re
import secrets
from pathlib import Path

from edge.store.durable import write_durably

ID_FILE = "device-id"
ID_FORM = re.compile(r"[0-9a-f]{12}")


def device_id(state_dir: Path) -> str:
    """Return the device's id, 12 hexadecimal digits; made at first use. A damaged file is replaced."""
    path = state_dir / ID_FILE
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        kept = ""
    if ID_FORM.fullmatch(kept):
        return kept
    made = secrets.token_hex(6)
    write_durably(path, made + "\n")
    return made


def default_name(identity: str) -> str:
    """Return the name of a device that was given none."""
    return f"edge-{identity[-6:]}"
