"""Programs for tests, as shell scripts; and the worker of one over a real log."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from edge.health import Health, HealthSnapshot
from edge.model.clock import Clock
from edge.model.event import EventType
from edge.outputs.programs.program import programs_of
from edge.outputs.programs.worker import ProgramWorker
from edge.settings import ProgramSettings, RetentionSettings
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox

WAIT_S = 30.0


def script(path: Path, text: str) -> str:
    """Write an executable shell script and return its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def until(condition: Callable[[], bool], within_s: float = WAIT_S) -> None:
    """Wait until a condition holds; fail where it does not in time."""
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, f"not within {within_s} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Running:
    """A log with one program's worker."""

    log: EventLog
    outbox: Outbox
    health: Health
    worker: ProgramWorker

    @property
    def state(self) -> HealthSnapshot:
        return self.health.snapshot()


@contextmanager
def running(
    folder: Path, clock: Clock, *command: str, events: tuple[EventType, ...] = (), timeout_s: float = 10.0
) -> Iterator[Running]:
    """Yield a log in `folder` with the worker of one program; both are stopped at the end, as the device does."""
    settings = ProgramSettings(command=command, events=events, timeout_s=timeout_s)
    health = Health()
    log = EventLog(folder, clock, timezone=UTC, retention=RetentionSettings(), health=health)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    (program,) = programs_of([settings])
    worker = ProgramWorker(program, log=log, outbox=outbox, health=health, clock=clock, zone=UTC)
    log.open()
    outbox.open()
    stops = [threading.Event(), threading.Event()]
    runs = (log.run, worker.run)
    threads = [threading.Thread(target=run, args=(stop, lambda: None)) for run, stop in zip(runs, stops, strict=True)]
    threads[0].start()
    threads[1].start()
    try:
        until(lambda: 1 in health.snapshot().programs)
        yield Running(log, outbox, health, worker)
    finally:
        for stop, thread in zip(reversed(stops), reversed(threads), strict=True):
            stop.set()
            thread.join(WAIT_S)
        outbox.close()
        log.close()
