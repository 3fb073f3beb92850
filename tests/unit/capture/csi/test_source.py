"""The source on the stand-in library: formats, turning, what is held, what fails."""

import gc
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.capture.csi.choice import chosen
from edge.capture.csi.failure import failure, none_there
from edge.capture.csi.held import MOST, HeldRequests
from edge.capture.csi.library import load
from edge.capture.csi.limit import AUTOMATIC, ExposureLimit
from edge.capture.csi.listing import csi_cameras
from edge.capture.csi.moment import age_s
from edge.capture.csi.planes import Layout
from edge.capture.csi.source import CsiSource
from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.model.exposure import Exposure
from edge.model.scene import Frame
from edge.settings import AnalysisSettings, ChannelSettings, CsiSettings, DetectorSettings, SourceSettings
from tests.support.cameras import RealClock, Running, wait_until
from tests.support.csi_rig import FAKE, FakeRig, fake_rig, module
from tests.support.fake_picamera2.picamera2 import Picamera2

SIZE = {"width": 320, "height": 180, "fps": 30.0}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[FakeRig]:
    with fake_rig(tmp_path) as bench:
        yield bench


def channel(detector: DetectorSettings | None = None, **csi: Any) -> ChannelSettings:  # noqa: ANN401 - by name
    settings = CsiSettings(**SIZE | {"timeout_s": 10.0} | csi)
    return ChannelSettings(
        name="Module",
        id="cam",
        source=SourceSettings(csi=settings),
        analysis=AnalysisSettings(width=160, fps=30.0),
        detector=detector or DetectorSettings(),
    )


def opened(rig: FakeRig, asked: ChannelSettings | None = None, **deadlines: Any) -> CsiSource:  # noqa: ANN401 - by name
    source = CsiSource(asked or channel(), RealClock(), lambda: rig.library, **deadlines)
    source.open()
    return source


def frame_of(source: CsiSource) -> Frame:
    for _ in range(50):
        frame = source.read()
        if isinstance(frame, Frame):
            return frame
    raise AssertionError("no frame")


@pytest.mark.parametrize("kind", ["YUV420", "YVU420", "NV12", "NV21"])
@pytest.mark.parametrize("pad", [0, 64])
def test_every_format_gives_the_same_picture(rig: FakeRig, kind: str, pad: int) -> None:
    rig.set(format=kind, pad=pad, scene="walk")
    source = opened(rig)
    frame = frame_of(source)
    source.close()
    assert (frame.picture.width, frame.picture.height) == (160, 90)
    for picture in (frame.picture, frame.shown()):
        assert 60 < picture.y.mean() < 180
        assert picture.u.shape == (picture.height // 2, picture.width // 2)
        assert picture.u.min() >= 108
        assert not picture.full_range


@pytest.mark.parametrize("kind", ["YUV420", "YVU420", "NV12", "NV21"])
def test_blue_and_red_are_not_mistaken(rig: FakeRig, kind: str) -> None:
    rig.set(format=kind, scene="red")
    source = opened(rig)
    frame = frame_of(source)
    source.close()
    for picture in (frame.picture, frame.shown()):
        assert [np.unique(plane).tolist() for plane in (picture.y, picture.u, picture.v)] == [[81], [90], [240]]


def test_a_format_that_is_not_known_is_told(rig: FakeRig) -> None:
    rig.set(format="XBGR8888")
    with pytest.raises(CaptureError, match="the camera gives XBGR8888"):
        opened(rig)
    rig.set(format="YUV420")
    opened(rig).close()


@pytest.mark.parametrize("turns", [True, False], ids=["by the sensor", "by us"])
@pytest.mark.parametrize(
    ("rotation", "white"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))], ids=["0", "90", "180", "270"]
)
def test_pictures_are_turned_clockwise(rig: FakeRig, rotation: int, white: tuple[int, int], *, turns: bool) -> None:
    rig.set(scene="corner", turns=turns)
    source = opened(rig, channel(rotation=rotation))
    frame = frame_of(source)
    source.close()
    assert frame.size == ((180, 320) if rotation % 180 else (320, 180))
    for picture in (frame.picture, frame.shown()):
        quarters = cv2.resize(picture.y, (2, 2), interpolation=cv2.INTER_AREA)
        assert np.argwhere(quarters > 128).tolist() == [list(white)]


def test_a_picture_on_its_side_is_small_by_its_height(rig: FakeRig) -> None:
    source = opened(rig, channel(width=1280, height=720, rotation=90))
    frame = frame_of(source)
    source.close()
    assert frame.size == (720, 1280)
    assert frame.picture.height <= 288
    assert frame.picture.aspect == pytest.approx(9 / 16, rel=0.02)


def test_requests_go_back_as_frames_are_let_go(rig: FakeRig) -> None:
    camera = Picamera2(0)
    configuration = {"size": (320, 180), "format": "YUV420"}
    camera.configure(
        camera.create_video_configuration(
            main=configuration,
            lores=configuration,
            transform=rig.library.transform(),
            colour_space=rig.library.colour_space(),
        )
    )
    camera.start()
    held = HeldRequests(rig.library, Layout(camera.camera_configuration()["main"], 0, full_range=False))
    kept = [held.hold(camera.capture_request()) for _ in range(MOST + 2)]
    assert len(held) == MOST
    assert [each.is_copied for each in kept] == [True, True, False, False]
    kept[2].picture()
    held.give_back()
    assert len(held) == MOST - 1
    kept.clear()
    gc.collect()
    held.give_back()
    assert len(held) == 0
    wait_until(lambda: camera.outstanding <= 1)
    assert camera.outstanding <= 1, "the newest waits in the library"
    camera.close()
    assert camera.outstanding == 0


def test_nothing_is_left_of_many_openings(rig: FakeRig) -> None:
    made: list[Picamera2] = []

    def camera(number: int) -> Any:  # noqa: ANN401 - as the library has it
        made.append(Picamera2(number))
        return made[-1]

    library = replace(rig.library, camera=camera)
    source = CsiSource(channel(), RealClock(), lambda: library)
    for _ in range(15):
        source.open()
        frame_of(source)
    source.close()
    assert [each.outstanding for each in made] == [0] * 15
    assert not any(each.is_open for each in made)


def test_a_stalled_camera_is_closed_without_a_complaint(rig: FakeRig, caplog: pytest.LogCaptureFixture) -> None:
    source = opened(rig, channel(timeout_s=60.0))
    frame_of(source)
    rig.stall(stalled=True)
    while source.read() is not Pause.PAUSE:
        pass
    source.close()
    assert source.hung == ""
    assert caplog.records == []


def test_lost_frames_are_missed_and_no_more(rig: FakeRig) -> None:
    rig.set(drop_every=2)
    source = opened(rig)
    assert [frame_of(source).sequence for _ in range(5)] == [1, 2, 3, 4, 5]
    source.close()


def test_a_worker_gets_a_stalled_camera_back(rig: FakeRig) -> None:
    asked = channel(timeout_s=1.0)
    with Running(asked, CsiSource(asked, RealClock(), lambda: rig.library)) as running:
        assert running.has_status("ok")
        rig.stall(stalled=True)
        assert running.has_status("stalled")
        assert "gave no picture for 1 s" in running.state.detail
        rig.stall(stalled=False)
        assert running.has_status("ok")
        assert running.state.reconnects >= 1
        assert (running.state.width, running.state.height) == (320, 180)
    assert running.hung == []


def test_a_worker_tells_once_of_a_camera_that_hangs_on_stop(rig: FakeRig) -> None:
    asked = channel(timeout_s=1.0)
    with Running(asked, CsiSource(asked, RealClock(), lambda: rig.library, close_s=0.3)) as running:
        assert running.has_status("ok")
        rig.hang_on_stop()
        rig.stall(stalled=True)
        assert running.has_status("hung")
        assert wait_until(lambda: running.hung)
    assert running.hung == ["camera 0 (imx708) did not stop within 0.3 s; only a new process gets it back"]
    assert [each.status for each in running.lost] == [CameraStatus.STALLED]


def test_a_worker_that_is_stopped_tells_of_a_hang_too(rig: FakeRig) -> None:
    asked = channel()
    with Running(asked, CsiSource(asked, RealClock(), lambda: rig.library, close_s=0.3)) as running:
        assert running.has_status("ok")
        rig.hang_on_stop()
    assert len(running.hung) == 1


def test_an_opening_that_never_returns_is_a_hang(rig: FakeRig) -> None:
    rig.set(hang_on_open=True)
    asked = channel()
    with Running(asked, CsiSource(asked, RealClock(), lambda: rig.library, open_s=0.3)) as running:
        assert running.has_status("hung")
    assert running.hung == ["the camera was not opened within 0.3 s; only a new process gets it back"]


def test_exposure_comes_with_the_frame(rig: FakeRig) -> None:
    source = opened(rig)
    exposure = frame_of(source).exposure
    source.close()
    assert exposure is not None
    assert exposure.time_us > 0
    assert exposure.gain >= 1.0
    assert exposure.lux == 400.0


def test_the_longest_exposure_is_held_in_the_dark_and_let_go_in_the_light(rig: FakeRig) -> None:
    rig.set(lux=30.0)
    source = opened(rig, channel(fps=15.0, max_exposure_ms=10.0))

    def exposed() -> Exposure:
        exposure = frame_of(source).exposure
        assert exposure is not None
        return exposure

    assert wait_until(lambda: exposed().time_us > 10_000)
    assert wait_until(lambda: exposed().time_us == 10_000 and exposed().gain > 2.0)
    rig.set(lux=4000.0)
    assert wait_until(lambda: exposed().time_us < 5_000)
    source.close()


@pytest.fixture
def found_by_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that the program starts find the stand-in."""
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[4]}{os.pathsep}{FAKE}")


@pytest.mark.usefixtures("found_by_children")
def test_a_network_that_takes_too_long_is_told_and_goes_on_next_time(rig: FakeRig, tmp_path: Path) -> None:
    rig.replace(module("imx500", upload_s=60.0))
    file = tmp_path / "made.rpk"
    file.write_text("{}")
    asked = channel(DetectorSettings(kind="imx500", model=str(file)))
    source = CsiSource(asked, RealClock(), lambda: rig.library, upload_s=3.0)
    with pytest.raises(CaptureError, match=r"made\.rpk was not put into the sensor within 3 s") as caught:
        source.open()
    assert caught.value.status is CameraStatus.STALLED
    assert source.preparing == ""
    (tmp_path / "flash-0").write_text("done")
    source.open()
    frame_of(source)
    source.close()


@pytest.mark.usefixtures("found_by_children")
def test_a_network_needs_a_sensor_that_has_one(rig: FakeRig, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"camera 0 \(imx708\) has no network in its sensor"):
        opened(rig, channel(DetectorSettings(kind="imx500")))
    rig.replace(module("imx500", scene="walk", pace=4.0))
    with pytest.raises(CaptureError, match="there is no network"):
        opened(rig, channel(DetectorSettings(kind="imx500", model=str(tmp_path / "absent.rpk"))))
    file = tmp_path / "made.rpk"
    file.write_text(json.dumps({}))
    source = opened(rig, channel(DetectorSettings(kind="imx500", model=str(file))))
    for _ in range(200):
        frame = frame_of(source)
        if frame.found:
            break
    source.close()
    assert [each.label for each in frame.found or ()] == ["person"]


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        (CsiSettings(), 0),
        (CsiSettings(camera=1), 1),
        (CsiSettings(id="/base/i2c@1/imx708@1a"), 1),
        (CsiSettings(id="imx219", camera=1), 0),
    ],
    ids=["number 0", "number 1", "id", "model"],
)
def test_which_camera_is_meant(settings: CsiSettings, number: int) -> None:
    described = [
        {"Model": "imx219", "Id": "/base/i2c@0/imx219@10", "Num": 1},
        {"Model": "imx708", "Id": "/base/i2c@1/imx708@1a", "Num": 0},
        {"Model": "imx708", "Id": "/base/i2c@2/imx708@1a", "Num": 2},
        {"Model": "Webcam", "Id": "/base/usb@1/cam", "Num": 3},
    ]
    assert chosen(described, settings)[0] == number


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (CsiSettings(camera=3), "camera 3 is not there"),
        (CsiSettings(id="imx708"), "id imx708 fits more than one camera; give the whole id"),
        (CsiSettings(id="imx477"), "id imx477 is not there"),
    ],
)
def test_a_camera_that_cannot_be_told_is_asked_for(settings: CsiSettings, words: str) -> None:
    described = [{"Model": "imx708", "Id": f"/base/i2c@{number}/imx708@1a"} for number in (1, 2)]
    with pytest.raises(CaptureError, match=words):
        chosen([*described, {"Model": "Webcam", "Id": "/base/usb@1/cam"}], settings)


def test_no_camera_seen_and_none_to_be_opened(tmp_path: Path) -> None:
    assert none_there(tmp_path).status is CameraStatus.NOT_FOUND
    (tmp_path / "media0").symlink_to(tmp_path / "nowhere")
    assert none_there(tmp_path).status is CameraStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (RuntimeError("Failed to acquire camera: Device or resource busy"), CameraStatus.BUSY),
        (PermissionError(13, "Permission denied"), CameraStatus.FORBIDDEN),
        (RuntimeError("Could not open any dmaHeap device"), CameraStatus.FORBIDDEN),
        (OSError(12, "Cannot allocate memory"), CameraStatus.BROKEN),
        (RuntimeError("Invalid camera configuration"), CameraStatus.BROKEN),
    ],
)
def test_the_cause_behind_the_librarys_words_is_told(cause: Exception, status: CameraStatus) -> None:
    error = RuntimeError("Camera __init__ sequence did not complete.")
    error.__cause__ = cause
    told = failure(error, "camera 0 (imx708)")
    assert told.status is status
    assert str(cause) in str(told)
    assert "camera 0 (imx708)" in str(told)
    assert "\n" not in str(told)


def test_time_stamps_that_cannot_be_are_not_believed() -> None:
    second = 1_000_000_000
    clocks = {"boot": lambda: 100 * second, "monotonic": lambda: 40 * second}
    assert age_s(99 * second, **clocks) == 1.0
    assert age_s(39 * second, **clocks) == 1.0, "by the clock that stands still in sleep"
    assert age_s(80 * second, **clocks) == 20.0
    assert age_s(101 * second, **clocks) == 0.0
    assert age_s(-300 * second, **clocks) == 0.0
    assert age_s(None, **clocks) == 0.0
    assert age_s("99", **clocks) == 0.0


def test_pictures_that_have_waited_are_thrown_away(rig: FakeRig) -> None:
    source = opened(rig)
    frame_of(source)
    rig.set(late_s=60.0)
    until_s = time.monotonic() + 10.0
    while source.read() is not Pause.PAUSE and time.monotonic() < until_s:
        pass
    assert source.read() is Pause.PAUSE
    rig.set(late_s=0.0)
    frame = frame_of(source)
    assert time.time_ns() // 1000 - frame.time_us < 30_000_000
    source.close()


def test_the_limit_of_exposure() -> None:
    limit = ExposureLimit(10_000)
    steps = [(8_000, 1.0), (20_000, 1.0), (20_000, 1.0), (10_000, 4.0), (10_000, 1.01), (7_000, 1.0), (12_000, 1.0)]
    answers = [limit.next_us(Exposure(time_us, gain)) for time_us, gain in steps]
    assert answers == [None, 10_000, None, None, AUTOMATIC, None, 10_000]
    assert ExposureLimit(0).next_us(Exposure(1e6, 8.0)) is None
    assert limit.next_us(None) is None


def test_modules_are_listed_and_webcams_are_not(rig: FakeRig) -> None:
    rig.replace(module(number=0), module("Webcam", 1, Id="/base/usb@1/cam"), module("imx219", 2))
    assert [(each.name, each.address) for each in csi_cameras(lambda: rig.library)] == [
        ("imx708", "0"),
        ("imx219", "1"),
    ]


def test_without_picamera2_there_are_none_and_a_sentence_says_what_to_install() -> None:
    assert csi_cameras() == []
    with pytest.raises(CaptureError, match="sudo apt install python3-picamera2") as caught:
        load()
    assert caught.value.status is CameraStatus.NOT_FOUND
