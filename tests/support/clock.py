"""A clock that stands still until it is moved."""

import threading


class HandClock:
    """Moved by hand; safe from every thread."""

    def __init__(self, now_us: int = 1_700_000_000_000_000) -> None:
        self._lock = threading.Lock()
        self._now_us = now_us
        self._monotonic_s = 100.0
        self.is_synced = True

    def now_us(self) -> int:
        with self._lock:
            return self._now_us

    def monotonic_s(self) -> float:
        with self._lock:
            return self._monotonic_s

    def synced(self) -> bool:
        return self.is_synced

    def move(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        with self._lock:
            self._now_us += round(seconds * 1e6)
            self._monotonic_s += seconds

    def step(self, seconds: float) -> None:
        """Step the wall clock alone."""
        with self._lock:
            self._now_us += round(seconds * 1e6)
