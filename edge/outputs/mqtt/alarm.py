"""A test alarm over MQTT: handed to the worker, which has the connection, and waited for."""

import queue
import threading
from dataclasses import dataclass, field

from edge.model.event import Event
from edge.outputs.alarm.target import Outcome

MOST_WAITING = 8


@dataclass(slots=True, eq=False)
class Ring:
    """One test alarm on its way; `done` is set once `outcome` is known."""

    event: Event
    outcome: Outcome | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def settle(self, outcome: Outcome) -> None:
        """Say what came of it."""
        self.outcome = outcome
        self.done.set()


class AlarmBell:
    """The broker as a receiver of test alarms, rung on any thread, heard on the worker's.

    `address` is host and port.
    """

    name = "mqtt"

    def __init__(self, address: str) -> None:
        self.address = address
        self._rings: queue.Queue[Ring] = queue.Queue(MOST_WAITING)

    def wants(self, event: Event) -> bool:  # noqa: ARG002 - the contract's argument
        """Tell that the broker gets every event."""
        return True

    def send(self, event: Event, timeout_s: float) -> Outcome:
        """Send the event once, marked as a test; delivered is what the broker has acknowledged."""
        ring = Ring(event)
        try:
            self._rings.put_nowait(ring)
        except queue.Full:
            return Outcome(delivered=False, text="too many test alarms at once")
        ring.done.wait(timeout_s)
        return ring.outcome or Outcome(delivered=False, text=f"no answer of the broker within {timeout_s:g} s")

    def heard(self) -> Ring | None:
        """Return the next one to be sent, None where there is none."""
        try:
            return self._rings.get_nowait()
        except queue.Empty:
            return None
