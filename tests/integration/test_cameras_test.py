"""`edge cameras test` against a real RTSP server and through a bad network."""

import subprocess
import sys
import threading
from pathlib import Path

import cv2
import pytest

from edge.capture.deadline import Deadline
from edge.capture.onvif.answers import Found
from edge.capture.onvif.client import Login
from edge.capture.onvif.place import Place
from edge.capture.onvif.survey import survey
from edge.capture.open import make_source
from edge.capture.source import CameraStatus, CaptureError
from edge.capture.trial import try_out
from edge.cli.cameras_blocks import listing
from edge.config.loader import load
from edge.model.scene import Frame
from edge.settings import RtspSettings
from tests.support.bad_network import BadNetwork
from tests.support.cameras import RealClock
from tests.support.clips import write_clip
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video
from tests.support.picture_server import PictureServer, certificate
from tests.support.rtsp_server import RtspServer, h265, live, mjpeg


def edge(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", "cameras", "test", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_report_with_a_picture(tmp_path: Path) -> None:
    secret, out = tmp_path / "secret", tmp_path / "out.jpg"
    secret.write_text("pass@word\n")
    mounts = {"/sub": live(640, 360, gop=100)}
    login = ("--user", "viewer", "--password-file", str(secret))
    with (
        RtspServer(mounts=mounts, auth="digest", password="pass@word") as server,
        OnvifCamera(
            discovery="silent",
            username="viewer",
            password="pass@word",
            videos=(Video("main", 1920, 1080), Video("sub", 640, 360)),
            rtsp=("127.0.0.1", server.port),
        ) as camera,
    ):
        run = edge(server.url("/sub"), *login, "--seconds", "4.5", "--picture", str(out))
        by_onvif = edge(f"onvif://127.0.0.1:{camera.port}", *login, "--seconds", "1")
        refused = edge(server.url("/sub"))
        nothing = edge(server.url("/none"), *login)
    assert run.returncode == 0, run.stderr
    for line in ("codec: H.264", "size: 640x360", "frame rate: ", "losses: 0 packets", "key frames: none for 4"):
        assert line in run.stdout
    assert "advice: shorten the key-frame interval" in run.stdout
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape == (360, 640, 3)
    assert by_onvif.stdout.startswith("profile: sub, 640x360 H264, 10 fps\naddress: rtsp://127.0.0.1:")
    assert (refused.returncode, nothing.returncode) == (1, 1)
    assert "wrong password: rtsp://" in refused.stderr
    assert "no such stream: rtsp://" in nothing.stderr
    for each in (run, by_onvif, refused, nothing):
        assert "pass@word" not in each.stdout + each.stderr
        assert "Traceback" not in each.stderr


@pytest.mark.parametrize(("path", "codec"), [("/h265", "hevc"), ("/mjpeg", "mjpeg")])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_other_codecs(path: str, codec: str, transport: str) -> None:
    with RtspServer(mounts={"/h265": h265(), "/mjpeg": mjpeg()}) as server:
        trial = try_out(RtspSettings(url=server.url(path), transport=transport), 1.5)  # type: ignore[arg-type]
    assert (trial.codec, trial.picture.width) == (codec, 640)
    assert 9.0 < trial.stamped_fps < 11.0
    assert 0.5 < trial.fps < 30.0, "as they arrive, in bursts on a busy machine"
    assert trial.keyframe_s < 1.1


def test_losses_and_a_slow_network_are_seen() -> None:
    with RtspServer(mounts={"/live": live(640, 360, fps=25, pattern="snow")}) as server:
        with BadNetwork(server.port, lost=50) as network:
            url = f"rtsp://127.0.0.1:{network.port}/live"
            by_udp = try_out(RtspSettings(url=url, transport="udp"), 2.0)
            assert 0 < by_udp.lost_packets <= network.dropped
            by_tcp = try_out(RtspSettings(url=url), 2.0)
            assert by_tcp.decode_errors > 0
        with BadNetwork(server.port, stretched=1.3) as network:
            slow = try_out(RtspSettings(url=f"rtsp://127.0.0.1:{network.port}/live"), 3.0)
    assert slow.lost_packets == 0
    assert 0.1 < slow.falls_behind < 0.6


def test_a_camera_that_stalls_is_told() -> None:
    with RtspServer(mounts={"/live": live()}) as server:
        threading.Timer(1.5, server.stall).start()
        with pytest.raises(CaptureError, match="sent no video for") as caught:
            try_out(RtspSettings(url=server.url()), 30.0)
    assert caught.value.status is CameraStatus.STALLED


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("rtsp://user:secret@192.0.2.7/x",), 1, "--password-file"),
        (("ftp://192.0.2.7/x",), 1, "must begin with rtsp:// or rtsps://"),
        (("onvif://",), 1, "onvif://HOST"),
        (("http://user:secret@192.0.2.7/x",), 1, "--password-file"),
        (("http:///x",), 1, "names no host"),
        (("/missing.mp4",), 1, "or a video file"),
        (("rtsp://192.0.2.7/x", "--seconds", "0"), 2, "1 to 600"),
        (("rtsp://192.0.2.7/x", "--password-file", "/missing"), 1, "cannot read /missing"),
    ],
)
def test_wrong_calls_say_what_is_right(words: tuple[str, ...], code: int, says: str) -> None:
    run = edge(*words)
    assert run.returncode == code
    assert says in run.stderr
    assert "secret" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_pictures_by_http_are_tried_too(tmp_path: Path) -> None:
    secret, out = tmp_path / "secret", tmp_path / "out.jpg"
    secret.write_text("pass@word\n")
    login = ("--user", "viewer", "--password-file", str(secret))
    with PictureServer(auth="digest", password="pass@word") as server:
        still = edge(server.url(), *login, "--seconds", "2", "--picture", str(out))
        stream = edge(server.url("/stream"), *login, "--seconds", "1")
        refused = edge(server.url())
        missing = edge(server.url("/none"), *login)
    for run in (still, stream):
        assert run.returncode == 0, run.stderr
        for line in ("codec: MJPEG", "size: 320x240", "each picture stands alone", "losses: 0 packets, 0"):
            assert line in run.stdout
    assert cv2.imread(str(out)) is not None
    assert "wrong password: http://" in refused.stderr
    assert "no such stream: http://" in missing.stderr
    assert "pass@word" not in "".join(run.stdout + run.stderr for run in (still, stream, refused, missing))


def test_a_camera_without_a_stream_gives_its_still_picture() -> None:
    with (
        PictureServer() as server,
        OnvifCamera(discovery="silent", login="none", videos=(Video("main", 1920, 1080, "VP9"),)) as camera,
        OnvifCamera(discovery="silent", login="none", rtsp=("127.0.0.1", 1)) as mute,
    ):
        camera.snapshot = mute.snapshot = server.url()
        run = edge(f"onvif://127.0.0.1:{camera.port}", "--seconds", "1")
        stream_less = edge(f"onvif://127.0.0.1:{mute.port}", "--seconds", "1")
    assert run.returncode == 0, run.stderr
    assert f"still picture: {server.url()}" in run.stdout
    assert "offers no stream of H.264, H.265 or JPEG" in run.stdout
    assert "stream: connection refused: rtsp://127.0.0.1:1/sub" in stream_less.stdout
    assert "size: 320x240" in stream_less.stdout


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_still_picture_that_is_printed_as_a_channel_opens(tmp_path: Path, *, encrypted: bool) -> None:
    secret, written = tmp_path / "secret", tmp_path / "edge.yaml"
    secret.write_text("pass@word\n")
    tls = certificate(tmp_path) if encrypted else None
    with (
        PictureServer(auth="digest", username="admin", password="pass@word", tls=tls) as server,
        OnvifCamera(discovery="silent", password="pass@word", videos=(Video("main", 1920, 1080, "VP9"),)) as camera,
    ):
        camera.snapshot = server.url("/still.jpg?channel=1")
        found = Found("urn:uuid:1", Place("127.0.0.1", camera.port), "Front: door #1", "")
        seen = survey(found, Login("admin", "pass@word"), RealClock(), Deadline.after(10.0))
        written.write_text(listing([], [seen], "admin", secret))
        (channel,) = load(written).channels
        source = make_source(channel, RealClock())
        source.open()
        frame = next(each for each in iter(source.read, None) if isinstance(each, Frame))
        source.close()
    assert channel.name == "Front: door #1"
    assert (frame.picture.width, frame.picture.height) == (320, 240)
    assert "pass@word" not in written.read_text()
    assert "offers no stream of H.264, H.265 or JPEG" in written.read_text()


def test_a_file_is_tried_as_fast_as_it_goes(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, 60, fps=10, size=(320, 240), gop=50)
    run = edge(str(clip), "--seconds", "30")
    assert run.returncode == 0, run.stderr
    for line in ("codec: H.264", "size: 320x240", "frame rate: 10.0 a second", "key frames: ", "in the clip"):
        assert line in run.stdout
    assert "lag:" not in run.stdout
