"""The worker that looks at frames: mailboxes to pipelines to event log."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import Protocol

from edge.analysis.channel import RESTS_S, Analysed, Build
from edge.capture.mailbox import Mailboxes
from edge.capture.rate import Rate
from edge.capture.source import CameraStatus, CaptureError
from edge.health import ChannelHealth, Health
from edge.model.clock import Clock
from edge.model.event import Event, Suppressed
from edge.model.scene import Frame, Scene, bare_scene
from edge.picture import jpeg
from edge.picture.board import Board
from edge.pipeline import build_pipeline
from edge.rules.disconnect import FROZEN
from edge.settings import ChannelSettings

_LOG = logging.getLogger("edge.analysis")
_TAKE_S = 0.5
_REPORT_S = 1.0
_WATCH_S = 0.2
_OK = CameraStatus.OK.value
_FROZEN_TEXT = "the camera sends the same picture again and again; restart it"
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


class Scenes(Protocol):
    """Where scenes go, to be judged again by other rules: the log of tracks."""

    def add(self, scene: Scene) -> None:
        """Take over a channel's next scene."""
        ...

    def end(self, channel_id: str) -> None:
        """Take note that a channel's stream has ended."""
        ...


class AnalysisWorker:
    """Analyses the frames of its channels, one after the other.

    `zone` is the device's, in which schedules are read. Channels may be added and removed at any time
    and from any thread; `lost` and `ended` are for the capture workers. A channel whose analysis fails takes the worker
    down, to be started again by the supervisor: the other channels keep their state, the failed one starts anew and
    rests, longer each time.
    """

    name = "analysis:0"

    def __init__(
        self,
        mailboxes: Mailboxes,
        log: Events,
        board: Board,
        health: Health,
        clock: Clock,
        *,
        zone: tzinfo,
        tracks: Scenes | None = None,
        build: Build = build_pipeline,
    ) -> None:
        self._mailboxes = mailboxes
        self._log = log
        self._board = board
        self._health = health
        self._clock = clock
        self._zone = zone
        self._tracks = tracks
        self._build = build
        self._lock = threading.Lock()
        self._channels: dict[str, Analysed] = {}
        self._shown: set[str] = set()
        self._ended: deque[str] = deque()
        self._watched_s = 0.0

    def add(self, channel: ChannelSettings) -> None:
        """Analyse a channel from now on; one of the same id is closed and replaced."""
        with self._lock:
            self._shown.discard(channel.id)
            old = self._channels.pop(channel.id, None)
            first_id = self._log.last_object_id(channel.id) + 1
            if old is not None:
                self._close(old)
                first_id = max(first_id, old.next_object_id)
            self._channels[channel.id] = Analysed(channel, self._build, first_id, self._zone, self._clock.monotonic_s())

    def show(self, channel_id: str) -> None:
        """Put a channel's pictures on the board from now on, and look for nothing in them."""
        self.remove(channel_id)
        with self._lock:
            self._shown.add(channel_id)

    def change_rules(self, channel: ChannelSettings) -> None:
        """Judge a channel by other rules, its background and tracks kept; what the old ones hold open is closed."""
        with self._lock:
            known = self._channels.get(channel.id)
            if known is not None:
                self._append_closing(*known.change_rules(channel))

    def remove(self, channel_id: str) -> None:
        """Stop analysing a channel; what it holds open is closed and appended before this returns."""
        with self._lock:
            self._shown.discard(channel_id)
            channel = self._channels.pop(channel_id, None)
            if channel is not None:
                self._close(channel)
                self._health.set_channel(channel_id, analysed_fps=0.0)
                self._health.clear_flag(_flag(channel))
        self._mailboxes.remove(channel_id)
        self._board.remove(channel_id)

    def lost(self, channel_id: str, error: CaptureError) -> None:  # noqa: ARG002 - why is in health, where it may change
        """Close what a channel holds open: its camera is away. The next frame starts it anew."""
        with self._lock:
            self._stop_stream(channel_id)

    def hung(self, channel_id: str, text: str) -> None:  # noqa: ARG002 - why is in health
        """Tell at once, where it was not told in this outage, that a camera is lost until a new process is started."""
        with self._lock:
            self._stop_stream(channel_id)
            channel = self._channels.get(channel_id)
            if channel is None:
                return
            now_us = self._clock.now_us()
            gone = channel.gone(self._clock.monotonic_s(), now_us, CameraStatus.HUNG.value)
            if gone is not None:
                self._log.append((gone,), now_us)

    def told_before(self, channel_id: str) -> None:
        """Take note that an earlier process has told that a camera is lost, and that it still is."""
        with self._lock:
            channel = self._channels.get(channel_id)
            if channel is not None:
                channel.outage.tell()

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
                    self._end(self._ended.popleft())
                self._watch()
        with self._lock:
            for channel in self._channels.values():
                self._close(channel)

    def _look(self, frame: Frame) -> None:
        channel = self._channels.get(frame.channel_id)
        now_s = self._clock.monotonic_s()
        if channel is None:
            if frame.channel_id in self._shown:
                self._board.put(frame, bare_scene(frame))
            return
        if channel.rests(now_s):
            channel.outage.picture(now_s, 0.0)  # the camera is there, only we are not
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

    def _watch(self) -> None:
        """Tell of cameras that have given no picture for too long."""
        now_s, now_us = self._clock.monotonic_s(), self._clock.now_us()
        if now_s - self._watched_s < _WATCH_S:
            return
        self._watched_s = now_s
        health = self._health.snapshot().channels
        for channel in self._channels.values():
            state = health.get(channel.settings.id, ChannelHealth())
            if state.status == CameraStatus.PREPARING.value:
                channel.outage.excused(now_s)
            missed = channel.missed(now_s, now_us, state.status)
            if missed is not None:
                self._close(channel)
                _LOG.warning("%s: no picture for too long: %s", channel.settings.name, missed.reason)
                self._log.append((missed,), now_us)

    def _tell(self, channel: Analysed, frame: Frame) -> None:
        was_frozen = channel.frozen
        result = channel.analyse(frame, self._clock.monotonic_s())
        if channel.frozen is not was_frozen:
            self._show_frozen(channel)
        self._board.put(frame, result.scene)
        if self._tracks is not None:
            self._tracks.add(result.scene)
        self._log.suppress(result.suppressed)
        picture: bytes | None = None
        for wanted, group in groupby(result.events, key=channel.wants_picture):
            if wanted and picture is None:
                picture = jpeg.encode(frame.shown(), max_width=_SNAPSHOT_WIDTH, quality=_SNAPSHOT_QUALITY)
            self._log.append(tuple(group), frame.time_us, picture if wanted else None)

    def _close(self, channel: Analysed) -> None:
        if self._tracks is not None:
            self._tracks.end(channel.settings.id)
        self._append_closing(*channel.close())

    def _append_closing(self, closing: tuple[Event, ...], now_us: int) -> None:
        if closing:
            self._log.append(closing, now_us)

    def _show_frozen(self, channel: Analysed) -> None:
        """Show in the channel's status that its pictures are all the same, or are not any more."""
        _LOG.warning(
            "%s: the picture %s", channel.settings.name, "is always the same" if channel.frozen else "is alive again"
        )
        was, now, detail = (_OK, FROZEN, _FROZEN_TEXT) if channel.frozen else (FROZEN, _OK, "")
        self._health.turn_status(channel.settings.id, was, now, detail)

    def _end(self, channel_id: str) -> None:
        channel = self._channels.get(channel_id)
        if channel is not None:
            channel.outage.ended()
        self._stop_stream(channel_id)

    def _stop_stream(self, channel_id: str) -> None:
        channel = self._channels.get(channel_id)
        if channel is not None:
            self._close(channel)
            channel.rate = Rate()
            self._health.set_channel(channel_id, analysed_fps=0.0, analysed=channel.analysed)

    def _failed(self, channel: Analysed, now_s: float) -> None:
        """Start a channel anew after a fault in its analysis."""
        quiet_s = now_s - channel.failed_s
        channel.failures = 1 if quiet_s > 2 * RESTS_S[-1] else channel.failures + 1
        channel.failed_s = now_s
        name = channel.settings.name
        text = f"{name}: the analysis has failed and starts anew; the log has the fault, please report it"
        self._health.raise_flag(_flag(channel), text)
        _LOG.error("%s: the analysis of a frame has failed %d times", name, channel.failures)
        self._close(channel)

    def _report(self, channel: Analysed, now_s: float) -> None:
        """Put the counts into health, once a second."""
        if now_s - channel.reported_s < _REPORT_S:
            return
        channel.reported_s = now_s
        channel.rate.add(now_s, channel.analysed)
        rate = round(channel.rate.per_s(), 2)
        self._health.set_channel(channel.settings.id, analysed=channel.analysed, analysed_fps=rate)
        self._health.set_channel(channel.settings.id, calibration=channel.calibration)
        if channel.failures and not channel.rests(now_s):
            self._health.clear_flag(_flag(channel))


def _flag(channel: Analysed) -> str:
    return f"analysis of {channel.settings.name}"
