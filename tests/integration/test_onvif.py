"""An ONVIF camera with a real RTSP server behind it, through the same worker as any other."""

import logging
from dataclasses import replace

import pytest

from edge.capture.onvif.source import OnvifSource
from edge.capture.open import make_source
from edge.capture.source import CameraStatus, CaptureError
from edge.settings import AnalysisSettings, ChannelSettings, OnvifSettings, SourceSettings
from tests.support.cameras import RealClock, Running
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video
from tests.support.rtsp_server import RtspServer, h265, live, mjpeg

VIDEOS = (Video("main", 1280, 720), Video("sub", 640, 360), Video("tiny", 320, 240))
MOUNTS = {"/sub": live(640, 360), "/tiny": live(320, 240)}


def channel(there: OnvifCamera, **how: object) -> ChannelSettings:
    settings = OnvifSettings(host=there.host, port=there.port, username="admin", password="secret")
    settings = replace(settings, **how)  # type: ignore[arg-type]
    return ChannelSettings(
        id="cam", name="Yard", source=SourceSettings(onvif=settings), analysis=AnalysisSettings(fps=30)
    )


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_the_smallest_sufficient_stream_is_played(transport: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        RtspServer(mounts=MOUNTS, auth="digest", username="admin") as server,
        OnvifCamera(discovery="silent", videos=VIDEOS, rtsp=("127.0.0.1", server.port)) as there,
        Running(channel(there, transport=transport)) as camera,
    ):
        assert camera.has_frames(5)
        assert (camera.state.width, camera.state.height) == (640, 360)
        assert camera.state.detail == "profile sub: 640x360 H264, 10 fps"
        assert (camera.state.profile_name, camera.state.profile_token) == ("sub stream", "sub")
        assert isinstance(make_source(camera.channel, RealClock()), OnvifSource)
    assert "profile sub (sub stream), 640x360 H264, 10 fps" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("codec", "pipeline"), [("H265", h265()), ("JPEG", mjpeg())], ids=["H265", "JPEG"])
def test_other_codecs_are_played(codec: str, pipeline: str) -> None:
    with (
        RtspServer(mounts={"/sub": pipeline}) as server,
        OnvifCamera(
            discovery="silent", videos=(Video("sub", 640, 360, codec),), rtsp=("127.0.0.1", server.port)
        ) as there,
        Running(channel(there)) as camera,
    ):
        assert camera.has_frames(3)
        assert camera.state.detail == f"profile sub: 640x360 {codec}, 10 fps"


def test_a_named_stream_behind_wrong_replies_and_a_wrong_clock(caplog: pytest.LogCaptureFixture) -> None:
    with (
        RtspServer(mounts=MOUNTS) as server,
        OnvifCamera(
            discovery="silent",
            videos=VIDEOS,
            reported=("192.0.2.99", 8080),
            rtsp=("192.0.2.99", 9),
            rtsp_ports=(9, server.port),
            clock_off_s=7200.0,
        ) as there,
        Running(channel(there, profile="tiny")) as camera,
    ):
        assert camera.has_frames(3)
        assert (camera.state.width, camera.state.height) == (320, 240)
    assert "the camera's clock is 2 h ahead" in caplog.text


def test_each_opening_asks_anew() -> None:
    with (
        RtspServer(mounts=MOUNTS) as first,
        RtspServer(mounts={"/other": live(320, 240)}) as second,
        OnvifCamera(discovery="silent", videos=VIDEOS, rtsp=("127.0.0.1", first.port)) as there,
        Running(channel(there)) as camera,
    ):
        assert camera.has_frames(3)
        there.rtsp, there.paths = ("127.0.0.1", second.port), {"sub": "/other"}
        first.kill()
        assert camera.has_status("broken stream")
        assert camera.has_status("ok")
        assert camera.has_frames(2)
        assert (camera.state.width, camera.state.reconnects) == (320, 1)
    assert camera.places == sorted(camera.places)
    assert camera.sequences == sorted(camera.sequences)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"password": "another"}, "wrong password"),
        ({"locks_after": 0}, "account locked"),
        ({"fault": "no time", "password": "another"}, "clock off"),
        ({"fault": "no media"}, "no such stream"),
        ({"fault": "html"}, "not ONVIF"),
    ],
)
def test_what_is_wrong_stands_in_the_status(how: dict[str, object], status: str) -> None:
    there = replace(OnvifCamera(discovery="silent"), **how)  # type: ignore[arg-type]
    with there, Running(channel(there)) as camera:
        assert camera.has_status(status)
        assert there.host in camera.state.detail
        assert there.failed <= 1


def test_a_knock_asks_what_did_not_answer() -> None:
    server = RtspServer(mounts=MOUNTS)
    with server:
        server.kill()
        with OnvifCamera(discovery="silent", videos=VIDEOS, rtsp=("127.0.0.1", server.port)) as there:
            settings = channel(there).source.onvif
            assert settings is not None
            source = OnvifSource("cam", settings, RealClock())
            with pytest.raises(CaptureError) as caught:
                source.open()
            assert caught.value.status is CameraStatus.REFUSED
            assert not source.knock()  # though its device service does: else it would be tried again without end
            server.start()
            assert source.knock()
            source.open()
            source.close()
        with pytest.raises(CaptureError):
            source.open()
        assert not source.knock()
        with there:
            assert source.knock()


def test_a_camera_that_comes_back_is_heard() -> None:
    there = OnvifCamera(discovery="silent", videos=VIDEOS)
    with RtspServer(mounts=MOUNTS) as server:
        with there:
            there.rtsp = ("127.0.0.1", server.port)
        with Running(channel(there)) as camera:
            assert camera.has_status("connection refused")
            with there:
                assert camera.has_status("ok")
