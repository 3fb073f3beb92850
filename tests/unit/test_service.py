"""The units as systemd reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "edge.service"


@pytest.mark.parametrize("unit", sorted(path.name for path in SYSTEMD.glob("*.service")))
def test_a_service_is_exposed_little(unit: str) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    # 2.0 by the systemd of Debian 13 (tests/debian/package.py); older ones judge by other weights
    words = [tool, "security", "--offline=yes", "--no-pager", "--threshold=25", str(SYSTEMD / unit)]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_service_may_ask_whether_the_clock_is_right() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    filters = [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")]
    assert "clock_adjtime" in filters[-1].split()
    assert not any(line.startswith("ProtectClock=") for line in lines)


def test_camera_drivers_are_loaded_before_devices_are_allowed_by_their_names() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    for key in ("Wants", "After"):
        assert any(line.startswith(f"{key}=") and "modprobe@videodev.service" in line.split() for line in lines), key
    assert "DeviceAllow=char-video4linux rw" in lines
