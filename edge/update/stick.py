"""The bundle on a USB stick: found in its top folder, handed to the service."""

import re
from pathlib import Path

from edge.update.client import SOCKET, send_bundle
from edge.update.errors import UpdateError

PATTERN = "edge-*.edgeup"
MOST_FILES = 20


def install_from(folder: Path, socket: Path = SOCKET) -> str:
    """Install the bundle that is for this device; return in words what came of it, raise UpdateError where it failed.

    A stick may hold bundles for several boards and versions: all are tried, the newest names first, until one is taken.
    What runs already, and what was tried last or rolled back, is not installed again: a stick may stay in.
    """
    found = sorted((path for path in folder.glob(PATTERN) if path.is_file()), key=_by_version, reverse=True)
    if not found:
        return f"no {PATTERN} on this stick"
    said: list[UpdateError] = []
    for path in found[:MOST_FILES]:
        try:
            with path.open("rb") as bundle:
                return send_bundle(bundle, f"USB stick, {path.name}", restart=True, repeat=False, path=socket).text
        except UpdateError as error:
            if error.kind not in {"refused", "done"}:
                raise
            said.append(error)
        except OSError as error:
            said.append(UpdateError(f"{path.name}: {error.strerror}"))
    text = "; ".join(str(each) for each in said)
    if any(each.kind == "done" for each in said):
        return text
    raise UpdateError(text)


def _by_version(path: Path) -> list[tuple[int, str]]:
    """Return what names are put in order by: 0.10 is newer than 0.9."""
    return [(int(each), "") if each.isdecimal() else (0, each) for each in re.split(r"([0-9]+)", path.name)]
