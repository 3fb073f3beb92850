"""A camera that can be killed, stalled and brought back: gst-rtsp-server as a process of its own."""

import json
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, Self

import pytest

from edge.model.scene import Picture
from tests.support.ports import free_port

_PROGRAM = Path(__file__).with_name("gst_rtsp_server.py")
_PYTHON = "/usr/bin/python3"
_PROBE = """
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
raise SystemExit(not all(map(Gst.ElementFactory.find, ["x264enc", "rtph264pay", "h264parse", "qtdemux"])))
"""


def live(width: int = 320, height: int = 240, fps: int = 10, pattern: str = "ball", gop: int = 10) -> str:
    """A pipeline that draws and encodes as it goes."""
    return (
        f"( videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate={fps}/1"
        f" ! x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max={gop}"
        " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
    )


def h265() -> str:
    """A pipeline of 640x360 at 10 a second, a key frame a second."""
    return (
        "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=10/1"
        " ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
        " ! rtph265pay name=pay0 pt=96 config-interval=1 )"
    )


def mjpeg() -> str:
    """The same as JPEG pictures."""
    return (
        "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=360,framerate=10/1"
        " ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
    )


def clock() -> str:
    """A pipeline whose picture carries the time it was made: see `shown_ms`."""
    return (
        "( appsrc name=clock is-live=true do-timestamp=true format=time"
        " caps=video/x-raw,format=GRAY8,width=320,height=64,framerate=25/1 ! videoconvert ! video/x-raw,format=I420"
        " ! x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=25"
        " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
    )


def shown_ms(picture: Picture) -> int:
    """The time a picture of `clock` carries, milliseconds since 1970, the lowest 20 bits."""
    return sum(1 << bit for bit in range(20) if picture.y[32, bit * 16 + 8] > 128)


def audio_only() -> str:
    """A pipeline with sound and no picture."""
    return "( audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay0 )"


def clip(path: Path) -> str:
    """A pipeline that sends an H.264 MP4 file at its own speed."""
    return f'( filesrc location="{path}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )'


@cache
def unavailable() -> str:
    """Why there is no server on this machine; empty where there is one."""
    if shutil.which(_PYTHON) is None:
        return f"{_PYTHON} is not installed"
    probe = subprocess.run([_PYTHON, "-c", _PROBE], capture_output=True, check=False)
    return "gst-rtsp-server (gir1.2-gst-rtsp-server-1.0, plugins) is not installed" if probe.returncode else ""


@dataclass
class RtspServer:
    """One server; `port` is fixed at the first start, so that it can come back at the same place."""

    mounts: Mapping[str, str] = field(default_factory=lambda: {"/live": live()})
    auth: Literal["none", "basic", "digest"] = "none"
    username: str = "viewer"
    password: str = "secret"
    port: int = 0
    host: str = "127.0.0.1"
    child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if reason := unavailable():
            pytest.skip(reason)
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def start(self) -> None:
        self.port = self.port or free_port()
        wanted = {
            "host": self.host,
            "port": self.port,
            "auth": self.auth,
            "username": self.username,
            "password": self.password,
            "mounts": dict(self.mounts),
        }
        self.child = subprocess.Popen([_PYTHON, str(_PROGRAM), json.dumps(wanted)], stdout=subprocess.PIPE, text=True)
        assert self.child.stdout is not None
        self.port = int(self.child.stdout.readline())

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            assert self.child.stdout is not None
            self.child.stdout.close()
            self.child = None

    def stall(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGCONT)

    def url(self, path: str = "/live") -> str:
        return f"rtsp://{self.host}:{self.port}{path}"
