"""What a camera module must do, whoever plays it: the fake by default, the real picamera2 where one is at hand.

Run with another library: `EDGE_CSI_RIG=package.module:function python -m pytest tests/contract`. The function takes a
folder of its own and returns a context manager of a `Rig` (tests/support/csi_rig.py): a bench with a first camera that
gives 1280x720 and a small stream of at least 160x90, and can be shown the scenes of tests/support/csi_scenes.py. A rig
raises `Unable` for what it cannot do. Needed are numpy, OpenCV, PyYAML and pytest, nothing else.
"""

import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.capture.csi.failure import failure
from edge.capture.csi.library import Camera, Job, Request
from edge.capture.csi.planes import PAIRED, PLANAR
from edge.capture.csi.source import CsiSource
from edge.capture.csi.streams import BUFFERS, wanted
from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.capture.timeline import Thinner
from edge.model.event import Direction, Event, EventType
from edge.model.scene import Frame, Picture
from edge.pipeline import build_pipeline
from edge.settings import AnalysisSettings, ChannelSettings, CsiSettings, LineSettings, SourceSettings
from tests.support.clock import RealClock
from tests.support.csi_rig import Rig, able, chosen_rig
from tests.support.csi_scenes import PERIOD_S

SOON_S = 5.0


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with chosen_rig(tmp_path) as bench:
        yield bench


@pytest.fixture
def camera(rig: Rig) -> Iterator[Camera]:
    opened = rig.library.camera(0)
    opened.configure(opened.create_video_configuration(**asked(rig)))
    opened.start()
    try:
        yield opened
    finally:
        opened.cancel_all_and_flush()
        opened.close()


@pytest.fixture
def source(rig: Rig) -> Iterator[CsiSource]:
    made = CsiSource(channel(), RealClock(), lambda: rig.library)
    try:
        yield made
    finally:
        made.close()


def asked(rig: Rig) -> dict[str, object]:
    return wanted(rig.library, CsiSettings(), 640, turns=True) | {"controls": dict[str, object]()}


def channel(**csi: object) -> ChannelSettings:
    settings = CsiSettings(**{"timeout_s": 10.0, "fps": 30.0, **csi})  # type: ignore[arg-type] # by name, as a test gives them
    line = LineSettings(line="Middle", id="middle", points=((0.5, 0.1), (0.5, 0.95)))
    return ChannelSettings(
        name="Module", id="cam", source=SourceSettings(csi=settings), rules=(line,), analysis=AnalysisSettings(fps=10.0)
    )


def taken(camera: Camera, job: Job | None = None) -> Request:
    return (job or camera.capture_request(wait=False)).get_result(timeout=SOON_S)


def frames(source: CsiSource, count: int) -> list[Frame]:
    end_s, found = time.monotonic() + SOON_S + count, list[Frame]()
    while len(found) < count and time.monotonic() < end_s:
        frame = source.read()
        if isinstance(frame, Frame):
            found.append(frame)
    assert len(found) == count
    return found


def lost(source: CsiSource) -> CaptureError:
    end_s = time.monotonic() + 4 * SOON_S
    try:
        while time.monotonic() < end_s:
            source.read()
    except CaptureError as error:
        return error
    raise AssertionError("the camera is not lost")


def resized(picture: Picture, like: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    size = (like.width, like.height)
    return np.asarray(cv2.resize(picture.y, size, interpolation=cv2.INTER_AREA), np.uint8)


class TestLibrary:
    """What the program relies on picamera2 for."""

    def test_cameras_are_described(self, rig: Rig) -> None:
        first = rig.library.cameras()[0]
        assert first["Model"]
        assert first["Id"]

    def test_the_configuration_in_force_says_how_buffers_lie(self, camera: Camera) -> None:
        got = camera.camera_configuration()
        for name in ("main", "lores"):
            width, height = got[name]["size"]
            assert width % 2 == height % 2 == 0
            assert got[name]["stride"] >= width
            assert got[name]["format"] in (*PLANAR, *PAIRED)
        assert got["main"]["size"] == (1280, 720)

    def test_requests_carry_the_time_and_both_streams(self, rig: Rig, camera: Camera) -> None:
        stamps = []
        for _ in range(5):
            request = taken(camera)
            try:
                stamps.append(request.get_metadata()["SensorTimestamp"])
                for name in ("main", "lores"):
                    stream = camera.camera_configuration()[name]
                    with rig.library.mapped(request, name, reshape=False, write=False) as mapped:
                        assert mapped.array.ndim == 1
                        assert mapped.array.dtype == np.uint8
                        assert mapped.array.size >= stream["stride"] * stream["size"][1] * 3 // 2
            finally:
                request.release()
        assert all(isinstance(stamp, int) for stamp in stamps)
        assert stamps == sorted(set(stamps))

    def test_requests_that_are_held_starve_the_camera(self, camera: Camera) -> None:
        held = [taken(camera) for _ in range(BUFFERS)]
        waiting = camera.capture_request(wait=False)
        try:
            with pytest.raises(TimeoutError):
                waiting.get_result(timeout=0.5)
        finally:
            for request in held:
                request.release()
        taken(camera, waiting).release()

    def test_what_is_waited_for_can_be_cancelled(self, camera: Camera) -> None:
        held = [taken(camera) for _ in range(BUFFERS)]
        waiting = camera.capture_request(wait=False)
        camera.cancel_all_and_flush()
        with pytest.raises(CancelledError):
            waiting.get_result(timeout=SOON_S)
        for request in held:
            request.release()
        taken(camera).release()

    def test_a_camera_is_opened_once_only(self, rig: Rig, camera: Camera) -> None:
        assert camera.camera_configuration()
        with pytest.raises(RuntimeError) as caught:
            rig.library.camera(0)
        assert failure(caught.value, "camera 0").status is CameraStatus.BUSY

    def test_wrong_words_are_refused(self, camera: Camera) -> None:
        with pytest.raises(RuntimeError, match="stopped before"):
            camera.configure(camera.create_video_configuration())
        with pytest.raises(ValueError, match="size_of_it"):
            camera.create_video_configuration(main={"size_of_it": (2, 2)})
        with pytest.raises(RuntimeError, match="NoSuchControl"):
            camera.set_controls({"NoSuchControl": 1})

    def test_there_is_no_camera_of_such_a_number(self, rig: Rig) -> None:
        with pytest.raises(RuntimeError):
            rig.library.camera(len(rig.library.cameras()))


class TestSource:
    """What the rest of the program sees of it."""

    def test_frames_have_two_sizes_and_their_place_in_time(self, source: CsiSource) -> None:
        source.open()
        got = frames(source, 8)
        now_us = time.time_ns() // 1000
        assert {frame.size for frame in got} == {(1280, 720)}
        small = got[0].picture
        assert small.width < 1280
        assert small.aspect == pytest.approx(16 / 9, rel=0.02)
        assert small.u.shape == small.v.shape == (small.height // 2, small.width // 2)
        places = [frame.stream_s for frame in got]
        assert places == sorted(set(places))
        assert [frame.sequence for frame in got] == list(range(1, 9))
        assert all(0 <= now_us - frame.time_us < 20_000_000 for frame in got)

    def test_the_large_picture_is_of_the_same_moment(self, rig: Rig, source: CsiSource) -> None:
        rig.show("walk")
        source.open()
        for frame in frames(source, 12)[::3]:
            large = frame.shown()
            assert (large.width, large.height) == (1280, 720)
            apart = np.abs(resized(large, frame.picture).astype(int) - frame.picture.y)
            assert float(apart.mean()) < 6.0

    def test_whoever_keeps_frames_stops_nothing_and_keeps_the_pictures(self, source: CsiSource) -> None:
        source.open()
        kept = frames(source, 2 * BUFFERS)
        before = [(frame.picture.y.copy(), frame.shown().y.copy()) for frame in kept]
        frames(source, 10)
        for frame, (small, large) in zip(kept, before, strict=True):
            assert np.array_equal(frame.picture.y, small)
            assert np.array_equal(frame.shown().y, large)
        source.close()
        assert np.array_equal(kept[0].shown().y, before[0][1])

    def test_pictures_outlive_the_camera(self, source: CsiSource) -> None:
        source.open()
        frame = frames(source, 1)[0]
        source.close()
        assert frame.shown().y.shape == (720, 1280)

    def test_opened_again_it_goes_on_in_time(self, source: CsiSource) -> None:
        source.open()
        first = frames(source, 3)
        for _ in range(2):
            source.open()
            again = frames(source, 3)
            assert again[0].stream_s > first[-1].stream_s
            assert again[0].sequence > first[-1].sequence
            first = again
        assert source.hung == ""

    def test_a_camera_that_stalls_is_told_closed_and_got_back(self, rig: Rig) -> None:
        source = CsiSource(channel(timeout_s=2.0), RealClock(), lambda: rig.library)
        source.open()
        frames(source, 3)
        able(lambda: rig.stall(stalled=True))
        assert lost(source).status is CameraStatus.STALLED
        source.close()
        assert source.hung == "", "closed before its deadline"
        able(lambda: rig.stall(stalled=False))
        source.open()
        frames(source, 3)
        source.close()

    def test_reads_of_a_stalled_camera_are_short(self, rig: Rig) -> None:
        patient = CsiSource(channel(timeout_s=60.0), RealClock(), lambda: rig.library)
        patient.open()
        frames(patient, 1)
        able(lambda: rig.stall(stalled=True))
        for _ in range(3):
            with suppress(CaptureError):
                patient.read()
        began_s = time.monotonic()
        assert patient.read() is Pause.PAUSE
        assert time.monotonic() - began_s < 10.0, "not for the 60 s after which it is lost"
        patient.close()

    def test_a_camera_that_hangs_on_stop_is_told(self, rig: Rig) -> None:
        impatient = CsiSource(channel(), RealClock(), lambda: rig.library, close_s=0.5)
        impatient.open()
        frames(impatient, 2)
        able(rig.hang_on_stop)
        impatient.close()
        assert "did not stop within 0.5 s" in impatient.hung
        with pytest.raises(CaptureError) as caught:
            impatient.open()
        assert caught.value.status is CameraStatus.HUNG

    def test_a_number_that_is_not_there_is_told_with_those_that_are(self, rig: Rig) -> None:
        nobody = CsiSource(channel(camera=7), RealClock(), lambda: rig.library)
        with pytest.raises(CaptureError, match=r"camera 7 is not there.*cameras: 0 \(") as caught:
            nobody.open()
        assert caught.value.status is CameraStatus.NOT_FOUND

    def test_it_is_found_by_its_id(self, rig: Rig) -> None:
        found = CsiSource(channel(camera=7, id=rig.library.cameras()[0]["Id"]), RealClock(), lambda: rig.library)
        found.open()
        frames(found, 1)
        found.close()

    def test_black_pictures_are_black(self, rig: Rig, source: CsiSource) -> None:
        rig.show("black")
        source.open()
        frame = frames(source, 3)[-1]
        assert frame.picture.y.mean() < 24
        assert frame.shown().y.mean() < 24

    def test_somebody_who_crosses_is_counted(self, rig: Rig, source: CsiSource) -> None:
        rig.show("walk")
        source.open()
        pipeline, thinner = build_pipeline(channel(), 1, UTC), Thinner(10.0)
        crossed, end_s = list[Event](), time.monotonic() + 2 * PERIOD_S
        while not crossed and time.monotonic() < end_s:
            frame = source.read()
            if isinstance(frame, Frame) and thinner.wants(frame.stream_s):
                events = pipeline.process(frame).events
                crossed += [each for each in events if each.type is EventType.TRIPWIRE_CROSSED]
        assert [each.direction for each in crossed] == [Direction.B_TO_A]
