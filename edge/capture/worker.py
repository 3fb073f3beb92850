"""One camera's worker: opens it, hands its frames on, and gets it back when it is lost."""

import logging
import math
import threading
from collections.abc import Callable

from edge.capture.aside import Aside
from edge.capture.backoff import Backoff, KnockWatch
from edge.capture.gate import Gate
from edge.capture.hangs import Hangs
from edge.capture.mailbox import Mailboxes
from edge.capture.rate import Rate
from edge.capture.source import (
    CameraStatus,
    CaptureError,
    Chooses,
    Counts,
    Decodes,
    FrameSource,
    Knockable,
    Listeners,
    MayHang,
    Pause,
    Prepares,
    Rests,
)
from edge.health import Health
from edge.model.clock import Clock
from edge.model.scene import Frame
from edge.settings import ChannelSettings

_log = logging.getLogger("edge.capture")
_BEAT_S = 1.0
_WAIT_S = 0.5
_REPORT_S = 1.0
_PREPARING_S = 5.0
_RESTS = "connected; a picture now and then, nothing is looked for"


class CaptureWorker:
    """Runs one channel's source.

    While the channel is `resting`, nothing is analysed: the camera stays connected, and only what a live picture needs
    is decoded. It may be set from any thread.

    `told` hears what becomes of the camera; where its library does not come back only a new process gets it, and the
    worker waits for the end of this one. `hangs` says for how long a camera that did so is left alone first.
    """

    def __init__(
        self,
        channel: ChannelSettings,
        source: FrameSource,
        mailboxes: Mailboxes,
        health: Health,
        clock: Clock,
        *,
        told: Listeners,
        hangs: Hangs | None = None,
    ) -> None:
        self.name = f"capture:{channel.name}"
        self.resting = not channel.enabled
        self._channel = channel
        self._source = source
        self._mailboxes = mailboxes
        self._health = health
        self._clock = clock
        self._told = told
        self._hangs = hangs or Hangs(clock)
        self._told_hung = False
        self._prepared_s = -math.inf
        self._backoff = Backoff()
        self._gate = Gate(channel)
        self._rate = Rate()
        self._lockstep = channel.source.file is not None and not channel.source.file.realtime
        self._status = CameraStatus.STARTING
        self._abandoned = False
        self._frames = 0
        self._size = (0, 0)
        self._reconnects = 0
        self._reported_s = 0.0
        self._last_frame_s = 0.0
        self._back_s = 0.0
        self._received = Rate()
        self._skipped = Rate()
        self._detail = ""
        self._shown: tuple[CameraStatus, str] | None = None

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Capture until `stop` is set; the end of a file is waited out."""
        self._abandoned = False
        self._hangs.leave_alone(self._channel.id, stop, lambda text: self._tell_left_alone(text, beat))
        self._set_status(CameraStatus.STARTING)
        try:
            while not stop.is_set():
                beat()
                try:
                    self._play(stop, beat)
                except CaptureError as error:
                    self._source.close()
                    self._lost(error)
                    if self._tell_hung():
                        self._idle(stop, beat)
                    else:
                        self._backoff_wait(error, stop, beat)
                else:
                    self._idle(stop, beat)
        finally:
            if not self._abandoned:
                self._source.close()
                self._tell_hung()

    def _play(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Open the source and hand its frames on until it ends; CaptureError where it is lost."""
        self._aside("open", self._source.open, stop, lambda: self._tell_preparing(beat))
        while not stop.is_set():
            beat()
            if isinstance(self._source, Rests):
                self._source.keys_only = self.resting
            frame = self._source.read()
            if frame is None:
                self._ended(stop, beat)
                return
            if not isinstance(frame, Pause):
                self._pass_on(frame, stop, beat)
            del frame  # else its buffer, megabytes, is held until the next one is there
            self._report()

    def _pass_on(self, frame: Frame, stop: threading.Event, beat: Callable[[], None]) -> None:
        self._frames += 1
        self._last_frame_s = self._clock.monotonic_s()
        self._measure(frame)
        if self._status is not CameraStatus.OK:
            self._back()
        admitted = self._gate.admit(frame, resting=self.resting)
        if admitted is None:
            return
        if self.resting or not self._lockstep:
            self._mailboxes.put(admitted)
            return
        while not self._mailboxes.put_wait(admitted, stop, _BEAT_S) and not stop.is_set():
            beat()

    def _measure(self, frame: Frame) -> None:
        """Show the picture's size, which a camera or a clip may change at any time."""
        size = frame.size
        if size != self._size:
            self._size = size
            _log.info("%s: video of %dx%d", self._channel.name, *size)
            self._health.set_channel(self._channel.id, width=size[0], height=size[1])

    def _back(self) -> None:
        if self._status is not CameraStatus.STARTING:
            self._reconnects += 1
            _log.info("%s: the camera is back", self._channel.name)
        self._backoff.worked(self._last_frame_s)
        self._back_s = self._last_frame_s
        self._health.set_channel(self._channel.id, reconnects=self._reconnects)
        self._set_status(CameraStatus.OK, self._chosen())

    def _chosen(self) -> str:
        """Show which of the camera's streams is played, where there is a choice; return it in words."""
        stream = self._source.stream if isinstance(self._source, Chooses) else None
        if stream is None:
            return ""
        self._health.set_channel(self._channel.id, profile_name=stream.name, profile_token=stream.token)
        return f"profile {stream.token}: {stream.shown}"

    def _lost(self, error: CaptureError) -> None:
        """Report an outage once; a change of its cause is only shown."""
        first = self._status in {CameraStatus.STARTING, CameraStatus.OK}
        if self._status is not error.status:
            _log.warning("%s: %s: %s", self._channel.name, error.status, error)
        self._set_status(error.status, str(error))
        self._rate, self._received, self._skipped = Rate(), Rate(), Rate()
        self._report(at_once=True)
        if first:
            self._mailboxes.wait_done(self._channel.id, threading.Event(), _BEAT_S)  # its last frame comes before
            self._told.lost(self._channel.id, error)

    def _backoff_wait(self, error: CaptureError, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Wait before the next attempt; a camera that was silent and answers again cuts the wait short."""
        now_s = self._clock.monotonic_s
        until_s = now_s() + self._backoff.next_s(error.status, now_s())
        knock = self._source.knock if isinstance(self._source, Knockable) else None
        watch = KnockWatch(error.status)
        while not stop.is_set() and (left_s := until_s - now_s()) > 0.0:
            beat()
            if (
                knock is not None
                and watch.due(now_s())
                and watch.woke(answers=bool(self._aside("knock", knock, stop, beat)))
            ):
                self._backoff.reset()
                return
            stop.wait(min(left_s, _WAIT_S))

    def _ended(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        while not self._mailboxes.wait_done(self._channel.id, stop, _BEAT_S) and not stop.is_set():
            beat()
        if stop.is_set():
            return
        _log.info("%s: the file has ended after %d frames", self._channel.name, self._frames)
        self._source.close()
        self._rate, self._received, self._skipped = Rate(), Rate(), Rate()
        self._set_status(CameraStatus.ENDED)
        self._report(at_once=True)
        self._told.ended(self._channel.id)

    def _idle(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        while not stop.wait(_BEAT_S):
            beat()

    def _aside(self, what: str, call: Callable[[], object], stop: threading.Event, beat: Callable[[], None]) -> object:
        aside = Aside(f"{what}:{self._channel.name}", call, self._source.close)
        value = aside.wait(stop, beat)
        self._abandoned = aside.given_up
        return value

    def _tell_preparing(self, beat: Callable[[], None]) -> None:
        """Beat, and show what a camera does that takes long to open."""
        beat()
        doing = self._source.preparing if isinstance(self._source, Prepares) else ""
        if not doing:
            return
        now_s = self._clock.monotonic_s()
        if now_s - self._prepared_s >= _PREPARING_S:
            self._prepared_s = now_s
            _log.info("%s: %s", self._channel.name, doing)
        self._health.set_channel(self._channel.id, status=CameraStatus.PREPARING.value, detail=doing)

    def _tell_left_alone(self, text: str, beat: Callable[[], None]) -> None:
        beat()
        if self._status is not CameraStatus.HUNG:
            _log.warning("%s: %s: %s", self._channel.name, CameraStatus.HUNG, text)
        self._set_status(CameraStatus.HUNG, text)

    def _tell_hung(self) -> bool:
        """Tell once where the camera's library does not come back; return whether that is so."""
        text = self._source.hung if isinstance(self._source, MayHang) else ""
        if not text or self._told_hung:
            return bool(text)
        self._told_hung = True
        _log.error("%s: the camera hangs: %s", self._channel.name, text)
        self._set_status(CameraStatus.HUNG, text)
        self._told.hung(self._channel.id, text)
        return True

    def _set_status(self, status: CameraStatus, detail: str = "") -> None:
        self._status = status
        self._detail = detail
        self._show_status()

    def _show_status(self) -> None:
        """Put the status into health where it has changed; one that rests is disabled, and the detail says more."""
        shown = self._status, self._detail
        if self.resting:
            shown = CameraStatus.DISABLED, _RESTS if self._status is CameraStatus.OK else ": ".join(filter(None, shown))
        if shown != self._shown:
            self._shown = shown
            self._health.set_channel(self._channel.id, status=shown[0].value, detail=shown[1])

    def _report(self, *, at_once: bool = False) -> None:
        """Put the counts into health, once a second."""
        now_s = self._clock.monotonic_s()
        if now_s - self._reported_s < _REPORT_S and not at_once:
            return
        self._reported_s = now_s
        if self._status is CameraStatus.OK:
            self._hangs.works(self._channel.id, self._last_frame_s - self._back_s)
        counts = self._source.counts if isinstance(self._source, Decodes) else Counts()
        self._rate.add(now_s, self._frames)
        self._received.add(now_s, counts.bytes)
        self._skipped.add(now_s, counts.skipped)
        self._show_status()
        self._health.set_channel(
            self._channel.id,
            fps=round(self._rate.per_s(), 2),
            frames=self._frames,
            dropped=self._mailboxes.drops(self._channel.id),
            decode_errors=counts.errors,
            skipped=counts.skipped,
            skipped_fps=round(self._skipped.per_s(), 2),
            received_bytes=counts.bytes,
            bytes_per_s=round(self._received.per_s()),
            last_frame_s=self._last_frame_s,
        )
