"""Parts of the image's build at work: real shell functions, with makers of a test's own for what takes minutes."""

import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[2] / "image-build"


def bash(cache: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script whose first argument is the build's folder, the second its cache; skip where there is no dpkg."""
    if shutil.which("dpkg") is None:
        pytest.skip("no dpkg here: images are built on Debian")
    words = ["bash", "-c", script, "build", str(BUILD), str(cache)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
