"""Takes the files of the folder `secrets`, which `edge.yaml` names as /etc/edge/secrets/NAME, then blanks them there.

```
 secrets/mqtt ──> /etc/edge/secrets/mqtt, for the program to read ──> overwritten with blanks, length kept
```

A cut may come between any two writes. A file that is in part what was taken and in part blank is blanked again, never
taken: FAT writes sectors, in any order.
"""

import os
import re
from pathlib import Path

from edge.firstboot.blank import SECTOR
from edge.firstboot.files import overwrite, put, read_up_to

FOLDER = "secrets"
MOST_BYTES = 65_536
MOST_FILES = 50
NOTE = b"This device has taken what was here. To replace it, put a new file in its place.\r\n"
FOR_THE_PROGRAM = 0o640
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OF_COMPUTERS = re.compile(r"\..*|desktop\.ini|thumbs\.db|System Volume Information", re.IGNORECASE)
"""What macOS and Windows put into folders that they show."""


def take_secrets(source: Path, target: Path | None) -> list[str]:
    """Take the files of `source` to `target`; return lines for people, without the secrets.

    Raises OSError where `target` cannot be written.
    """
    try:
        found = sorted(path for path in source.iterdir() if not _OF_COMPUTERS.fullmatch(path.name))
    except OSError:
        return []
    if found and target is None:
        return [f"{FOLDER}: NOT taken; this device keeps none"]
    if len(found) > MOST_FILES:
        return [f"{FOLDER}: NOT taken; {len(found)} files, {MOST_FILES} at most"]
    return [f"{FOLDER}/{path.name}: {_take(path, target / path.name)}" for path in found if target is not None]


def filler(size: int) -> bytes:
    """Return what stands in a file of that size once it was taken."""
    return (NOTE if size >= len(NOTE) else b"").ljust(size)


def _take(source: Path, target: Path) -> str:
    """Take one file; return in words what became of it."""
    try:
        wrong = _unfit(source)
        content = b"" if wrong else read_up_to(source, MOST_BYTES + 1)
        kept = read_up_to(target, MOST_BYTES + 1) if target.is_file() else b""
    except OSError as error:
        return f"NOT taken; it cannot be read ({error.strerror})"
    if wrong or not content or len(content) > MOST_BYTES:
        return f"NOT taken; {wrong or (f'it is larger than {MOST_BYTES} bytes' if content else 'it is empty')}"
    if content == filler(len(content)):
        return "taken, and blanked" if kept else "NOT here any more: it was taken before, put it here again"
    if not _is_torn(content, kept):
        _folder(target.parent)
        put(target, content, FOR_THE_PROGRAM)
    try:
        overwrite(source, 0, filler(len(content)))
    except OSError as error:
        return f"taken, but it can still be read here: it cannot be written ({error.strerror})"
    return "taken, and blanked"


def _unfit(path: Path) -> str:
    """Return why something is not taken whatever is in it; else nothing."""
    if not _NAME.fullmatch(path.name):
        return "name it with letters, digits, dot, hyphen and underscore only (64 at most)"
    return "" if path.is_file() and not path.is_symlink() else "it is no file"


def _is_torn(content: bytes, kept: bytes) -> bool:
    """Tell whether blanking was cut short: each sector is what was taken or blank, and one at least is blank."""
    if len(content) != len(kept) or content == kept:
        return content == kept
    blank = filler(len(content))
    spans = [slice(at, at + SECTOR) for at in range(0, len(content), SECTOR)]
    return len(spans) > 1 and all(content[span] in (kept[span], blank[span]) for span in spans)


def _folder(path: Path) -> None:
    """Make the folder where it is missing, as the package makes it: for root, and for the program to read."""
    if not path.is_dir():
        path.mkdir(mode=0o750, parents=True)
        if os.geteuid() == 0:
            os.chown(path, 0, path.parent.stat().st_gid)
