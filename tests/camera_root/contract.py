"""What a camera module must do (`tests/contract`), done by the real picamera2 in the camera root."""

import re
import subprocess
from pathlib import Path

from tests.camera_root import enter
from tests.camera_root.film import SENSOR_FPS

WORDS = (
    *("python3", "-m", "pytest", "-q", "-rs", "--noconftest", "-p", "no:cacheprovider"),
    *("-W", "ignore:setDaemon:DeprecationWarning"),  # picamera2 makes its threads so
    *("-W", "ignore::pytest.PytestUnraisableExceptionWarning"),  # and leaves its pipes to the collector
    str(enter.CHECKOUT / "tests/contract"),
)
ONLY_THE_WHOLE_PROGRAM_CAN = 1
"""A camera that hangs on stop holds the interpreter, and pytest's with it."""


def test_the_real_picamera2_keeps_the_contract(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cameras").mkdir()
    more = {
        "EDGE_CSI_RIG": "tests.camera_root.virtual_rig:bench",
        "EDGE_SENSOR_FPS": f"{SENSOR_FPS}",
        "EDGE_SENSOR_FAILS": str(enter.RUN / "fails"),
    }
    done = subprocess.run(
        enter.command(root, WORDS, run=tmp_path, more=more), check=False, capture_output=True, text=True, timeout=170
    )
    print(f"\n{done.stdout}{done.stderr}")
    assert done.returncode == 0
    found = re.search(r"(\d+) passed, (\d+) skipped", done.stdout)
    assert found is not None
    assert int(found[1]) > 0
    assert int(found[2]) == ONLY_THE_WHOLE_PROGRAM_CAN
