"""Reads a camera's packets on a thread of its own, so that a read is never broken off in the middle of a packet."""

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge.capture.source import Pause

_SLICE_S = 0.5
_JOIN_S = 1.0
_MOST = 64


@dataclass(frozen=True, slots=True)
class Arrived:
    """A packet and when it was complete (monotonic seconds)."""

    packet: "Packet[VideoStream]"
    came_s: float


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing in the queue: why there are no more packets; None at the stream's end."""

    error: Exception | None


class Pump:
    """The packets of a container's stream, as they come; it owns the container from now on.

    FFmpeg forgets what it has read of a packet when a read is broken off, and takes the rest for the beginning of the
    next one. So its reads last as long as the container allows them to, `longest_read_s`, and whoever waits here waits
    for less. A read that is broken off then may give a picture that was there all along.
    """

    def __init__(
        self,
        name: str,
        container: InputContainer,
        stream: VideoStream,
        monotonic_s: Callable[[], float],
        longest_read_s: float,
    ) -> None:
        self._container = container
        self._stream = stream
        self._monotonic_s = monotonic_s
        self._longest_read_s = longest_read_s
        self._queue: queue.Queue[Arrived | _End] = queue.Queue(_MOST)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"read:{name}", daemon=True)
        self._thread.start()

    def take(self) -> Arrived | Pause | None:
        """Return the next packet, None at the end, PAUSE where none comes in half a second; lets PyAV's errors out."""
        try:
            item = self._queue.get(timeout=_SLICE_S)
        except queue.Empty:
            return Pause.PAUSE
        if isinstance(item, Arrived):
            return item
        self._queue.put(item)  # for whoever asks again; there is room, nothing else comes
        if item.error is not None:
            raise item.error
        return None

    def close(self) -> None:
        """Let go of the camera: at once, or, where it is silent, when the read in hand has come to its end."""
        self._closed.set()
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        error: Exception | None = None
        try:
            asked_s = self._monotonic_s()
            for packet in self._container.demux(self._stream):
                now_s = self._monotonic_s()
                came_s = now_s if now_s - asked_s < self._longest_read_s else asked_s
                if not self._put(Arrived(packet, came_s)):
                    break
                asked_s = self._monotonic_s()
        except (av.FFmpegError, OSError) as failed:
            error = failed
        finally:
            self._put(_End(error))
            self._closed.wait()
            self._container.close()

    def _put(self, item: Arrived | _End) -> bool:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_SLICE_S)
                return True
        return False
