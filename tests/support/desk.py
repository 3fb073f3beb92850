"""An analysis worker with real mailboxes, board and event log, for tests."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from edge.analysis.channel import Build
from edge.analysis.worker import AnalysisWorker
from edge.capture.mailbox import Mailboxes
from edge.health import Health
from edge.model.event import Event
from edge.model.scene import Frame
from edge.picture.board import Board
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.streets import block_frame, build_blocks


@dataclass(slots=True)
class Desk:
    """A worker with what it works on."""

    mailboxes: Mailboxes
    log: EventLog
    board: Board
    health: Health
    clock: HandClock
    worker: AnalysisWorker

    def feed(self, frames: Sequence[Frame]) -> None:
        """Hand frames over as a file does, each once the one before is taken, and wait until all are analysed."""
        stop = threading.Event()
        for frame in [*frames, block_frame(0, {}, channel_id="nobody's")]:  # which is taken after the last is done
            assert self.mailboxes.put_wait(frame, stop, 20)
            assert self.mailboxes.wait_done(frame.channel_id, stop, 20)

    def events(self) -> list[Event]:
        """Return all events so far."""
        assert self.log.flush(20)
        return [stored.event for stored in self.log.select(EventQuery(limit=1000))]

    def told(self) -> list[tuple[str, str, int]]:
        """Return (channel, type, object) of all events so far."""
        return [(event.channel_id, event.type.value, event.object_id) for event in self.events()]

    def committed(self, count: int) -> bool:
        """Wait until so many events are committed."""
        deadline = time.monotonic() + 20
        while len(self.told()) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(self.told()) == count


@contextmanager
def open_desk(folder: Path, build: Build = build_blocks) -> Iterator[Desk]:
    """A desk whose log is open; its worker does not run yet."""
    clock, health, mailboxes, board = HandClock(), Health(), Mailboxes(), Board()
    log = EventLog(folder, clock, timezone=UTC, retention=RetentionSettings(), health=health)
    log.open()
    worker = AnalysisWorker(mailboxes, log, board, health, clock, zone=UTC, build=build)
    yield Desk(mailboxes, log, board, health, clock, worker)
    log.close()


@contextmanager
def running(worker: AnalysisWorker) -> Iterator[threading.Event]:
    """Run the worker in a thread; at the end it is stopped and has closed everything."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, lambda: None))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
