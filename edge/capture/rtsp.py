"""A network camera by RTSP, with little lag and a watchdog of its own."""

import av

from edge.capture.address import CameraAddress, camera_address
from edge.capture.connect import failure, open_stream
from edge.capture.decoder import Decoded, Decoder
from edge.capture.i420 import picture_of
from edge.capture.keys import Chooser
from edge.capture.knock import answers_rtsp
from edge.capture.lateness import Lateness
from edge.capture.source import CameraStatus, CaptureError, Counts, Pause
from edge.capture.timeline import LiveTimeline
from edge.model.clock import Clock
from edge.model.scene import Frame
from edge.settings import RtspSettings

_PICTURE_S = 15.0


class RtspSource:
    """Reads a camera's video stream over RTSP.

    PyAV's errors carry the address with its password: no such error ever leaves this class, not even as the context of
    another. A stream is stalled when no packet has come for `timeout_s`, whatever FFmpeg's own timeouts think.
    Pictures that stood in a queue on the way for too long are thrown away. Where decoding falls behind, what comes up
    to the next key frame is left out; with `keys_only` key frames alone are decoded, one a second at most.
    """

    def __init__(self, channel_id: str, settings: RtspSettings, clock: Clock) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._clock = clock
        self._timeline = LiveTimeline()
        self._lateness = Lateness()
        self._decoder: Decoder | None = None
        self._address: CameraAddress | None = None
        self._sequence = 0
        self._counts = Counts()
        self._chooser = Chooser()
        self._frame_s = 0.0
        self.keys_only = False

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        decoder = self._decoder
        return self._counts if decoder is None else self._counts + decoder.counts

    def point_at(self, settings: RtspSettings) -> None:
        """Play another address from the next opening on: where it stands in the stream goes on."""
        self._settings = settings

    def open(self) -> None:
        """Connect; CaptureError with the camera's status where it refuses, is not there or does not answer in time."""
        self.close()
        address = self._address = camera_address(self._settings)
        self._decoder = self._connect(address)
        self._timeline.restart()
        self._lateness.restart()
        self._frame_s = self._clock.monotonic_s()

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none came for a moment; CaptureError where the stream is lost."""
        if self._decoder is None:
            raise CaptureError(CameraStatus.BROKEN, "the camera is not open")
        self._chooser.keys_only = self.keys_only
        try:
            decoded = self._decoder.read()
        except av.error.ExitError:
            lost: CaptureError | None = self._stalled()
        except (av.FFmpegError, OSError) as error:
            lost = failure(self._shown(), error)
        else:
            if isinstance(decoded, Decoded):
                return self._frame(decoded)
            lost = self._ended() if decoded is None else self._overdue(self._decoder)
        if lost is not None:
            raise lost
        return Pause.PAUSE

    def close(self) -> None:
        """Let go of the camera."""
        if self._decoder is not None:
            self._counts += self._decoder.counts
            self._decoder.close()
            self._decoder = None

    def knock(self) -> bool:
        """Tell whether the camera answers RTSP at all."""
        return self._address is not None and answers_rtsp(self._address)

    def _connect(self, address: CameraAddress) -> Decoder:
        container = open_stream(address, self._settings, self._clock.monotonic_s)
        self._chooser = Chooser()
        try:
            monotonic_s, timeout_s = self._clock.monotonic_s, self._settings.timeout_s
            return Decoder(container, monotonic_s, self._channel_id, self._chooser, timeout_s)
        except CaptureError as error:
            container.close()
            unplayable = CaptureError(error.status, f"{address.shown}: {error}; choose a stream with video")
        raise unplayable

    def _frame(self, decoded: Decoded) -> Frame | Pause:
        now_s = self._clock.monotonic_s()
        self._frame_s = now_s
        self._sequence += 1
        stream_s = self._timeline.place(decoded.pts_s, decoded.arrival_s)
        if self._lateness.is_late(decoded.pts_s, decoded.arrival_s, now_s):
            if self._lateness.gives_up(now_s):
                raise self._too_slow()
            return Pause.PAUSE
        time_us = self._clock.now_us() - round((now_s - decoded.arrival_s) * 1e6)
        return Frame(self._channel_id, self._sequence, time_us, stream_s, picture_of(decoded.frame))

    def _overdue(self, decoder: Decoder) -> CaptureError | None:
        now_s = self._clock.monotonic_s()
        if now_s - decoder.packet_s >= self._settings.timeout_s:
            return self._stalled()
        if not self.keys_only and now_s - self._frame_s >= max(_PICTURE_S, self._settings.timeout_s):
            text = "sends packets but no picture that can be decoded; choose H.264 in the camera's settings"
            return CaptureError(CameraStatus.BROKEN, f"{self._shown()} {text}")
        return None

    def _stalled(self) -> CaptureError:
        text = f"sent no video for {self._settings.timeout_s:g} s; check the camera and its network"
        return CaptureError(CameraStatus.STALLED, f"{self._shown()} {text}")

    def _too_slow(self) -> CaptureError:
        text = "sends its pictures later and later; choose a smaller stream: network or board are too slow for it"
        return CaptureError(CameraStatus.STALLED, f"{self._shown()} {text}")

    def _ended(self) -> CaptureError:
        return CaptureError(CameraStatus.BROKEN, f"{self._shown()} ended the stream; the camera may be restarting")

    def _shown(self) -> str:
        return self._address.shown if self._address else ""
