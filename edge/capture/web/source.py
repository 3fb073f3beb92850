"""A camera by HTTP: its still picture asked for at a rate, or its MJPEG stream; which of them, its answer tells."""

import logging
import time

from edge.capture.address import password_of
from edge.capture.source import CameraStatus, CaptureError, Counts, Pause
from edge.capture.still import DamagedError, JpegDecoder, Still
from edge.capture.timeline import RESTING_FPS, LiveTimeline, Thinner
from edge.capture.web.address import web_address
from edge.capture.web.answer import Head
from edge.capture.web.client import NOT_MODIFIED, WebClient
from edge.capture.web.jpegs import MOST_BYTES, JpegStream
from edge.model.clock import Clock
from edge.model.scene import Frame, Picture
from edge.settings import HttpSettings

_log = logging.getLogger("edge.capture")
_LONGEST_READ_S = 1.5
_PICTURE_S = 15.0
_WHOLE = 3.0
_SAME_S = 1.0
_SHORT = 65_536
_JUNK = 64
_MOST_READS = 256


class HttpSource:
    """Plays a camera's pictures.

    One question at a time, the next no sooner than 1/fps after the last; with `keys_only` one a second is asked for, or
    decoded of a stream. A picture that is byte for byte the last one
    is no new look at the scene: it is handed on once a second only, so that a frozen camera is still found. Every
    picture that is handed on was whole; what is cut off or garbled counts as a decoding error.
    """

    def __init__(self, channel_id: str, settings: HttpSettings, clock: Clock) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._clock = clock
        self._timeline = LiveTimeline()
        self._thinner = Thinner(settings.fps)
        self._resting = Thinner(RESTING_FPS)
        self._jpeg = JpegDecoder()
        self._client: WebClient | None = None
        self._jpegs = JpegStream()
        self._streams = False
        self._asking = False
        self._etag = ""
        self._last = b""
        self._picture: Picture | None = None
        self._passed_s = 0.0
        self._whole_s = 0.0
        self._due_s = 0.0
        self._sequence = 0
        self.decode_errors = 0
        self.received = 0
        self.keys_only = False

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        return Counts(self.received, self.decode_errors)

    @property
    def streams(self) -> bool:
        """Whether the camera sends an MJPEG stream, as far as it is open."""
        return self._streams

    def open(self) -> None:
        """Connect and look what comes; CaptureError where the camera refuses, is not there, or sends no picture."""
        self.close()
        try:
            address = web_address(self._settings.url)
        except ValueError:
            wrong = CaptureError(CameraStatus.BROKEN, "source.http.url is not of the form http://host:port/path")
        else:
            username, password = self._settings.username, password_of(self._settings)
            self._client = WebClient(address, username, password, self._settings.tls)
            self._timeline.restart()
            self._jpegs, self._etag, self._last = JpegStream(), "", b""
            self._whole_s = time.monotonic()
            self._begin(self._client)
            return
        raise wrong

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none came for up to 2 s; CaptureError where the camera is lost."""
        taken = self.take()
        if taken is None:
            return Pause.PAUSE
        self._sequence += 1
        stream_s = self._timeline.place(None, taken.moment_s)
        time_us = self._clock.now_us() - round((self._clock.monotonic_s() - taken.moment_s) * 1e6)
        return Frame(self._channel_id, self._sequence, time_us, stream_s, taken.picture)

    @property
    def codec(self) -> str:
        """How the camera sends, as FFmpeg names it."""
        return "mjpeg"

    @property
    def answer_s(self) -> float:
        """How long the last still picture took from the question to its last byte."""
        return self._client.heard_s - self._client.asked_s if self._client else 0.0

    def take(self) -> Still | None:
        """Return the next picture, None where there is none yet; CaptureError as `read`."""
        client = self._client
        if client is None:
            raise CaptureError(CameraStatus.BROKEN, "the camera is not open")
        pictures = self._stream(client) if self._streams else self._poll(client)
        self._watch(client)
        return self._taken(client, pictures[0]) if pictures else None

    def close(self) -> None:
        """Let go of the camera."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._streams = self._asking = False

    def knock(self) -> bool:
        """Tell whether the camera gives any HTTP answer, without a login."""
        try:
            client = WebClient(web_address(self._settings.url), "", "", self._settings.tls)
        except ValueError:
            return False
        try:
            client.ask()
            return client.receive(1.0) is not None
        except CaptureError as error:
            return error.status not in {CameraStatus.REFUSED, CameraStatus.UNREACHABLE, CameraStatus.STALLED}
        finally:
            client.close()

    def _begin(self, client: WebClient) -> None:
        """Ask for the first time and wait for the head of an answer."""
        self._ask(client)
        end_s = client.asked_s + self._settings.timeout_s
        head = None
        while head is None and time.monotonic() < end_s:
            head = client.receive(end_s - time.monotonic())
        if head is None:
            text = "takes the connection and says nothing; restart the camera"
            raise CaptureError(CameraStatus.STALLED, f"{client.first.shown} {text}")
        self._streams = _is_stream(head)

    def _ask(self, client: WebClient) -> None:
        fps = min(self._settings.fps, RESTING_FPS) if self.keys_only else self._settings.fps
        self._due_s = time.monotonic() + 1.0 / fps
        client.ask(self._etag)
        self._asking = True

    def _stream(self, client: WebClient) -> list[bytes]:
        """Return the newest picture of the stream, where it is one that is wanted."""
        head = client.receive(_LONGEST_READ_S)
        pictures = self._jpegs.feed(client.answer.take())
        for _ in range(_MOST_READS if pictures else 0):  # what has queued up in a stall: only the newest counts
            client.receive(0.0)
            pictures = self._jpegs.feed(client.answer.take()) or pictures
            if not client.size_came:
                break
        self._count(client)
        self.decode_errors += self._jpegs.cut
        self._jpegs.cut = 0
        if head is not None and client.answer.done:
            text = "ended the stream; the camera may be restarting, or have too many viewers"
            raise CaptureError(CameraStatus.BROKEN, f"{client.first.shown} {text}")
        thinner = self._resting if self.keys_only else self._thinner
        return [picture for picture in pictures[-1:] if thinner.wants(client.heard_s)]

    def _poll(self, client: WebClient) -> list[bytes]:
        """Return the still picture once it is whole."""
        if not self._asking:
            wait_s = self._due_s - time.monotonic()
            if wait_s > 0.0:
                time.sleep(min(wait_s, _LONGEST_READ_S))
                return []
            self._ask(client)
        if not client.answer.done:
            client.receive(_LONGEST_READ_S)
            self._count(client)
        if client.answer.waiting > MOST_BYTES:
            raise self._no_picture(client, b"")
        if not client.answer.done or client.answer.head is None:
            return []
        self._asking = False
        return self._whole(client, client.answer.head, client.answer.take())

    def _whole(self, client: WebClient, head: Head, body: bytes) -> list[bytes]:
        if head.status == NOT_MODIFIED and self._last:
            return [self._last]
        start = body.find(b"\xff\xd8", 0, _JUNK)
        if start < 0:
            raise self._no_picture(client, body, head)
        self._etag = head.get("etag")
        return [body[start:]]

    def _taken(self, client: WebClient, data: bytes) -> Still | None:
        now_s = time.monotonic()
        same = data == self._last
        if same and now_s - self._passed_s < _SAME_S:
            self._whole_s = now_s
            return None
        try:
            picture = self._picture if same and self._picture else self._jpeg.decode(data)
        except DamagedError as error:
            self.decode_errors += 1
            _log.debug("%s: a picture is left out: %s", client.first.shown, error)
            return None
        self._last, self._picture = data, picture
        self._passed_s = self._whole_s = now_s
        return Still(client.heard_s if self._streams else client.begun_s, picture, len(data))

    def _count(self, client: WebClient) -> None:
        self.received += client.size
        client.size = 0

    def _watch(self, client: WebClient) -> None:
        now_s, timeout_s = time.monotonic(), self._settings.timeout_s
        shown = client.first.shown
        waits = self._asking or self._streams
        if waits and now_s - client.heard_s >= timeout_s:
            text = f"sent nothing for {timeout_s:g} s; check the camera and its network"
            raise CaptureError(CameraStatus.STALLED, f"{shown} {text}")
        if not self._streams and self._asking and now_s - client.asked_s >= _WHOLE * timeout_s:
            text = f"takes more than {_WHOLE * timeout_s:g} s for a picture; choose a smaller one, or raise timeout_s"
            raise CaptureError(CameraStatus.STALLED, f"{shown} {text}")
        if now_s - self._whole_s >= max(_PICTURE_S, _WHOLE * timeout_s + 1.0 / self._settings.fps):
            text = "sends no whole JPEG picture; choose JPEG or MJPEG in the camera's settings, or check the path"
            raise CaptureError(CameraStatus.BROKEN, f"{shown} {text}")

    def _no_picture(self, client: WebClient, body: bytes, head: Head | None = None) -> CaptureError:
        start = body[:_SHORT].lstrip().lower()
        kind = head.get("content-type").partition(";")[0] if head else ""
        if start.startswith((b"<!doctype", b"<html")) or kind == "text/html":
            text = (
                "answers with a web page, not with a picture (to log in?); check its path, username and password_file"
            )
            return CaptureError(CameraStatus.NO_SUCH_STREAM, f"{client.first.shown} {text}")
        if not body:
            text = f"sends more than {MOST_BYTES // 1_000_000} MB, which is no picture; check its path"
            return CaptureError(CameraStatus.NO_SUCH_STREAM, f"{client.first.shown} {text}")
        named = f" ({kind})" if kind.isprintable() and 0 < len(kind) < 60 else ""  # noqa: PLR2004 - one line
        text = f"sends no JPEG picture{named}; check its path, choose JPEG in the camera"
        return CaptureError(CameraStatus.NO_SUCH_STREAM, f"{client.first.shown} {text}")


def _is_stream(head: Head) -> bool:
    kind = head.get("content-type").lower()
    return kind.startswith("multipart/") or ("jpeg" in kind and kind.startswith("video/"))
