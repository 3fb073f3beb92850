"""Bundles for tests of the started image: its own system under another version, signed with the key of the build."""

import os
import re
import subprocess
import sys
from pathlib import Path

BUNDLE = Path(__file__).parents[2] / "image-build/bundle.py"
OS_RELEASE = "/usr/lib/os-release"


def next_version(image: Path, folder: Path, version: str, *, broken: bool = False) -> Path:
    """Return a bundle of the image's system as if it were of this version; a `broken` one starts and is never well."""
    system = folder / "system.ext4"
    subprocess.run(["cp", "--sparse=always", image / "system.ext4", system], check=True)
    said = _inside(system, OS_RELEASE)
    _put(system, OS_RELEASE, re.sub(r"(?m)^IMAGE_VERSION=[^+\n]*", f"IMAGE_VERSION={version}", said), folder)
    if broken:
        _put(system, "/usr/bin/edge", "#!/bin/sh\nsleep 1000000\n", folder)
    return sign(folder)


def sign(folder: Path, key: Path | None = None) -> Path:
    """Make the bundle of a folder's system.ext4, by the build's own program."""
    environment = os.environ | ({} if key is None else {"EDGE_UPDATE_KEY": str(key)})
    subprocess.run([sys.executable, str(BUNDLE), "make", str(folder)], check=True, env=environment)
    (made,) = folder.glob("edge-*.edgeup")
    return made


def _inside(system: Path, path: str) -> str:
    return subprocess.run(["debugfs", "-R", f"cat {path}", system], check=True, capture_output=True, text=True).stdout


def _put(system: Path, path: str, text: str, folder: Path) -> None:
    """Replace a file within an ext4 image, with the mode it had."""
    file = folder / "put"
    file.write_text(text)
    mode = "0100755" if text.startswith("#!") else "0100644"
    commands = f"rm {path}\nwrite {file} {path}\nset_inode_field {path} mode {mode}\nset_inode_field {path} uid 0\n"
    done = subprocess.run(
        ["debugfs", "-w", "-f", "-", system], check=True, input=commands + f"set_inode_field {path} gid 0\n", text=True,
        capture_output=True,
    )  # fmt: skip
    assert _inside(system, path) == text, done.stderr
