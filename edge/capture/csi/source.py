"""A camera module as a source: opened and closed with a deadline, its pictures placed in time."""

import threading
from collections.abc import Callable

from edge.capture.aside import Aside
from edge.capture.csi.escape import Escape
from edge.capture.csi.library import Library, Network, load
from edge.capture.csi.moment import age_s
from edge.capture.csi.network import progress
from edge.capture.csi.session import Module, Session, Shot, find, network_of
from edge.capture.csi.upload import UPLOAD_S, upload
from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.capture.timeline import LiveTimeline
from edge.model.clock import Clock
from edge.model.scene import Frame
from edge.settings import ChannelSettings

OPEN_S = 20.0
CLOSE_S = 5.0
_LATER_S = 3.0
"""So long after its deadline a call ends the process that has left this one nothing to look at the deadline with."""
OLDEST_S = 2.0
"""An older picture, one that waited while this process did not run, is thrown away; the time it took is on top."""
_AGAIN = 2.0
"""A sensor that does not keep its network takes it again at each start, in this process then: it gets the time."""
_WAIT_S = 1.0
_SLOW_PICTURES = 3.0


class CsiSource:
    """Reads one camera module through picamera2, which `library` gives.

    Every call that may hang is made on a thread of its own with a deadline: the library drops failed pictures without a
    word, and then neither a capture nor a stop ever returns. Who does not come back is `hung`, and the camera is lost
    until the process ends. `close_s` and `open_s` are those deadlines. libcamera itself hangs with the interpreter in
    its hands; then there is no thread to look at a deadline, and `escape` ends the process.
    """

    def __init__(
        self,
        channel: ChannelSettings,
        clock: Clock,
        library: Callable[[], Library] = load,
        *,
        open_s: float = OPEN_S,
        upload_s: float = UPLOAD_S,
        close_s: float = CLOSE_S,
        escape: Escape | None = None,
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._library = library
        self._open_s = open_s
        self._upload_s = upload_s
        self._uploads = channel.detector.kind == "imx500"
        self._close_s = close_s
        self._escape = escape or Escape()
        asked_s = channel.source.csi.timeout_s if channel.source.csi is not None else 0.0
        self._timeout_s = max(asked_s, _SLOW_PICTURES * _slowest_s(channel))
        self._oldest_s = OLDEST_S + _slowest_s(channel)
        self._timeline = LiveTimeline()
        self._session: Session | None = None
        self._network: Network | None = None
        self._begun_s = 0.0
        self._shot_s = 0.0
        self._sequence = 0
        self._hung = ""

    @property
    def hung(self) -> str:
        """What hangs; empty while nothing does."""
        return self._hung

    @property
    def named(self) -> str:
        """The camera that is open, with its id; empty while none is."""
        return "" if self._session is None else self._session.named

    @property
    def preparing(self) -> str:
        """How far the network is on its way into the sensor; empty where none is."""
        network = self._network
        if network is None:
            return ""
        far = progress(network) or f"{self._clock.monotonic_s() - self._begun_s:.0f} s so far"
        return f"the network is being put into the sensor, which takes tens of seconds the first time: {far}"

    def open(self) -> None:
        """Open and start the camera; CaptureError, with what to do, where that fails or takes too long."""
        self.close()
        if self._hung:
            raise CaptureError(CameraStatus.HUNG, self._hung)
        if self._uploads:
            self._upload()
        session = self._opened(self._begin)
        if isinstance(session, Session):
            self._session = session
        self._timeline.restart()
        self._shot_s = self._clock.monotonic_s()

    def read(self) -> Frame | Pause | None:
        """Return the next frame, PAUSE where none came for a second; CaptureError where the camera is lost."""
        if self._session is None:
            raise CaptureError(CameraStatus.BROKEN, "the camera is not open")
        shot = self._session.take(min(_WAIT_S, self._timeout_s))
        now_s = self._clock.monotonic_s()
        if shot is not None and (age := age_s(shot.stamp_ns)) <= self._oldest_s:
            self._shot_s = now_s
            return self._frame(shot, now_s, age)
        if now_s - self._shot_s < self._timeout_s:
            return Pause.PAUSE
        text = f"{self._session.name} gave no picture for {self._timeout_s:g} s; it is opened anew: check its cable"
        raise CaptureError(CameraStatus.STALLED, text)

    def close(self) -> None:
        """Let go of the camera; where that does not come to an end in time, it is `hung` from then on."""
        session, self._session = self._session, None
        if session is None:
            return
        if self._within(self._close_s, "stop", lambda: _ended(session)) is None:
            self._hang(f"{session.name} did not stop within {self._close_s:g} s")

    def _upload(self) -> None:
        """Put the network into the sensor, once in this process; it may take minutes."""
        module = self._opened(self._prepare)
        try:
            if isinstance(module, Module) and module.network_file is not None:
                upload(module.network_file, module.camera_id, module.number, self._upload_s, self._clock.monotonic_s)
        finally:
            self._network = None
        self._uploads = False
        self._open_s += _AGAIN * (self._clock.monotonic_s() - self._begun_s)

    def _prepare(self) -> Module:
        library = self._library()
        module = find(library, self._channel)
        self._begun_s = self._clock.monotonic_s()
        self._network = network_of(library, module)
        return module

    def _opened(self, call: Callable[[], object]) -> object:
        """Return what a call gives that opens the camera; CaptureError HUNG where it does not come back in time."""
        value = self._within(self._open_s, "camera", call)
        if value is None:
            self._hang(f"the camera was not opened within {self._open_s:g} s")
            raise CaptureError(CameraStatus.HUNG, self._hung)
        return value

    def _begin(self) -> Session:
        session = Session.begin(self._library(), self._channel)
        if self._hung:  # nobody waits for it any more
            session.end()
        return session

    def _hang(self, what: str) -> None:
        self._escape.stay(self._channel.id)
        self._hung = f"{what}; only a new process gets it back"

    def _within(self, seconds: float, what: str, call: Callable[[], object]) -> object:
        """Return what a call returns, None where it has not within some seconds; raise the CaptureError it raised."""
        until_s = self._clock.monotonic_s() + seconds
        late = threading.Event()

        def watch() -> None:
            if self._clock.monotonic_s() >= until_s:
                late.set()

        def guarded() -> object:
            with self._escape.within(self._channel.id, seconds + _LATER_S):
                return call()

        return Aside(f"{what}:{self._channel.name}", guarded, lambda: None).wait(late, watch)

    def _frame(self, shot: Shot, now_s: float, age: float) -> Frame:
        self._sequence += 1
        stamp_s = None if shot.stamp_ns is None else shot.stamp_ns / 1e9
        return Frame(
            self._channel.id,
            self._sequence,
            self._clock.now_us() - round(age * 1e6),
            self._timeline.place(stamp_s, now_s - age),
            shot.picture,
            shot.larger,
            shot.found,
            shot.exposure,
        )


def _ended(session: Session) -> bool:
    session.end()
    return True


def _slowest_s(channel: ChannelSettings) -> float:
    """Return how long one picture may take."""
    settings = channel.source.csi
    if settings is None:
        raise ValueError(f"channel {channel.name} has no csi source")
    return 1.0 / (settings.min_fps or settings.fps)
