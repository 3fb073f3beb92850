import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from edge.capture.aside import Aside
from edge.capture.csi.source import CsiSource
from edge.capture.demo import DemoSource
from edge.capture.file import FileSource
from edge.capture.gate import Gate
from edge.capture.onvif.source import OnvifSource
from edge.capture.open import make_source
from edge.capture.rtsp import RtspSource
from edge.capture.source import CameraStatus, CaptureError, Counts, Decodes, Pause
from edge.model.scene import Frame, Picture
from edge.settings import (
    ChannelSettings,
    CsiSettings,
    DemoSettings,
    FileSettings,
    HttpSettings,
    MaskSettings,
    OnvifSettings,
    RtspSettings,
    SourceSettings,
    UsbSettings,
)
from tests.support.cameras import RealClock, Running, rtsp_channel, wait_until

_PLANE = np.zeros((2, 2), np.uint8)


class ScriptedCamera:
    """A camera that does what its script says, and then pauses; an error at `open` stands under its own list."""

    def __init__(self, script: Iterable[Frame | CaptureError], refusals: Iterable[CaptureError] = ()) -> None:
        self.script = deque(script)
        self.refusals = deque(refusals)
        self.opened = 0
        self.closed = 0
        self.knocks = 0
        self.answers = False
        self.counts = Counts(bytes=5000, errors=7, skipped=3)
        self.keys_only = False

    def open(self) -> None:
        self.opened += 1
        if self.refusals:
            raise self.refusals.popleft()

    def read(self) -> Frame | Pause | None:
        if not self.script:
            threading.Event().wait(0.02)
            return Pause.PAUSE
        item = self.script.popleft()
        if isinstance(item, CaptureError):
            raise item
        return item

    def close(self) -> None:
        self.closed += 1

    def knock(self) -> bool:
        self.knocks += 1
        return self.answers


def frame(sequence: int) -> Frame:
    return Frame("cam", sequence, 0, sequence * 0.1, Picture(_PLANE, _PLANE, _PLANE))


def error(status: CameraStatus) -> CaptureError:
    return CaptureError(status, "what to do")


CHANNEL = rtsp_channel(RtspSettings(url="rtsp://cam/live"))


def test_a_new_size_within_the_stream_is_shown() -> None:
    large = np.zeros((4, 6), np.uint8)
    camera = ScriptedCamera([frame(1), Frame("cam", 2, 0, 0.2, Picture(large, large, large))])
    with Running(CHANNEL, camera) as running:
        assert wait_until(lambda: (running.state.width, running.state.height) == (6, 4))
        assert running.state.status == "ok"


def test_an_outage_is_reported_once_although_its_cause_changes() -> None:
    camera = ScriptedCamera(
        [frame(1), error(CameraStatus.STALLED), frame(2)],
        [error(CameraStatus.UNREACHABLE), error(CameraStatus.REFUSED)],
    )
    with Running(CHANNEL, camera) as running:
        assert running.has_frames(2)
        assert running.has_status("ok")
        assert running.state.reconnects == 2
        assert running.state.detail == ""
        assert wait_until(lambda: running.state.decode_errors == 7)
        assert (running.state.received_bytes, running.state.left_out) == (5000, 3)
    assert [lost.status for lost in running.lost] == [CameraStatus.UNREACHABLE, CameraStatus.STALLED]
    assert camera.closed >= 4


def test_no_knock_after_a_wrong_password() -> None:
    camera = ScriptedCamera([frame(1)], [error(CameraStatus.WRONG_PASSWORD)])
    camera.answers = True
    with Running(CHANNEL, camera) as running:
        assert running.has_status("wrong password")
        beats = len(running.beats)
        assert wait_until(lambda: len(running.beats) > beats + 6)
    assert camera.knocks == 0
    assert camera.opened == 1


def test_a_channel_that_rests_keeps_its_camera_which_decodes_key_frames() -> None:
    camera = ScriptedCamera([frame(1)])
    with Running(replace(CHANNEL, enabled=False), camera) as running:
        assert wait_until(lambda: running.places and running.state.detail.startswith("connected"))
        assert (running.state.status, camera.keys_only) == ("disabled", True)
        running.worker.resting = False
        camera.script.append(frame(2))
        assert running.has_status("ok")
        assert wait_until(lambda: not camera.keys_only)  # from its next picture on
        assert (running.state.detail, camera.opened) == ("", 1)
        running.worker.resting = True
        camera.script.append(error(CameraStatus.STALLED))
        assert wait_until(lambda: running.state.detail == "stalled: what to do")
        assert running.state.status == "disabled"


def test_of_a_channel_that_rests_a_picture_a_second_goes_on_with_its_private_parts_painted() -> None:
    mask = MaskSettings(kind="privacy", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    gate, white = Gate(replace(CHANNEL, masks=(mask,))), np.full((4, 4), 255, np.uint8)
    shown = [Frame("cam", n, 0, n * 0.1, Picture(white, white[:2, :2], white[:2, :2])) for n in range(40)]
    admitted = [passed for each in shown if (passed := gate.admit(each, resting=True)) is not None]
    assert [each.sequence for each in admitted] == [0, 10, 20, 30]
    assert all(each.picture.y.max() < 255 for each in admitted)


def test_a_call_that_fails_in_an_unexpected_way_is_no_camera_fault() -> None:
    complaints: list[type[BaseException]] = []
    usual, threading.excepthook = threading.excepthook, lambda args: complaints.append(args.exc_type)
    try:
        with pytest.raises(RuntimeError, match="unexpected"):
            Aside("odd", lambda: 1 // 0, lambda: None).wait(threading.Event(), lambda: None)
        assert wait_until(lambda: complaints == [ZeroDivisionError])  # by the thread itself, as its last word
    finally:
        threading.excepthook = usual


def test_a_call_given_up_tidies_after_itself() -> None:
    stop, go_on, tidied = threading.Event(), threading.Event(), threading.Event()
    stop.set()
    aside = Aside("slow", go_on.wait, tidied.set)
    assert aside.wait(stop, lambda: None) is None
    assert aside.given_up
    assert not tidied.is_set()
    go_on.set()
    assert tidied.wait(10)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (SourceSettings(file=FileSettings(path="x.mp4")), FileSource),
        (SourceSettings(rtsp=RtspSettings(url="rtsp://cam/")), RtspSource),
        (SourceSettings(onvif=OnvifSettings(host="cam")), OnvifSource),
        (SourceSettings(csi=CsiSettings()), CsiSource),
        (SourceSettings(demo=DemoSettings()), DemoSource),
    ],
)
def test_each_kind_of_source(source: SourceSettings, kind: type) -> None:
    assert isinstance(make_source(ChannelSettings(name="x", source=source), RealClock()), kind)


@pytest.mark.parametrize(
    "source",
    [
        SourceSettings(file=FileSettings(path="x.mp4")),
        SourceSettings(rtsp=RtspSettings(url="rtsp://cam/")),
        SourceSettings(onvif=OnvifSettings(host="cam")),
        SourceSettings(usb=UsbSettings()),
        SourceSettings(http=HttpSettings(url="http://cam/still.jpg")),
    ],
)
def test_what_decodes_is_counted_for_health(source: SourceSettings) -> None:
    made = make_source(ChannelSettings(name="x", source=source), RealClock())
    assert isinstance(made, Decodes)
    assert made.counts == Counts()


def test_settings_without_a_kind() -> None:
    channel = ChannelSettings(name="x", source=SourceSettings())
    with pytest.raises(ValueError, match="not available"):
        make_source(channel, RealClock())
