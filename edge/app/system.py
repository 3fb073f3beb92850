"""The real outside: clock, signals, systemd. Tests hand in others."""

import ctypes
import functools
import logging
import os
import select
import signal
import socket
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, tzinfo
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sdnotify

from edge.model.clock import Clock

LOG = logging.getLogger("edge.app")
LOCALTIME = Path("/etc/localtime")

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

TIME_ERROR = 5
TIMEX_BYTES = 512  # struct timex has 208 bytes on 64-bit Linux; the rest is room
READS = 5
TIGHT_NS = 200_000
"""Two clocks are read as one moment where no more time than this passes between; else they are read again."""
DRIFT_US = 5_000_000
DRIFT_US_PER_S = 100
M_ARENA_MAX = -8
FIRST_TRIM_S = 10.0
TRIM_EVERY_S = 60.0


class SystemClock:
    """The machine's clocks.

    Once something has set the wall clock right, it stays known while nobody steps it, although the kernel takes its
    word back some hours after the last answer of a time server: a quartz loses seconds a day, not minutes.
    """

    def __init__(self) -> None:
        self._right: tuple[int, float] | None = None

    def now_us(self) -> int:
        """Return the wall clock: microseconds since 1970, UTC."""
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        """Return seconds that never step."""
        return time.monotonic()

    def synced(self) -> bool:
        """Tell whether the kernel says that something keeps its clock right (adjtimex), or said so not long ago."""
        if _kernel_says_synced():
            self._right = self.started_us(), self.monotonic_s()
            return True
        if self._right is None:
            return False
        started_us, at_s = self._right
        return abs(self.started_us() - started_us) <= DRIFT_US + (self.monotonic_s() - at_s) * DRIFT_US_PER_S

    def started_us(self) -> int:
        """Return when the machine was started, as the wall clock tells it now."""
        for _ in range(READS):
            before_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            wall_ns = time.time_ns()
            if time.clock_gettime_ns(time.CLOCK_BOOTTIME) - before_ns < TIGHT_NS:
                break
        return (wall_ns - before_ns) // 1000

    def boot(self) -> str:
        """Return the kernel's name of this start."""
        return _boot_id()


def _kernel_says_synced() -> bool:
    libc = ctypes.CDLL(None)
    return bool(libc.adjtimex(ctypes.create_string_buffer(TIMEX_BYTES)) not in (TIME_ERROR, -1))


@functools.cache
def _boot_id() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"unknown-{uuid.uuid4()}"


class SystemSignals:
    """Signals taken one at a time by the main thread.

    The handlers do nothing: Python's own C handler writes the signal's number to a socket, in whichever thread the
    kernel chose (libraries start threads at import), and `wait` reads it. So no code of ours runs at an awkward moment.
    """

    def __init__(self, signals: Iterable[signal.Signals]) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)  # noqa: FBT003 - the socket's own signature
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for each in signals:
            signal.signal(each, _nothing)

    def wait(self, timeout_s: float) -> signal.Signals | None:
        """Return the next signal, None after `timeout_s` seconds without one."""
        ready, _, _ = select.select([self._reader], [], [], timeout_s)
        return signal.Signals(self._reader.recv(1)[0]) if ready else None


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Stand in for the default action, which would end the process."""


class Systemd:
    """Speaks to systemd where NOTIFY_SOCKET is set, else to nobody."""

    def __init__(self) -> None:
        self._notifier = sdnotify.SystemdNotifier()

    def notify(self, state: str) -> None:
        """Send one state, such as READY=1."""
        self._notifier.notify(state)

    def bear(self, seconds: float) -> None:
        """Ask systemd to bear with a process that stands still for some seconds, at the start too; 0: no more."""
        usual_us = int(os.environ.get("WATCHDOG_USEC") or 0)
        if seconds:
            self.notify(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")
        if usual_us:
            self.notify(f"WATCHDOG_USEC={max(usual_us, round(seconds * 1e6))}")


def limit_arenas() -> None:
    """Keep glibc from making one heap a thread: a thousand parked clients would each hold one."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


class HeapTrim:
    """Gives back to the system, now and then, what the heap has free: what was needed for a moment only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due_s = clock.monotonic_s() + FIRST_TRIM_S

    def tick(self) -> None:
        """Trim if it is due."""
        now_s = self._clock.monotonic_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + TRIM_EVERY_S
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def local_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name; the system's (TZ, else /etc/localtime, else UTC) for an empty one."""
    wanted = name or os.environ.get("TZ", "")
    if wanted:
        try:
            return ZoneInfo(wanted.removeprefix(":"))
        except (ZoneInfoNotFoundError, ValueError):
            LOG.warning("there is no time zone %s; using the system's", wanted)
    try:
        with LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=_zone_name())
    except (OSError, ValueError):
        return UTC


def _zone_name() -> str | None:
    """Return the name behind /etc/localtime where it is a link into the zone folder, for people to read."""
    parts = LOCALTIME.resolve().parts
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else None
