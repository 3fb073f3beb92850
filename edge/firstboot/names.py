"""Files on the boot partition whose names are nearly right, as Windows, browsers and text editors make them."""

import re
from pathlib import Path

_LIKE = r"{stem}(?: ?\(\d+\)| - copy)?(?:\.ya?ml)*(?:\.txt|\.rtf)?"


def misnamed(wanted: Path) -> list[str]:
    """Return lines for people where a file beside `wanted`, which is missing, seems to be meant for it; else none."""
    stem = wanted.name.removesuffix(".yaml")
    like = re.compile(_LIKE.format(stem=re.escape(stem)), re.IGNORECASE)
    found = [path.name for path in _files(wanted.parent) if path.suffix and like.fullmatch(path.name)]
    if not found:
        return []
    lines = [f"{wanted.name}: NOT taken; it is named {found[0]} here: rename it to {wanted.name}"]
    if found[0].lower().endswith(".txt"):
        lines.append("  Windows hides the .txt at its end: in the Explorer choose View, then File name extensions")
    return lines


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []
