"""The Python packages of the camera root: the program's own, picamera2's, and what runs tests; all with hashes."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = Path(__file__).with_name("picamera2.lock")
PROGRAM_LOCK = ROOT / "image-build" / "requirements.lock"
TEST_LOCK = ROOT / "tests" / "requirements.lock"
TEST_TOOLS = ("iniconfig", "packaging", "pluggy", "pygments", "pytest", "pytest-timeout")
PYTHON = "3.13"
MACHINES = ("x86_64", "aarch64")
_GLIBC = range(17, 42)
"""Debian 13 has glibc 2.41."""


def for_root(target: Path, machine: str) -> list[str]:
    """Return pip's words for installing into a folder, for the root's Python on such a machine."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in _GLIBC] + [f"manylinux2014_{machine}"]
    chosen = [word for name in platforms for word in ("--platform", name)]
    words = ["install", "-qq", "--disable-pip-version-check", "--no-deps", "--no-compile", "--no-warn-conflicts"]
    return [*words, "--target", str(target), "--python-version", PYTHON, *chosen]


def locks(folder: Path) -> list[Path]:
    """Return the three locks; what the tests need of theirs is written into a folder."""
    entries = re.split(r"\n(?=\S)", TEST_LOCK.read_text())
    tools = [each for each in entries if each.split("==")[0] in TEST_TOOLS]
    assert len(tools) == len(TEST_TOOLS), "the tests' lock lacks one of the tools"
    path = folder / "tools.lock"
    path.write_text("\n".join(tools))
    return [PROGRAM_LOCK, LOCK, path]


def install(target: Path, machine: str, folder: Path) -> None:
    """Install all of them into a folder; CalledProcessError where that fails."""
    words = [*for_root(target, machine), "--require-hashes"]
    for lock in locks(folder):
        words += ["--requirement", str(lock)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, cwd=ROOT)
