"""The supervisor's outside, working without an operating system: signals by hand, systemd's words kept."""

import queue
import threading
from collections.abc import Callable
from signal import Signals

from tests.support.clock import HandClock


class HandSignals:
    """Signals that a test sends. An empty wait takes 10 ms and moves the clock by its time-out, or by `step_s`."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.step_s: float | None = None
        self._sent: queue.Queue[Signals] = queue.Queue()
        self.turns = 0

    def send(self, signal: Signals) -> None:
        self._sent.put(signal)

    def wait(self, timeout_s: float) -> Signals | None:
        self.turns += 1
        try:
            return self._sent.get(timeout=0.01)
        except queue.Empty:
            self._clock.move(timeout_s if self.step_s is None else self.step_s)
            return None


class Words:
    """Keeps what systemd was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def notify(self, state: str) -> None:
        self.said.append(state)


class ScriptedWorker:
    """Does one of its scripted things at each run; what it did stands in `diary`, shared between workers."""

    def __init__(self, name: str, diary: list[str], *, fails: int = 0, hangs: bool = False) -> None:
        self.name = name
        self.runs = 0
        self._diary = diary
        self._fails = fails
        self._hangs = hangs

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        self.runs += 1
        self._diary.append(f"start {self.name}")
        if self.runs <= self._fails:
            raise RuntimeError(f"{self.name} broke")
        beat()
        while not stop.wait(0.001):
            if not self._hangs:
                beat()
        self._diary.append(f"stop {self.name}")
