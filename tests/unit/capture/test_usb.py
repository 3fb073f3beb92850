"""USB cameras as far as no kernel is needed; the rest is in tests/usb."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.usb.find import stable_name, usb_cameras, whereabouts
from edge.capture.usb.modes import Mode, Wanted, in_order
from edge.capture.usb.v4l2 import capability


def answer(card: bytes, bus: bytes, all_of_it: int, this_device: int) -> bytes:
    return struct.pack("=16s32s32sIII12x", b"uvcvideo", card, bus, 6 << 16, all_of_it, this_device)


@pytest.mark.parametrize(
    ("card", "bus", "all_of_it", "this_device", "seen"),
    [
        pytest.param(
            b"HD Webcam", b"usb-0000:01:00.0-1.1", 0x84A00001, 0x04200001, ("HD Webcam", True, True), id="webcam"
        ),
        pytest.param(
            b"HD Webcam", b"usb-0000:01:00.0-1.1", 0x84A00001, 0x04A00000, ("HD Webcam", True, False), id="its metadata"
        ),
        pytest.param(b"", b"usb-1", 0x00000001, 0, ("", True, True), id="old driver, no name"),
        pytest.param(
            b"bcm2835-isp", b"platform:bcm2835-isp", 0x84200001, 0x04200001, ("bcm2835-isp", False, True), id="board"
        ),
        pytest.param(b"\xff\x07cam", b"usb-1", 1, 0, ("\ufffdcam", True, True), id="odd letters"),
    ],
)
def test_what_captures(card: bytes, bus: bytes, all_of_it: int, this_device: int, seen: tuple[str, bool, bool]) -> None:
    told = capability(answer(card, bus, all_of_it, this_device))
    assert (told.card, told.on_usb, told.captures) == seen


def test_what_is_no_camera_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"a file")
    (tmp_path / "video1").symlink_to("/dev/null")
    (tmp_path / "video2").symlink_to("/dev/missing")
    (tmp_path / "videos").mkdir()
    os.mkfifo(tmp_path / "video10")
    assert usb_cameras(tmp_path) == []


def test_names_that_stay_are_preferred(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"video{number}").touch()
    for kind, link, number in (("by-id", "usb-A-index0", 0), ("by-path", "p-0", 0), ("by-path", "p-1", 1)):
        (tmp_path / "v4l" / kind).mkdir(parents=True, exist_ok=True)
        (tmp_path / "v4l" / kind / link).symlink_to(tmp_path / f"video{number}")
    names = [stable_name(tmp_path / f"video{number}").name for number in range(3)]
    assert names == ["usb-A-index0", "p-1", "video2"]


@pytest.mark.parametrize(("device", "where"), [("3", "video3"), ("No Such", "No Such"), ("/dev/v4l/by-id/x", None)])
def test_numbers_and_names_are_files_too(tmp_path: Path, device: str, where: str | None) -> None:
    assert whereabouts(device, None, tmp_path) == (Path(device) if where is None else tmp_path / where)


MODES = st.builds(
    Mode,
    st.sampled_from(["MJPG", "YUYV", "H264"]),
    st.sampled_from([320, 640, 1280, 1920]),
    st.sampled_from([240, 360, 480, 720, 1080]),
    st.sampled_from([0.0, 5.0, 10.0, 15.0, 30.0]),
)


@given(st.lists(MODES, max_size=12), st.sampled_from([320, 640, 1280]), st.sampled_from([5.0, 15.0, 30.0]))
def test_the_smallest_that_suffices_comes_first(modes: list[Mode], width: int, fps: float) -> None:
    wanted = Wanted(width, width * 9 // 16, fps)
    ordered = in_order(modes, wanted)
    assert sorted(ordered, key=str) == sorted((mode for mode in modes if mode.code != "H264"), key=str)
    enough = [
        mode
        for mode in ordered
        if mode.width >= width and mode.height >= wanted.height and (mode.fps >= fps or not mode.fps)
    ]
    if enough:
        assert ordered[0] in enough
        assert ordered[0].width * ordered[0].height == min(mode.width * mode.height for mode in enough)


def test_raw_is_taken_only_where_usb_2_has_room() -> None:
    def best(width: int, height: int, fps: float) -> str:
        modes = [Mode(code, width, height, fps) for code in ("MJPG", "YUYV")]
        return in_order(modes, Wanted(width, height, fps))[0].code

    assert [best(640, 480, 30), best(1280, 720, 10), best(1280, 720, 15), best(1920, 1080, 5)] == [
        "YUYV",
        "YUYV",
        "MJPG",
        "MJPG",
    ]
