"""The way out where libcamera never comes back.

Its Python binding keeps the interpreter while it configures, starts or stops a camera. Where one of these hangs, no
thread of this process runs any more: no deadline is looked at, nothing is told, nothing is committed. Only the timer of
`faulthandler` runs on, since it is no Python. So that timer is set around each such call: where time runs out, it
writes into the channel's file where every thread stands, and ends the process. The next one finds that, and tells it.

Source: libcamera's src/py/libcamera/py_main.cpp; tests/camera_root shows it with the real one.
"""

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger("edge.capture")
_STANDARD_ERROR = 2
_AT_LEAST_S = 0.001
LONG_S = 25.0
"""A call that may take longer than this is told to whoever watches over the process: systemd's watchdog has 30 s."""


@dataclass(frozen=True, slots=True)
class _Alarm:
    end_s: float
    file: int


class _Timer:
    """Ends the process at the earliest of several moments. Process-wide, as faulthandler's only timer is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alarms: dict[str, _Alarm] = {}

    def set(self, name: str, seconds: float, file: int) -> None:
        """Write into an open file and end the process after some seconds."""
        with self._lock:
            self._alarms[name] = _Alarm(time.monotonic() + seconds, file)
            self._arm()

    def clear(self, name: str) -> None:
        """Do not; nothing where it is not set."""
        with self._lock:
            if self._alarms.pop(name, None) is not None:
                self._arm()

    def _arm(self) -> None:
        first = min(self._alarms.values(), key=lambda alarm: alarm.end_s, default=None)
        if first is None:
            faulthandler.cancel_dump_traceback_later()
            return
        left_s = max(first.end_s - time.monotonic(), _AT_LEAST_S)
        faulthandler.dump_traceback_later(left_s, exit=True, file=first.file)


_TIMER = _Timer()


class Escape:
    """The way out for each channel's camera; what it leaves is in a folder, without one in an open `file` only.

    Safe from every thread. Nothing is written unless a camera hangs. Where a file cannot be, only the telling fails.
    `patience(seconds)` asks whoever watches over the process to bear with its standing still for so long; with 0 no
    more.
    """

    def __init__(
        self,
        folder: Path | None = None,
        patience: Callable[[float], None] = lambda _: None,
        *,
        file: int = _STANDARD_ERROR,
    ) -> None:
        self._folder = folder
        self._file = file
        self._patience = patience
        self._lock = threading.Lock()
        self._long: dict[str, float] = {}

    def left(self, channel_id: str) -> str:
        """Return where the threads of an earlier process stood when this camera hung; empty where it did not.

        Told once: it is forgotten then.
        """
        path = self._path(channel_id)
        if path is None:
            return ""
        try:
            stood = path.read_text(encoding="utf-8", errors="replace").strip()
            if stood:
                path.unlink()
        except OSError:
            return ""
        return stood

    @contextmanager
    def within(self, channel_id: str, seconds: float) -> Iterator[None]:
        """End the process where what is done here takes longer."""
        file = self._opened(channel_id)
        self._ask_patience(channel_id, seconds if seconds > LONG_S else 0.0)
        _TIMER.set(channel_id, seconds, self._file if file is None else file)
        try:
            yield
        finally:
            self.stay(channel_id)
            if file is not None:
                os.close(file)

    def stay(self, channel_id: str) -> None:
        """Do not end the process: what hangs has come back, or this process can tell of it by itself."""
        _TIMER.clear(channel_id)
        self._ask_patience(channel_id, 0.0)

    def _ask_patience(self, channel_id: str, seconds: float) -> None:
        with self._lock:
            before = max(self._long.values(), default=0.0)
            self._long.pop(channel_id, None)
            if seconds:
                self._long[channel_id] = seconds
            asked = max(self._long.values(), default=0.0)
            if asked != before:
                self._patience(asked)

    def _path(self, channel_id: str) -> Path | None:
        return None if self._folder is None else self._folder / f"hung-{channel_id}.txt"

    def _opened(self, channel_id: str) -> int | None:
        """Return the channel's file, open: when it is needed there is nobody to open it. It is made once."""
        path = self._path(channel_id)
        if path is None:
            return None
        try:
            return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            _log.warning("cannot write %s (%s): should a camera hang, that is not told", path, error.strerror)
            return None
