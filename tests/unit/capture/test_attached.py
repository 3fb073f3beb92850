import os
import struct
from pathlib import Path

import pytest

from edge.capture.attached import capturing, usb_cameras


def capability(card: bytes, bus: bytes, all_of_it: int, this_device: int) -> bytes:
    return struct.pack("=16s32s32sIII12x", b"uvcvideo", card, bus, 6 << 16, all_of_it, this_device)


@pytest.mark.parametrize(
    ("card", "bus", "all_of_it", "this_device", "name"),
    [
        pytest.param(b"HD Webcam", b"usb-0000:01:00.0-1.1", 0x84A00001, 0x04200001, "HD Webcam", id="webcam"),
        pytest.param(b"HD Webcam", b"usb-0000:01:00.0-1.1", 0x84A00001, 0x04A00000, None, id="its metadata"),
        pytest.param(b"", b"usb-1", 0x00000001, 0, "USB camera", id="old driver, no name"),
        pytest.param(b"bcm2835-isp", b"platform:bcm2835-isp", 0x84200001, 0x04200001, None, id="the board's own"),
        pytest.param(b"\xff\x07cam", b"usb-1", 1, 0, "\ufffdcam", id="odd letters"),
    ],
)
def test_what_captures(card: bytes, bus: bytes, all_of_it: int, this_device: int, name: str | None) -> None:
    assert capturing(capability(card, bus, all_of_it, this_device)) == name


def test_what_is_no_camera_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"a file")
    (tmp_path / "video1").symlink_to("/dev/null")
    (tmp_path / "video2").symlink_to("/dev/missing")
    os.mkfifo(tmp_path / "video10")
    assert usb_cameras(tmp_path) == []
