"""The worker of one program: runs it for each event that it asks for, one after the other, from the log by a cursor."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import tzinfo

from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import StoredEvent
from edge.outputs.payload import event_bytes
from edge.outputs.programs.backlog import Backlog
from edge.outputs.programs.child import End, run_child
from edge.outputs.programs.program import Program
from edge.outputs.programs.report import Report
from edge.store.errors import StoreError
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.pages import pages
from edge.store.query import EventQuery

LOG = logging.getLogger("edge.programs")
ALL = 2**62
WAIT_S = 1.0
CHECK_S = 10.0


class ProgramWorker:
    """Runs one program of the settings."""

    def __init__(
        self,
        program: Program,
        *,
        log: EventLog,
        outbox: Outbox,
        health: Health,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self.name = program.worker
        self._program = program
        self._log = log
        self._outbox = outbox
        self._clock = clock
        self._zone = zone
        self._report = Report(program.number, program.settings.command, health)
        self._backlog = Backlog()
        self._read_id = self._moved_id = self._restart_id = 0

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Run the program for what is committed, until told to stop; raises StoreError where the log cannot be read.

        An event in whose run the device stops comes again after the start.
        """
        self._backlog = Backlog()
        self._restart_id = self._log.last_event_id()
        self._read_id = self._moved_id = self._outbox.begin(self._program.reader)
        try:
            self._report.look()
            while not stop.is_set():
                beat()
                self._next(stop, beat)
        finally:
            self._report.end()

    def _next(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Run the program for the next event; where there is none, wait a moment for one."""
        self._take_in(beat)
        stored = self._backlog.take(self._clock.monotonic_s())
        self._report.queue(self._backlog.passed_over, len(self._backlog))
        if stored is not None:
            self._run(stored, stop, beat)
            return
        self._report.caught_up()
        self._report.look_again()
        if self._read_id > self._moved_id:  # past events that it does not ask for
            self._moved_id = self._read_id
            self._outbox.move(self._program.reader, self._read_id, save=False)
        self._log.wait(EventQuery(since_id=self._read_id, limit=1), WAIT_S, client=False)

    def _run(self, stored: StoredEvent, stop: threading.Event, beat: Callable[[], None]) -> None:
        def go_on() -> bool:
            beat()
            try:
                self._take_in(beat)
            except StoreError:  # the store says so, and repairs itself
                LOG.debug("%s: the log cannot be read now", self.name)
            return not stop.is_set()

        began_s = time.monotonic()
        given = event_bytes(stored, self._zone) + b"\n"
        settings = self._program.settings
        run = run_child(settings.command, given, timeout_s=settings.timeout_s, go_on=go_on)
        if run.end is End.STOPPED:
            return
        self._moved_id = stored.event_id
        self._outbox.move(self._program.reader, stored.event_id)
        self._report.ran(stored.event_id, run, time.monotonic() - began_s)

    def _take_in(self, beat: Callable[[], None]) -> None:
        """Put what is new in the log into the queue; also while the program runs, so that waiting is measured."""
        if self._log.last_event_id() <= self._read_id:
            return
        for page in pages(self._log.select, EventQuery(since_id=self._read_id, limit=ALL)):
            beat()
            for stored in page:
                if self._program.wants(stored.event):
                    self._backlog.put(stored, self._came_s(stored))
            self._read_id = page[-1].event_id
            self._report.queue(self._backlog.passed_over, len(self._backlog))

    def _came_s(self, stored: StoredEvent) -> float:
        """Return when an event came, on the monotonic clock: of one from before the start the wall clock tells."""
        now_s = self._clock.monotonic_s()
        if stored.event_id > self._restart_id:
            return now_s
        return now_s - max(0.0, (self._clock.now_us() - stored.event.time_us) / 1e6)
