"""Who this device is: an id made once and kept with its state."""

import os
import re
import secrets
from pathlib import Path

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


def write_durably(path: Path, text: str) -> None:
    """Replace a small file whole: after a power cut there is the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
