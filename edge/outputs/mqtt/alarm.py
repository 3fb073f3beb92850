"""A test alarm over MQTT: handed to the worker, which has the connection, and waited for."""

import queue
import threading
from dataclasses import dataclass, field

from edge.model.event import Event
from edge.outputs.alarm.target import Outcome
from edge.outputs.mqtt.words import place
from edge.settings import MqttSettings

MOST_WAITING = 8


@dataclass(slots=True, eq=False)
class Ring:
    """One test alarm on its way; `done` is set once `outcome` is known, or nobody waits for it any more."""

    event: Event
    outcome: Outcome | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def settle(self, outcome: Outcome) -> None:
        """Say what came of it."""
        self.outcome = outcome
        self.done.set()


class AlarmBell:
    """Rung on any thread, heard on the worker's."""

    def __init__(self) -> None:
        self._rings: queue.Queue[Ring] = queue.Queue(MOST_WAITING)

    def ring(self, event: Event, timeout_s: float) -> Outcome:
        """Have an event sent once, marked as a test; delivered is what the broker has acknowledged."""
        ring = Ring(event)
        try:
            self._rings.put_nowait(ring)
        except queue.Full:
            return Outcome(delivered=False, text="too many test alarms at once")
        ring.done.wait(timeout_s)
        ring.done.set()
        return ring.outcome or Outcome(delivered=False, text=f"no answer of the broker within {timeout_s:g} s")

    def heard(self) -> Ring | None:
        """Return the next one that somebody waits for, None where there is none."""
        while True:
            try:
                ring = self._rings.get_nowait()
            except queue.Empty:
                return None
            if not ring.done.is_set():
                return ring


class BrokerTarget:
    """The broker as a receiver of test alarms; `address` is host and port."""

    name = "mqtt"

    def __init__(self, settings: MqttSettings, bell: AlarmBell) -> None:
        self.address = place(settings)
        self._bell = bell

    def wants(self, event: Event) -> bool:  # noqa: ARG002 - the contract's argument
        """Tell that the broker gets every event."""
        return True

    def send(self, event: Event, timeout_s: float) -> Outcome:
        """Send the event once, marked as a test, and return what came of it."""
        return self._bell.ring(event, timeout_s)
