"""Clocks that tests set."""

import threading
import time
from dataclasses import dataclass

START_US = 1_750_000_000_000_000
UP_US = 100_000_000


@dataclass(slots=True)
class TestClock:
    """Stands still at `wall_us` until told otherwise; its monotonic seconds are `ahead_s` before the machine's."""

    __test__ = False

    wall_us: int = START_US
    is_synced: bool = True
    ahead_s: float = 0.0
    boot_name: str = "first"

    def now_us(self) -> int:
        return self.wall_us

    def monotonic_s(self) -> float:
        return time.monotonic() + self.ahead_s

    def synced(self) -> bool:
        return self.is_synced

    def started_us(self) -> int:
        return self.wall_us - round(self.ahead_s * 1e6) - UP_US

    def boot(self) -> str:
        return self.boot_name


class HandClock:
    """Moved by hand; safe from every thread."""

    def __init__(self, now_us: int = 1_700_000_000_000_000) -> None:
        self._lock = threading.Lock()
        self._now_us = now_us
        self._monotonic_s = 100.0
        self.is_synced = True
        self.boot_name = "first"

    def now_us(self) -> int:
        with self._lock:
            return self._now_us

    def monotonic_s(self) -> float:
        with self._lock:
            return self._monotonic_s

    def synced(self) -> bool:
        return self.is_synced

    def started_us(self) -> int:
        with self._lock:
            return self._now_us - round(self._monotonic_s * 1e6)

    def boot(self) -> str:
        return self.boot_name

    def reboot(self, wall_us: int, name: str, *, synced: bool = False) -> None:
        """Start the machine anew, with what its clock shows then."""
        with self._lock:
            self._now_us, self._monotonic_s = wall_us, 5.0
            self.boot_name, self.is_synced = name, synced

    def move(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        with self._lock:
            self._now_us += round(seconds * 1e6)
            self._monotonic_s += seconds

    def step(self, seconds: float) -> None:
        """Step the wall clock alone."""
        with self._lock:
            self._now_us += round(seconds * 1e6)


class RealClock:
    """The machine's clock."""

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        return time.monotonic()

    def synced(self) -> bool:
        return True

    def started_us(self) -> int:
        return time.time_ns() // 1000 - time.monotonic_ns() // 1000

    def boot(self) -> str:
        return "first"
