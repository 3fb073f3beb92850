"""A recorded clip as a camera."""

import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import av
from av.container import InputContainer

from edge.capture.decoder import Decoded, Decoder
from edge.capture.i420 import picture_of
from edge.capture.source import CameraStatus, CaptureError, Counts, Pause
from edge.capture.timeline import FileTimeline
from edge.model.clock import Clock
from edge.model.scene import Frame
from edge.settings import FileSettings

_SLICE_S = 0.25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FileSource:
    """Plays a clip at its own speed, or as fast as it is read, on the clip's clock.

    The wall time of a frame is `start_time` (without an offset: of `timezone`, None for the system's; empty: the
    moment the clip was opened) plus its place in the stream. Place, time and sequence go on rising over loops.
    """

    def __init__(self, channel_id: str, settings: FileSettings, clock: Clock, timezone: tzinfo | None = None) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._clock = clock
        self._timezone = timezone
        self._timeline = FileTimeline()
        self._decoder: Decoder | None = None
        self._next: Frame | None = None
        self._anchor_s: float | None = None
        self._start_us = 0
        self._sequence = 0
        self._found = 0
        self._counts = Counts()

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        decoder = self._decoder
        return self._counts if decoder is None else self._counts + decoder.counts

    @property
    def duration_s(self) -> float:
        """How long the open clip says it is, in seconds; 0 where it does not say."""
        return self._decoder.duration_s if self._decoder else 0.0

    def open(self) -> None:
        """Open the clip; CaptureError NOT_FOUND where there is none, BROKEN where it cannot be played."""
        self.close()
        self._begin()
        self._anchor_s = None

    def read(self) -> Frame | Pause | None:
        """Return the next frame when it is due, PAUSE before that, None at the end; CaptureError where it is broken."""
        frame = self._following() if self._next is None else self._next
        if isinstance(frame, Pause):
            return frame
        self._next = frame
        if frame is not None and self._settings.realtime and not self._due(frame.stream_s):
            return Pause.PAUSE
        self._next = None
        return frame

    def close(self) -> None:
        """Let go of the clip."""
        self._next = None
        if self._decoder is not None:
            self._counts += self._decoder.counts
            self._decoder.close()
            self._decoder = None

    def _begin(self) -> None:
        self._decoder = open_clip(Path(self._settings.path), self._clock)
        self._timeline.restart()
        self._timeline.frame_s = self._decoder.frame_s
        self._found = 0

    def _following(self) -> Frame | Pause | None:
        frame = self._decode()
        if frame is not None:
            return frame
        if not self._found:
            raise CaptureError(
                CameraStatus.BROKEN, f"{self._settings.path}: no picture can be decoded; record or convert it anew"
            )
        if not self._settings.loop:
            return None
        self.close()
        self._begin()
        return Pause.PAUSE

    def _decode(self) -> Frame | Pause | None:
        if self._decoder is None:
            raise CaptureError(CameraStatus.BROKEN, f"{self._settings.path}: is not open")
        try:
            decoded = self._decoder.read()
        except av.FFmpegError:
            decoded = None  # what a truncated or damaged clip still gave was played
        if not isinstance(decoded, Decoded):
            return decoded
        self._found += 1
        stream_s = self._timeline.place(decoded.pts_s)
        if self._anchor_s is None:
            self._anchor(stream_s)
        self._sequence += 1
        time_us = self._start_us + round(stream_s * 1e6)
        return Frame(self._channel_id, self._sequence, time_us, stream_s, picture_of(decoded.frame))

    def _anchor(self, stream_s: float) -> None:
        self._anchor_s = self._clock.monotonic_s() - stream_s
        if self._settings.start_time:
            self._start_us = start_us(self._settings.start_time, self._timezone)
        else:
            self._start_us = self._clock.now_us() - round(stream_s * 1e6)

    def _due(self, stream_s: float) -> bool:
        wait_s = (self._anchor_s or 0.0) + stream_s - self._clock.monotonic_s()
        if wait_s > 0.0:
            time.sleep(min(wait_s, _SLICE_S))
        return wait_s <= _SLICE_S


def start_us(text: str, timezone: tzinfo | None = None) -> int:
    """Return an ISO 8601 time as microseconds UTC; without offset it is of `timezone`, None for the system's."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CaptureError(
            CameraStatus.BROKEN, f'start_time "{text}" is not an ISO 8601 time such as 2026-03-29T00:59:00+01:00'
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone) if timezone else when.astimezone()
    return int((when - _EPOCH).total_seconds() * 1_000_000)


def open_clip(path: Path, clock: Clock) -> Decoder:
    """Open a video file for reading; CaptureError where that is not possible."""
    container = open_container(path)
    try:
        return Decoder(container, clock.monotonic_s)
    except CaptureError as error:
        container.close()
        raise CaptureError(error.status, f"{path}: {error}; give a file with video") from None


def open_container(path: Path) -> InputContainer:
    """Open a file of video or sound; CaptureError where there is none, or none that can be played."""
    if not path.exists():
        raise CaptureError(CameraStatus.NOT_FOUND, f"{path}: there is no such file; check source.file.path")
    if not path.is_file():
        raise CaptureError(CameraStatus.NOT_FOUND, f"{path}: is not a file; source.file.path must name a video file")
    try:
        return av.open(str(path), metadata_errors="replace")
    except av.error.PermissionError:
        text = f"{path}: may not be read; give the user of this program the right to"
    except av.FFmpegError as error:
        text = f"{path}: is not a video that can be played ({error.strerror}); give another file"
    raise CaptureError(CameraStatus.BROKEN, text)
