"""One worker in its thread: runs it, restarts it with backoff, remembers when it last advanced."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from edge.health import Health, WorkerHealth
from edge.model.clock import Clock
from edge.model.errors import StatedError

LOG = logging.getLogger("edge.supervisor")
BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
GOOD_RUN_S = 120.0
BEAT_S = 2.0


class Worker(Protocol):
    """Long-lived work. What `run` raises is unexpected: it is logged, and the worker is run again."""

    @property
    def name(self) -> str:
        """Its name in health and log, e.g. capture:Door."""
        ...

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Work until `stop` is set or nothing is left to do; call `beat` at least every five seconds meanwhile."""
        ...


class Keeper:
    """Keeps one worker running. `started` is set when it has advanced, failed or ended for the first time."""

    def __init__(self, worker: Worker, stage: int, health: Health, clock: Clock) -> None:
        self.name = worker.name
        self.stage = stage
        self.started = threading.Event()
        self._worker = worker
        self._health = health
        self._clock = clock
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._state = WorkerHealth()
        self._advanced_s = clock.monotonic_s()
        self._thread = threading.Thread(target=self._keep, name=worker.name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask the worker to end, without waiting."""
        self._stop.set()

    def stop(self, timeout_s: float) -> bool:
        """Ask the worker to end and wait for it; False where it has not after `timeout_s` seconds."""
        self._stop.set()
        self._thread.join(timeout_s)
        self._health.remove_worker(self.name)
        return not self._thread.is_alive()

    def idle_s(self) -> float:
        """Return the seconds since the worker last advanced; 0 once it has ended by itself."""
        return 0.0 if self._ended.is_set() else self._clock.monotonic_s() - self._advanced_s

    def _keep(self) -> None:
        failures = 0
        while not self._stop.is_set():
            begun_s = self._clock.monotonic_s()
            if self._run_once():
                break
            failures = 1 if self._clock.monotonic_s() - begun_s > GOOD_RUN_S else failures + 1
            self._back_off(BACKOFF_S[min(failures, len(BACKOFF_S)) - 1])
        self._ended.set()
        self.started.set()

    def _run_once(self) -> bool:
        """Run the worker until it ends; False where it failed."""
        try:
            self._beat()
            self._publish(replace(self._state, running=True))
            self._worker.run(self._stop, self._first_beat)
        except StatedError as failure:
            LOG.warning("%s cannot work and will be started again: %s", self.name, failure)
            return self._failed(str(failure))
        except Exception as failure:
            LOG.exception("%s failed and will be started again", self.name)
            return self._failed(f"{type(failure).__name__}: {failure}")
        self._publish(replace(self._state, running=False, finished=True, error=""))
        return True

    def _failed(self, text: str) -> bool:
        self._publish(replace(self._state, running=False, error=text, restarts=self._state.restarts + 1))
        return False

    def _back_off(self, seconds: float) -> None:
        self.started.set()
        until_s = self._clock.monotonic_s() + seconds
        while self._clock.monotonic_s() < until_s and not self._stop.wait(min(BEAT_S, seconds)):
            self._beat()

    def _first_beat(self) -> None:
        self._beat()
        self.started.set()

    def _beat(self) -> None:
        self._advanced_s = self._clock.monotonic_s()

    def _publish(self, state: WorkerHealth) -> None:
        self._state = replace(state, advanced_s=self._advanced_s)
        if not self._stop.is_set():
            self._health.set_worker(self.name, self._state)
