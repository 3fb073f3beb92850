"""`edge cameras` where /dev has webcams. Run by tests/integration/test_usb_cameras.py in a /dev of its own."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from edge.config.loader import load
from tests.support.usb_camera import UsbCamera

DEV = Path("/dev")


def edge(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_webcams_are_listed_by_names_that_stay_and_tested(tmp_path: Path) -> None:
    twins = [UsbCamera(DEV, number=0), UsbCamera(DEV, number=2, bus="usb-0000:01:00.0-1.3", serial="")]
    other = UsbCamera(DEV, number=4, card="Thermal: T1", serial="B", modes=["NV12 160 120 9"])
    picture = np.full((36, 64, 3), 90, np.uint8)
    for camera in (*twins, other):
        camera.show([picture, picture + np.uint8(20)])
        camera.plug_in()
    by_path = DEV / "v4l" / "by-path" / "platform-xhci-usb-0:1.3:1.0-video-index0"
    by_path.parent.mkdir()
    by_path.symlink_to(twins[1].path)
    listed = edge("cameras")
    assert listed.returncode == 0, listed.stderr
    written = tmp_path / "edge.yaml"
    written.write_text(listed.stdout)
    devices = {channel.name: channel.source.usb.device for channel in load(written).channels if channel.source.usb}
    assert devices == {"HD Webcam": str(twins[0].by_id), "HD Webcam 2": str(by_path), "Thermal: T1": str(other.by_id)}
    assert "# * 1280x720 MJPEG, 15 fps" in listed.stdout
    assert "# YUYV: 640x480 at 30, 1280x720 at 10" in listed.stdout
    assert "sends neither MJPEG nor YUYV" in listed.stdout

    out = tmp_path / "out.jpg"
    tried = edge("cameras", "test", f"usb:{twins[0].by_id}", "--seconds", "2", "--picture", str(out))
    assert tried.returncode == 0, tried.stderr
    for line in ("codec: MJPEG", "size: 1280x720", "each picture stands alone", "latency: ", "losses: 0 packets, 0"):
        assert line in tried.stdout
    shown = cv2.imread(str(out))
    assert shown is not None
    assert shown.shape == (720, 1280, 3)
    for device, text in (("usb:HD Webcam", "codec: MJPEG"), ("/dev/video1", "no such stream"), ("usb:9", "not found")):
        run = edge("cameras", "test", device, "--seconds", "1")
        assert text in run.stdout + run.stderr
        assert "Traceback" not in run.stderr
