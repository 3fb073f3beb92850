"""The worker that looks at frames: mailboxes to pipelines to event log."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import Protocol

from edge.capture.mailbox import Mailboxes
from edge.capture.rate import Rate
from edge.capture.source import CaptureError
from edge.health import Health
from edge.model.calibration import Calibration
from edge.model.clock import Clock
from edge.model.event import NO_RULE, Event, EventType, Suppressed
from edge.model.scene import Frame
from edge.picture import jpeg
from edge.picture.board import Board
from edge.pipeline import ChannelPipeline, PipelineResult, build_pipeline
from edge.rules.table import make_rules
from edge.settings import ChannelSettings

_LOG = logging.getLogger("edge.analysis")
_TAKE_S = 0.5
_REPORT_S = 1.0
_RESTS_S = (0.0, 10.0, 60.0, 180.0)
_SNAPSHOT_WIDTH = 640
_SNAPSHOT_QUALITY = 70


class Events(Protocol):
    """Where events go: the event log."""

    def append(self, events: Sequence[Event], now_us: int, jpeg: bytes | None = None) -> None:
        """Take over one frame's events."""
        ...

    def suppress(self, candidates: Sequence[Suppressed]) -> None:
        """Take note of what did not become an event."""
        ...

    def last_object_id(self, channel_id: str) -> int:
        """Return the highest object id a channel's events ever had, 0 for none."""
        ...


Build = Callable[[ChannelSettings, int, tzinfo], ChannelPipeline]
"""How a channel's pipeline is made: settings, first free object id, the device's time zone."""


class _Analysed:
    """One channel as the worker knows it: its pipeline from the first frame on, and where its stream stands."""

    def __init__(self, settings: ChannelSettings, build: Build, first_object_id: int, zone: tzinfo) -> None:
        self.settings = settings
        self.pictured = _pictured(settings)
        self.next_object_id = first_object_id
        self.analysed = 0
        self.rate = Rate()
        self.reported_s = 0.0
        self.failures = 0
        self.failed_s = 0.0
        self._build = build
        self._zone = zone
        self._pipeline: ChannelPipeline | None = None
        self._last: Frame | None = None

    def analyse(self, frame: Frame) -> PipelineResult:
        """Return what a frame gives."""
        if self._pipeline is None:
            self._pipeline = self._build(self.settings, self.next_object_id, self._zone)
        self._last = frame
        result = self._pipeline.process(frame)
        self.analysed += 1
        return result

    def close(self) -> tuple[tuple[Event, ...], int]:
        """End the stream; return what that closes and the time of the last frame. The next frame starts a new one."""
        pipeline, last = self._pipeline, self._last
        self._pipeline = self._last = None
        if pipeline is None or last is None:
            return (), 0
        self.next_object_id = max(self.next_object_id, pipeline.last_object_id + 1)
        return pipeline.close(last.time_us, last.stream_s), last.time_us

    @property
    def calibration(self) -> Calibration | None:
        """What has been learnt of the scale."""
        return None if self._pipeline is None else self._pipeline.calibration

    def change_rules(self, settings: ChannelSettings) -> tuple[tuple[Event, ...], int]:
        """Judge by the rules of these settings; return what that closes and the time of the last frame."""
        self.settings, self.pictured = settings, _pictured(settings)
        if self._pipeline is None or self._last is None:
            return (), 0
        last, rules = self._last, make_rules(settings, self._zone)
        return self._pipeline.change_rules(rules, last.time_us, last.stream_s), last.time_us

    def is_cut(self, frame: Frame) -> bool:
        """Tell whether a frame cannot continue the stream: the picture's size has changed, or its time goes back."""
        last = self._last
        if last is None:
            return False
        return frame.stream_s <= last.stream_s or frame.picture.y.shape != last.picture.y.shape

    def rests(self, now_s: float) -> bool:
        """Tell whether the channel is left alone for a while, since its analysis has failed."""
        return self.failures > 0 and now_s - self.failed_s < _RESTS_S[min(self.failures, len(_RESTS_S)) - 1]

    def wants_picture(self, event: Event) -> bool:
        """Tell whether a picture is kept with an event."""
        if event.rule_id == NO_RULE:
            return event.type is not EventType.OBJECT_DISAPPEAR  # nobody is in the picture any more
        return event.rule_id in self.pictured


class AnalysisWorker:
    """Analyses the frames of its channels, one after the other.

    `zone` is the device's, in which schedules are read. Channels may be added and removed at any time
    and from any thread; `lost` and `ended` are for the capture workers. A channel whose analysis fails takes the worker
    down, to be started again by the supervisor: the other channels keep their state, the failed one starts anew and
    rests, longer each time.
    """

    def __init__(
        self,
        mailboxes: Mailboxes,
        log: Events,
        board: Board,
        health: Health,
        clock: Clock,
        *,
        zone: tzinfo,
        build: Build = build_pipeline,
        name: str = "analysis:0",
    ) -> None:
        self.name = name
        self._mailboxes = mailboxes
        self._log = log
        self._board = board
        self._health = health
        self._clock = clock
        self._zone = zone
        self._build = build
        self._lock = threading.Lock()
        self._channels: dict[str, _Analysed] = {}
        self._ended: deque[str] = deque()

    def add(self, channel: ChannelSettings) -> None:
        """Analyse a channel from now on; one of the same id is closed and replaced."""
        with self._lock:
            old = self._channels.pop(channel.id, None)
            first_id = self._log.last_object_id(channel.id) + 1
            if old is not None:
                self._close(old)
                first_id = max(first_id, old.next_object_id)
            self._channels[channel.id] = _Analysed(channel, self._build, first_id, self._zone)

    def change_rules(self, channel: ChannelSettings) -> None:
        """Judge a channel by other rules, its background and tracks kept; what the old ones hold open is closed."""
        with self._lock:
            known = self._channels.get(channel.id)
            if known is not None:
                self._append_closing(*known.change_rules(channel))

    def remove(self, channel_id: str) -> None:
        """Stop analysing a channel; what it holds open is closed and appended before this returns."""
        with self._lock:
            channel = self._channels.pop(channel_id, None)
            if channel is not None:
                self._close(channel)
                self._health.clear_flag(_flag(channel))
        self._mailboxes.remove(channel_id)
        self._board.remove(channel_id)

    def lost(self, channel_id: str, error: CaptureError) -> None:  # noqa: ARG002 - its rule comes in a later version
        """Close what a channel holds open: its camera is away. The next frame starts it anew."""
        with self._lock:
            self._stop_stream(channel_id)

    def ended(self, channel_id: str) -> None:
        """Close what a channel holds open once its last frame, which may be in hand still, is analysed."""
        self._ended.append(channel_id)

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Analyse until `stop` is set, then close what all channels hold open."""
        while not stop.is_set():
            beat()
            frame = self._mailboxes.take(_TAKE_S)
            with self._lock:
                if frame is not None:
                    self._look(frame)
                while self._ended:
                    self._stop_stream(self._ended.popleft())
        with self._lock:
            for channel in self._channels.values():
                self._close(channel)

    def _look(self, frame: Frame) -> None:
        channel = self._channels.get(frame.channel_id)
        now_s = self._clock.monotonic_s()
        if channel is None or channel.rests(now_s):
            return
        if channel.is_cut(frame):
            self._close(channel)
        done = False
        try:
            self._tell(channel, frame)
            done = True
        finally:  # what is unexpected goes on to the supervisor
            if not done:
                self._failed(channel, now_s)
        self._report(channel, now_s)

    def _tell(self, channel: _Analysed, frame: Frame) -> None:
        result = channel.analyse(frame)
        self._board.put(frame, result.scene)
        self._log.suppress(result.suppressed)
        picture: bytes | None = None
        for wanted, group in groupby(result.events, key=channel.wants_picture):
            if wanted and picture is None:
                picture = jpeg.encode(frame.picture, max_width=_SNAPSHOT_WIDTH, quality=_SNAPSHOT_QUALITY)
            self._log.append(tuple(group), frame.time_us, picture if wanted else None)

    def _close(self, channel: _Analysed) -> None:
        self._append_closing(*channel.close())

    def _append_closing(self, closing: tuple[Event, ...], now_us: int) -> None:
        if closing:
            self._log.append(closing, now_us)

    def _stop_stream(self, channel_id: str) -> None:
        channel = self._channels.get(channel_id)
        if channel is not None:
            self._close(channel)
            channel.rate = Rate()
            self._health.set_channel(channel_id, analysed_fps=0.0, analysed=channel.analysed)

    def _failed(self, channel: _Analysed, now_s: float) -> None:
        """Start a channel anew after a fault in its analysis."""
        quiet_s = now_s - channel.failed_s
        channel.failures = 1 if quiet_s > 2 * _RESTS_S[-1] else channel.failures + 1
        channel.failed_s = now_s
        name = channel.settings.name
        text = f"{name}: the analysis has failed and starts anew; the log has the fault, please report it"
        self._health.raise_flag(_flag(channel), text)
        _LOG.error("%s: the analysis of a frame has failed %d times", name, channel.failures)
        self._close(channel)

    def _report(self, channel: _Analysed, now_s: float) -> None:
        """Put the counts into health, once a second."""
        if now_s - channel.reported_s < _REPORT_S:
            return
        channel.reported_s = now_s
        channel.rate.add(now_s, channel.analysed)
        rate = round(channel.rate.per_s(), 2)
        self._health.set_channel(channel.settings.id, analysed=channel.analysed, analysed_fps=rate, last_frame_s=now_s)
        self._health.set_channel(channel.settings.id, calibration=channel.calibration)
        if channel.failures and not channel.rests(now_s):
            self._health.clear_flag(_flag(channel))


def _pictured(settings: ChannelSettings) -> frozenset[str]:
    """Return the ids of the rules whose events have pictures."""
    return frozenset(rule.id for rule in settings.rules if rule.snapshot)


def _flag(channel: _Analysed) -> str:
    return f"analysis of {channel.settings.name}"
