"""The source of USB cameras on real system calls. Run by tests/integration/test_usb_cameras.py."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.capture.usb.find import usb_cameras
from edge.capture.usb.source import UsbSource
from edge.model.scene import Frame
from edge.settings import AnalysisSettings, ChannelSettings, SourceSettings, UsbSettings
from tests.support.appliance import appliance, until
from tests.support.cameras import RealClock, Running
from tests.support.crossing import crossed, crossing
from tests.support.usb_camera import UsbCamera

SHADES = [np.full((36, 64, 3), shade, np.uint8) for shade in (60, 120, 180)]


@pytest.fixture
def dev() -> Iterator[Path]:
    folder = Path(os.environ["V4L2_SHIM"])
    yield folder
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


@pytest.fixture
def webcam(dev: Path) -> UsbCamera:
    camera = UsbCamera(dev)
    camera.show(SHADES)
    camera.plug_in()
    return camera


def source_of(device: object, **more: object) -> UsbSource:
    return UsbSource("cam", UsbSettings(device=str(device), **more), RealClock())  # type: ignore[arg-type]


def frames_of(source: UsbSource, count: int) -> list[Frame]:
    source.open()
    found: list[Frame] = []
    end_s = time.monotonic() + 20
    while len(found) < count and time.monotonic() < end_s:
        frame = source.read()
        if isinstance(frame, Frame):
            found.append(frame)
    source.close()
    return found


def fault_of(device: object) -> CaptureError:
    with pytest.raises(CaptureError) as caught:
        source_of(device).open()
    return caught.value


def channel(device: object) -> ChannelSettings:
    usb = UsbSettings(device=str(device), width=640, height=480, timeout_s=1.0)
    return ChannelSettings(id="cam", name="Camera", source=SourceSettings(usb=usb), analysis=AnalysisSettings(fps=30))


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("asked", "mode"),
    [
        ({"width": 640, "height": 360}, ("YUYV", 640, 480, 15.0)),
        ({"width": 640, "height": 360, "fps": 30}, ("YUYV", 640, 480, 30.0)),
        ({"width": 640, "height": 360, "format": "mjpeg"}, ("MJPG", 640, 480, 15.0)),
        ({}, ("MJPG", 1280, 720, 15.0)),
        ({"fps": 5}, ("YUYV", 1280, 720, 5.0)),
        ({"width": 1920, "height": 1080}, ("MJPG", 1920, 1080, 30.0)),
    ],
)
def test_pictures_in_the_mode_that_suffices(
    webcam: UsbCamera, asked: dict[str, object], mode: tuple[object, ...]
) -> None:
    source = source_of(webcam.by_id, **asked)
    frames = frames_of(source, 8)
    assert (source.mode.code, source.mode.width, source.mode.height, source.mode.fps) == mode
    assert frames[0].picture.y.shape == (mode[2], mode[1])
    assert frames[0].picture.u.shape == (int(str(mode[2])) // 2, int(str(mode[1])) // 2)
    shades = {min((60, 120, 180), key=lambda shade: abs(shade - float(frame.picture.y.mean()))) for frame in frames}
    assert len(shades) > 1
    assert abs(float(frames[0].picture.u.mean()) - 128) < 2
    wanted = float(str(asked.get("fps", 15)))
    rate = (len(frames) - 1) / (frames[-1].stream_s - frames[0].stream_s)
    assert 0.7 * wanted < rate < 1.2 * wanted
    assert source.decode_errors == 0


def test_times_are_those_of_the_buffers(webcam: UsbCamera) -> None:
    source = source_of(webcam.path, width=640)
    source.open()
    until("pictures wait", lambda: isinstance(source.read(), Frame))
    time.sleep(0.2)  # the next picture now lies in its buffer since long
    before_us = time.time_ns() // 1000
    frame = source.read()
    source.close()
    assert isinstance(frame, Frame)
    assert abs(frame.time_us - before_us) < 2_000_000


def test_at_rest_one_a_second_is_decoded(webcam: UsbCamera) -> None:
    source = source_of(webcam.path)
    source.keys_only = True
    resting = [frame.stream_s for frame in frames_of(source, 3)]
    source.keys_only = False
    awake = [frame.stream_s for frame in frames_of(source, 10)]
    assert min(after - before for before, after in pairwise(resting)) > 0.5
    assert max(after - before for before, after in pairwise(awake[2:])) < 0.8


def test_what_cannot_be_opened_says_what_to_do(dev: Path, webcam: UsbCamera) -> None:
    (dev / "video7").touch()
    (dev / "video7.camera").write_text("caps none\n")
    cases = {
        dev / "video9": (CameraStatus.NOT_FOUND, "is not plugged in"),
        webcam.metadata: (CameraStatus.NO_SUCH_STREAM, "is not the one of HD Webcam that gives pictures"),
        dev / "video7": (CameraStatus.NOT_FOUND, "is no camera"),
        "/dev/null": (CameraStatus.NOT_FOUND, "is no camera"),
        "No Such Webcam": (CameraStatus.NOT_FOUND, "is not plugged in"),
    }
    for device, (status, text) in cases.items():
        fault = fault_of(device)
        assert fault.status is status, device
        assert text in str(fault)
    webcam.misbehave("denied")
    fault = fault_of(webcam.path)
    assert fault.status is CameraStatus.FORBIDDEN
    assert "group video: usermod -aG video edge" in str(fault)
    assert [camera.trouble[:17] for camera in usb_cameras(dev)] == ["may not be opened"]


def test_a_camera_in_use_is_busy_until_it_is_free(webcam: UsbCamera) -> None:
    first, second = source_of(webcam.path), source_of(webcam.path)
    first.open()
    with pytest.raises(CaptureError, match="is used by another channel or program") as caught:
        second.open()
    assert caught.value.status is CameraStatus.BUSY
    first.close()
    assert len(frames_of(second, 2)) == 2


def test_without_room_on_the_bus_the_next_mode_is_taken(webcam: UsbCamera) -> None:
    webcam.misbehave("nospace")
    source = source_of(webcam.path, width=640, height=360)
    assert len(frames_of(source, 2)) == 2
    assert source.mode.code == "MJPG"
    only_raw = source_of(webcam.path, format="yuyv")
    with pytest.raises(CaptureError, match="finds no room on its USB"):
        only_raw.open()


def test_formats_that_are_not_played_are_named(dev: Path) -> None:
    camera = UsbCamera(dev, modes=["H264 1280 720 30", "NV12 640 480 30"])
    camera.plug_in()
    assert "sends H264, NV12, not MJPEG or YUYV" in str(fault_of(camera.path))


@pytest.mark.parametrize("spoilt", ["cut", "damage"])
def test_spoilt_pictures_are_counted_and_left_out(webcam: UsbCamera, spoilt: str) -> None:
    source = source_of(webcam.path)
    webcam.misbehave(spoilt)
    source.open()
    until("errors are counted", lambda: isinstance(source.read(), Pause) and source.decode_errors > 3)
    webcam.misbehave("")
    until("pictures come again", lambda: isinstance(source.read(), Frame))
    source.close()


def test_unplugged_and_back_under_another_number(webcam: UsbCamera, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Running(channel(webcam.path)) as running:
        assert running.has_frames(5)
        webcam.unplug()
        assert running.has_status("not found", 10)
        webcam.plug_in(2)
        assert running.has_status("ok", 15)
        assert running.has_frames(5)
        webcam.unplug()
        assert running.has_status("not found", 10)
        webcam.plug_in(0)
        assert running.has_status("ok", 15)
    assert [error.status for error in running.lost] == [CameraStatus.NOT_FOUND] * 2
    assert "in the settings better write" in caplog.text
    assert all(later > sooner for sooner, later in zip(running.places, running.places[1:], strict=False))


def test_another_camera_is_not_taken_for_it(dev: Path, webcam: UsbCamera) -> None:
    other = UsbCamera(dev, number=4, card="Other", bus="usb-9", serial="B")
    other.show(SHADES)
    source = source_of(webcam.path)
    assert len(frames_of(source, 1)) == 1
    webcam.unplug()
    other.plug_in(0)
    webcam.plug_in(2)
    source.open()
    assert source.mode.code == "MJPG"
    assert source._path == webcam.path  # noqa: SLF001 - which file it is
    source.close()


@pytest.mark.parametrize(("spoilt", "status"), [("stall", "stalled"), ("error", "broken stream")])
def test_a_camera_that_hangs_or_fails_comes_back(webcam: UsbCamera, spoilt: str, status: str) -> None:
    with Running(channel(webcam.by_id)) as running:
        assert running.has_frames(3)
        webcam.misbehave(spoilt)
        assert running.has_status(status, 10)
        webcam.misbehave("")
        assert running.has_status("ok", 15)
        assert running.has_frames(3)
        assert running.health.snapshot().channels["cam"].reconnects == 1
    assert max(b - a for a, b in zip(running.beats, running.beats[1:], strict=False)) < 5


def test_a_hundred_openings_leave_nothing_behind(webcam: UsbCamera) -> None:
    source = source_of(webcam.path)
    source.open()
    source.close()
    before, threads = descriptors(), threading.active_count()
    for _ in range(100):
        source.open()
        source.close()
    assert (descriptors(), threading.active_count()) == (before, threads)


def test_the_whole_program_counts_who_walks_by(tmp_path: Path, dev: Path) -> None:
    camera = UsbCamera(dev, modes=["MJPG 640 360 15"])
    camera.show(crossing())
    camera.plug_in()
    rules = "{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}"
    settings = f"  - {{name: Door, source: {{usb: {{device: {camera.by_id}, fps: 15}}}}, rules: [{rules}]}}\n"
    with appliance(tmp_path, settings) as running:
        running.serve()
        found = until("somebody has crossed", lambda: crossed(running))
        assert {(event["rule_name"], event["direction"]) for event in found} == {("Middle", "b_to_a")}
        camera.unplug()
        until("it is lost", lambda: running.get("/v1/json/channels")[0]["status"] == "not found")
        camera.plug_in(2)
        until("it is back", lambda: running.get("/v1/json/channels")[0]["status"] == "ok")
        assert running.stop() == 0
