"""The unit as systemd reads it."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "edge.service"


def test_the_service_is_exposed_little() -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    words = [tool, "security", "--offline=yes", "--no-pager", "--threshold=25", str(UNIT)]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_service_may_ask_whether_the_clock_is_right() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    filters = [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")]
    assert "clock_adjtime" in filters[-1].split()
    assert not any(line.startswith("ProtectClock=") for line in lines)
