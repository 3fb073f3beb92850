"""Cameras whose address changes. Run by tests/integration/test_onvif_network.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.capture.onvif.known import KnownCameras
from edge.capture.onvif.locate import Locator
from edge.capture.onvif.source import OnvifSource
from edge.capture.source import CameraStatus, CaptureError
from edge.model.scene import Frame
from edge.settings import ChannelSettings, OnvifSettings, SourceSettings
from tests.support.cameras import RealClock, Running, wait_until
from tests.support.network import MOVED, SECOND
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video
from tests.support.rtsp_server import RtspServer, live

OURS, OTHER = "urn:uuid:5f5a69c2-e0ae-504f-829b-000000000001", "urn:uuid:5f5a69c2-e0ae-504f-829b-000000000002"
PORT = 8099
SETTINGS = OnvifSettings(host=SECOND, port=PORT, username="admin", password="secret")


def camera(host: str, endpoint: str) -> OnvifCamera:
    return OnvifCamera(host=host, port=PORT, endpoint=endpoint)


def test_a_camera_that_has_moved_is_played_again(caplog: pytest.LogCaptureFixture) -> None:
    channel = ChannelSettings(id="cam", name="Yard", source=SourceSettings(onvif=SETTINGS))
    known = KnownCameras()
    video = (Video("sub", 640, 360),)
    with Running(channel, OnvifSource("cam", SETTINGS, RealClock(), known)) as running:
        for host in (SECOND, MOVED):
            with (
                RtspServer(mounts={"/sub": live(640, 360)}, host=host) as server,
                replace(camera(host, OURS), videos=video, rtsp=(host, server.port)),
            ):
                assert running.has_status("ok", 60)
                assert running.has_frames(3)
                assert known.endpoint("cam", SECOND) == OURS
            if host == SECOND:
                assert running.has_status("connection refused", 60)
    assert f"is now at {MOVED}:{PORT}, found again by its endpoint id" in caplog.text


def test_a_camera_that_announces_itself_elsewhere_is_heard() -> None:
    known, video = KnownCameras(), (Video("sub", 640, 360),)
    known.learn("cam", SECOND, OURS)
    source = OnvifSource("cam", SETTINGS, RealClock(), known)
    with pytest.raises(CaptureError):
        source.open()
    assert not source.knock()
    with camera(MOVED, OTHER) as stranger, RtspServer(mounts={"/sub": live(640, 360)}, host=MOVED) as server:
        stranger.announce()
        assert not source.knock()
    with server, replace(camera(MOVED, OURS), videos=video, rtsp=(MOVED, server.port)) as back:
        assert not source.knock()
        back.announce()
        assert wait_until(source.knock)
        assert not source.knock(), "heard once"
        source.open()
        assert wait_until(lambda: isinstance(source.read(), Frame))
    source.close()


def test_it_is_found_after_a_restart_too(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    with camera(SECOND, OURS):
        assert Locator("cam", SETTINGS, KnownCameras(path)).locate().host == SECOND
    with camera(MOVED, OURS):
        assert Locator("cam", SETTINGS, KnownCameras(path)).locate().host == MOVED


def test_another_camera_at_the_old_address_is_not_taken_for_it() -> None:
    given = replace(SETTINGS, endpoint=OURS)
    learnt = KnownCameras()
    learnt.learn("cam", SECOND, OURS)
    with camera(SECOND, OTHER), camera(MOVED, OURS):
        assert Locator("cam", given, KnownCameras()).locate().host == MOVED
        assert Locator("cam", SETTINGS, learnt).locate().host == MOVED
        assert learnt.endpoint("cam", SECOND) == OURS


def test_a_replacement_is_taken_unless_the_endpoint_is_given() -> None:
    learnt = KnownCameras()
    learnt.learn("cam", SECOND, OURS)
    with camera(SECOND, OTHER):
        assert Locator("cam", SETTINGS, learnt).locate().host == SECOND
        assert learnt.endpoint("cam", SECOND) == OTHER
        with pytest.raises(CaptureError, match=f"another camera now \\({OTHER}\\)") as caught:
            Locator("cam", replace(SETTINGS, endpoint=OURS), KnownCameras()).locate()
    assert caught.value.status is CameraStatus.NOT_FOUND


def test_a_camera_that_answers_no_question_is_where_it_was() -> None:
    with replace(camera(SECOND, OURS), discovery="silent"):
        assert Locator("cam", replace(SETTINGS, endpoint=OURS), KnownCameras()).locate().host == SECOND
