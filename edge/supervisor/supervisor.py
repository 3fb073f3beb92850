"""Starts every worker in order, tells systemd, and ends the process when a worker no longer advances.

```
 start a, b, c ──> READY ──> every second: [signal?] [stalled?] WATCHDOG, STATUS ──> STOPPING ──> stop c, b, a
```

Workers stand in stages: stages stop in reverse order, the workers of one stage at the same time.
"""

import logging
from collections.abc import Callable, Sequence
from signal import SIGHUP, Signals
from typing import Protocol

from edge.health import Health
from edge.model.clock import Clock
from edge.supervisor.keeper import Keeper, Worker

LOG = logging.getLogger("edge.supervisor")
TICK_S = 1.0
START_TIMEOUT_S = 20.0
STALL_S = 25.0
FROZEN_S = 5.0
"""Who comes back so late to its own turn stood still itself, and all workers with it."""
GRACE_S = 6.0
"""Within this time every worker advances again."""
STOP_TIMEOUT_S = 8.0


class SignalSource(Protocol):
    """Where requests of the operating system come from."""

    def wait(self, timeout_s: float) -> Signals | None:
        """Return the next signal, None after `timeout_s` seconds without one."""
        ...


class Notifier(Protocol):
    """systemd's side of the conversation (sd_notify)."""

    def notify(self, state: str) -> None:
        """Send one state, such as READY=1."""
        ...


class Supervisor:
    """Owns the threads of all workers. Used by the main thread alone."""

    def __init__(self, health: Health, clock: Clock, signals: SignalSource, notifier: Notifier) -> None:
        self._health = health
        self._clock = clock
        self._signals = signals
        self._notifier = notifier
        self._keepers: list[Keeper] = []
        self._status = ""
        self._turn_s = clock.monotonic_s()
        self._was_frozen = False
        self._grace_until_s = self._turn_s

    def add(self, worker: Worker, stage: int) -> None:
        """Start one more worker and wait until it has advanced for the first time, or has failed."""
        keeper = Keeper(worker, stage, self._health, self._clock)
        self._keepers.append(keeper)
        keeper.start()
        if not keeper.started.wait(START_TIMEOUT_S):
            LOG.warning("%s has not started after %.0f s; going on", worker.name, START_TIMEOUT_S)

    def remove(self, *names: str) -> bool:
        """Stop some workers at once; False where one hangs (a camera is then only freed by a new process)."""
        ended = True
        keepers = [keeper for keeper in self._keepers if keeper.name in names]
        for keeper in keepers:
            keeper.ask_to_stop()
        for keeper in keepers:
            ended = keeper.stop(STOP_TIMEOUT_S) and ended
            self._keepers.remove(keeper)
        return ended

    def run(
        self,
        stages: Sequence[Sequence[Worker]],
        *,
        reload: Callable[[], None],
        tick: Callable[[], bool],
        status: Callable[[], str],
    ) -> int:
        """Run until told to stop; return the exit code.

        `reload` is called on SIGHUP; `tick` every second (False asks for the end of the process); `status` gives the
        line that `systemctl status` shows.
        """
        try:
            for stage, workers in enumerate(stages):
                for worker in workers:
                    self._notifier.notify("EXTEND_TIMEOUT_USEC=30000000")
                    self.add(worker, stage)
            self._notifier.notify("READY=1")
            self._turn_s = self._clock.monotonic_s()
            return self._watch(reload, tick, status)
        finally:
            self._notifier.notify("STOPPING=1")
            self._stop_all()

    def _watch(self, reload: Callable[[], None], tick: Callable[[], bool], status: Callable[[], str]) -> int:
        while True:
            signal = self._signals.wait(TICK_S)
            if signal is SIGHUP:
                self._notifier.notify("RELOADING=1")
                reload()
                self._notifier.notify("READY=1")
            elif signal is not None:
                LOG.info("stopping on %s", signal.name)
                return 0
            stalled = self._stalled()
            for keeper in stalled:
                LOG.error("%s has not advanced for %.0f s; ending, to be started anew", keeper.name, keeper.idle_s())
            if stalled or not tick():
                return 1
            self._notifier.notify("WATCHDOG=1")
            self._tell(status())

    def _stalled(self) -> list[Keeper]:
        """Return the workers that no longer advance.

        Where the whole process stood still (put to sleep, or a library kept the interpreter) that is none of theirs:
        they get time to advance again. Not twice in a row: a machine where every turn is late has a fault.
        """
        now_s = self._clock.monotonic_s()
        frozen_s, self._turn_s = now_s - self._turn_s - TICK_S, now_s
        if frozen_s > FROZEN_S and not self._was_frozen:
            LOG.warning("the whole program stood still for %.0f s", frozen_s)
            self._grace_until_s = now_s + GRACE_S
        self._was_frozen = frozen_s > FROZEN_S
        if now_s < self._grace_until_s:
            return []
        return [keeper for keeper in self._keepers if keeper.idle_s() > STALL_S]

    def _tell(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self._notifier.notify(f"STATUS={status}")

    def _stop_all(self) -> None:
        for stage in sorted({keeper.stage for keeper in self._keepers}, reverse=True):
            keepers = [keeper for keeper in self._keepers if keeper.stage == stage]
            for keeper in keepers:
                keeper.ask_to_stop()
            for keeper in keepers:
                if not keeper.stop(STOP_TIMEOUT_S):
                    LOG.error("%s did not stop within %.0f s", keeper.name, STOP_TIMEOUT_S)
        self._keepers.clear()
