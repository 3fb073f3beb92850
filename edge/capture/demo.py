"""The built-in camera: a street drawn by the program, the same for the same seed."""

import threading
from typing import Final

from edge.capture.street.picture import StreetPainter, make_painter
from edge.model.clock import Clock
from edge.model.scene import Frame, Picture
from edge.settings import DemoSettings

LATE_S: Final = 0.5
"""Whoever reads later than this has missed pictures, as with any camera; a shorter delay is made up for."""


class DemoSource:
    """Gives the street's pictures at `settings.fps`, on the clock's time.

    With `realtime=False` it never waits: pictures come as fast as they are read, none is left out, and their times run
    from the clock's time at `open` on by the street's own. `read` waits at most one picture's time. Where the script
    says that the camera hangs, it gives the very same picture again and again.
    """

    def __init__(self, channel_id: str, settings: DemoSettings, clock: Clock, *, realtime: bool = True) -> None:
        self._channel_id = channel_id
        self._settings = settings
        self._clock = clock
        self._realtime = realtime
        self._closed = threading.Event()
        self._painter: StreetPainter | None = None
        self._shown: Picture | None = None
        self._start_us = 0
        self._start_s = 0.0
        self._next = 0

    def open(self) -> None:
        """Begin the street's play."""
        self._painter = make_painter(self._settings.seed)
        self._closed.clear()
        self._start_us, self._start_s = self._clock.now_us(), self._clock.monotonic_s()
        self._next = 0

    def read(self) -> Frame | None:
        """Return the next picture when it is due; None once closed."""
        painter = self._painter
        if painter is None or not self._wait():
            return None
        number = self._next
        self._next += 1
        stream_s = number / self._settings.fps
        time_us = self._clock.now_us() if self._realtime else self._start_us + round(stream_s * 1e6)
        if self._shown is None or not painter.hangs(stream_s):
            self._shown = painter.picture(number, stream_s)
        return Frame(self._channel_id, number, time_us, stream_s, self._shown)

    def close(self) -> None:
        """End the play; a `read` that waits in another thread returns at once."""
        self._closed.set()
        self._painter = self._shown = None

    def _wait(self) -> bool:
        """Wait until the next picture is due; tell whether to go on."""
        if not self._realtime:
            return not self._closed.is_set()
        fps = self._settings.fps
        late_s = self._clock.monotonic_s() - self._start_s - self._next / fps
        if late_s > LATE_S:
            self._next += int(late_s * fps)
        return not self._closed.wait(min(max(-late_s, 0.0), 1 / fps))
