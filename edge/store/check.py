"""The daily look at the whole file."""

import logging
import threading
from collections.abc import Callable

from edge.store.errors import StoreError
from edge.store.event_log import EventLog

FIRST_S = 300.0
DAILY_S = 86_400.0
TICK_S = 1.0

LOG = logging.getLogger("edge.store")


class IntegrityCheck:
    """Reads the log's file through once a day, first some minutes after the start; what is damaged is then repaired.

    `every_s` and `first_s` are seconds.
    """

    name = "store-check"

    def __init__(self, log: EventLog, *, first_s: float = FIRST_S, every_s: float = DAILY_S) -> None:
        self._log = log
        self._first_s = first_s
        self._every_s = every_s

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Check until told to stop."""
        left_s = self._first_s
        while not stop.is_set():
            beat()
            if left_s > 0:
                stop.wait(min(TICK_S, left_s))
                left_s -= TICK_S
            else:
                self._check(stop, beat)
                left_s = self._every_s

    def _check(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        def go_on() -> bool:
            beat()
            return not stop.is_set()

        try:
            wrong = self._log.check(go_on)
        except StoreError as error:
            LOG.warning("the event log could not be checked: %s", error)
            return
        if wrong:
            LOG.error("the event log is damaged: %s", wrong)
