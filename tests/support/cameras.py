"""What tests of capture share: a real clock, a worker on a thread, channels by their sources."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from edge.capture.mailbox import Mailboxes
from edge.capture.open import make_source
from edge.capture.source import CaptureError, FrameSource, Listeners
from edge.capture.worker import CaptureWorker
from edge.health import ChannelHealth, Health
from edge.model.scene import Frame
from edge.settings import AnalysisSettings, ChannelSettings, FileSettings, RtspSettings, SourceSettings
from tests.support.clock import RealClock

__all__ = ["RealClock", "Running", "file_channel", "rtsp_channel", "wait_until"]


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    """Wait until a condition holds; False where it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def rtsp_channel(settings: RtspSettings, fps: float = 30.0) -> ChannelSettings:
    return ChannelSettings(
        id="cam", name="Camera", source=SourceSettings(rtsp=settings), analysis=AnalysisSettings(fps=fps)
    )


def file_channel(settings: FileSettings, fps: float = 30.0) -> ChannelSettings:
    return ChannelSettings(
        id="cam", name="Camera", source=SourceSettings(file=settings), analysis=AnalysisSettings(fps=fps)
    )


@dataclass
class Running:
    """A capture worker on a thread, and a consumer that keeps what it takes."""

    channel: ChannelSettings
    source: FrameSource | None = None
    look: Callable[[Frame], None] | None = None
    """What the consumer does with each frame it has taken."""
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    health: Health = field(default_factory=Health)
    stop: threading.Event = field(default_factory=threading.Event)
    stop_taking: threading.Event = field(default_factory=threading.Event)
    places: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    times_us: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    last: Frame | None = None
    lost: list[CaptureError] = field(default_factory=list)
    ended: list[tuple[str, int]] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    worker: CaptureWorker = field(init=False)

    def __enter__(self) -> Self:
        clock = RealClock()
        self.worker = CaptureWorker(
            self.channel,
            self.source or make_source(self.channel, clock),
            self.mailboxes,
            self.health,
            clock,
            told=Listeners(
                lost=lambda _channel_id, error: self.lost.append(error),
                ended=lambda channel_id: self.ended.append((channel_id, len(self.places))),
                hung=lambda _channel_id, text: self.hung.append(text),
            ),
        )
        self.threads = [
            threading.Thread(target=self.worker.run, args=(self.stop, lambda: self.beats.append(time.monotonic()))),
            threading.Thread(target=self._take),
        ]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop.set()
        self.stop_taking.set()
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()

    @property
    def state(self) -> ChannelHealth:
        return self.health.snapshot().channels.get("cam", ChannelHealth())

    def has_status(self, status: str, seconds: float = 30.0) -> bool:
        return wait_until(lambda: self.state.status == status, seconds)

    def has_frames(self, more: int = 1, seconds: float = 30.0) -> bool:
        wanted = len(self.places) + more
        return wait_until(lambda: len(self.places) >= wanted, seconds)

    def _take(self) -> None:
        while not self.stop_taking.is_set():
            frame = self.mailboxes.take(0.1)
            if frame is not None:
                if self.look is not None:
                    self.look(frame)
                self.times_us.append(frame.time_us)
                self.sequences.append(frame.sequence)
                self.arrivals.append(time.monotonic())
                self.last = frame
                self.places.append(frame.stream_s)
