"""One opened container and the decoder of its video: packets in, decoded frames out."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from edge.capture.keys import Chooser
from edge.capture.pump import Arrived, Pump
from edge.capture.source import CameraStatus, CaptureError, Counts, Pause

_PATIENCE_S = 0.5
_KEPT_ARRIVALS = 64
ENDED_BY_NEXT = {"h264", "hevc"}
"""Codecs of which a frame's end is known on the network only when the next one begins."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded frame, its time stamp in seconds (None where it has none) and when its packet arrived (monotonic)."""

    frame: av.VideoFrame
    pts_s: float | None
    arrival_s: float


class Decoder:
    """Reads the first video stream of `container`, which it owns; with a `name` it is a live one, read by a thread.

    Live reads break off by themselves after `longest_read_s`.

    Raises CaptureError where the container has no video that can be decoded. `packet_s` is when the last packet
    arrived; `chooser` chooses the packets that are decoded, None for all. One thread: each further one adds a frame of
    lag.

    A frame's arrival is that of its own first bytes: on the network the end of an H.264 or H.265 frame is known only
    when the next one begins, so there it is the moment at which the frame before was complete.
    """

    def __init__(
        self,
        container: InputContainer,
        monotonic_s: Callable[[], float],
        name: str = "",
        chooser: Chooser | None = None,
        longest_read_s: float = math.inf,
    ) -> None:
        self._container = container
        self._monotonic_s = monotonic_s
        self._chooser = chooser
        self._stream = _video_of(container)
        self._stream.thread_type = "NONE"
        self._ended_by_next = self._stream.codec_context.name in ENDED_BY_NEXT
        self._pump = Pump(name, container, self._stream, monotonic_s, longest_read_s) if name else None
        self._packets = iter(()) if name else container.demux(self._stream)
        self._ready: deque[av.VideoFrame] = deque()
        self._arrivals: dict[int, float] = {}
        self._bytes = 0
        self._errors = 0
        self.packet_s = monotonic_s()

    @property
    def counts(self) -> Counts:
        """What has come so far."""
        return Counts(self._bytes, self._errors, self._chooser.skipped if self._chooser else 0)

    @property
    def frame_s(self) -> float:
        """The usual time between two frames, in seconds."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        return 1.0 / float(rate) if rate else 0.1

    @property
    def duration_s(self) -> float:
        """How long the video says it is, in seconds; 0 where it does not say."""
        return (self._container.duration or 0) / av.time_base

    def read(self) -> Decoded | Pause | None:
        """Return the next frame, None at the end, PAUSE where none comes for a moment; lets PyAV's errors through."""
        begun_s = self._monotonic_s()
        while not self._ready:
            arrived = self._next()
            if not isinstance(arrived, Arrived):
                return arrived
            self._take(arrived.packet, arrived.came_s)
            if not self._ready and self._monotonic_s() - begun_s > _PATIENCE_S:
                return Pause.PAUSE
        frame = self._ready.popleft()
        pts_s = None if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
        arrival_s = self.packet_s if frame.pts is None else self._arrivals.pop(frame.pts, self.packet_s)
        return Decoded(frame, pts_s, arrival_s)

    def close(self) -> None:
        """Let go of everything."""
        self._packets = iter(())
        self._ready.clear()
        if self._pump is not None:
            self._pump.close()
        else:
            self._container.close()

    def _next(self) -> Arrived | Pause | None:
        if self._pump is not None:
            return self._pump.take()
        packet = next(self._packets, None)
        return None if packet is None else Arrived(packet, self._monotonic_s())

    def _take(self, packet: "Packet[VideoStream]", came_s: float) -> None:
        if packet.size:
            self._bytes += packet.size
            before_s, self.packet_s = self.packet_s, came_s
            if packet.pts is not None:
                if len(self._arrivals) >= _KEPT_ARRIVALS:
                    self._arrivals.clear()
                self._arrivals[packet.pts] = before_s if self._ended_by_next else self.packet_s
            if not self._wants(packet, came_s):
                return
        try:
            self._ready.extend(packet.decode())
        except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.BugError):
            self._errors += 1

    def _wants(self, packet: "Packet[VideoStream]", came_s: float) -> bool:
        if self._chooser is None:
            return True
        now_s = self._monotonic_s()
        return self._chooser.wants(key=packet.is_keyframe, waited_s=now_s - came_s, now_s=now_s)


def _video_of(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic:
            return stream
    raise CaptureError(CameraStatus.BROKEN, "there is no video in it that can be decoded")
