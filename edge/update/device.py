"""What this device is: its board, the version that runs, whether it has slots."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from edge import __version__
from edge.update.errors import UpdateError
from edge.update.manifest import Manifest
from edge.update.slots import PROGRAM
from edge.update.version import Release

OS_RELEASE = Path("/usr/lib/os-release")
BY_PACKAGE = "this device is updated by its package manager: apt install ./edge_VERSION_ARCH.deb"


@dataclass(frozen=True, slots=True)
class Device:
    """A board and the release that runs on it; `slots` tells whether it can take bundles."""

    board: str
    release: Release
    slots: bool


def read_device(os_release: Path = OS_RELEASE, program: Path = PROGRAM) -> Device:
    """Return what this device is, from its os-release; a plain Debian has neither board nor slots."""
    said = _read(os_release)
    board = said.get("IMAGE_ID", "")
    try:
        epoch = int(said.get("EDGE_BUILD_EPOCH", "0"))
        release = Release(said.get("IMAGE_VERSION", __version__), epoch)
    except ValueError:
        release = Release(__version__, 0)
    return Device(board, release, slots=bool(board) and program.exists())


def require_fit(manifest: Manifest, device: Device) -> None:
    """Raise UpdateError where a bundle is for another board, or a step back."""
    if manifest.board != device.board:
        raise UpdateError(f"the bundle is for {manifest.board}, this device is {device.board}")
    if manifest.release.is_older_than(device.release):
        raise UpdateError(
            f"the bundle is {_named(manifest.release)}, older than {_named(device.release)} which runs here; "
            "a device goes back only by flashing its card"
        )


def _named(release: Release) -> str:
    return f"{release.version} (made at {release.epoch})"


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): _unquoted(value) for name, _, value in pairs}


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return ""
