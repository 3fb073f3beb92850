"""Targets of test alarms that live in the test: one that keeps what it gets, one that hangs until it is let go."""

import threading
from dataclasses import dataclass, field

from edge.model.event import Event, EventType
from edge.outputs.alarm.target import Outcome

DELIVERED = Outcome(delivered=True, text="delivered", http_status=204)


@dataclass
class Letterbox:
    """Takes events of some types (none named: of all) and keeps them."""

    name: str = "webhook 1"
    address: str = "https://example.org"
    kinds: tuple[EventType, ...] = ()
    outcome: Outcome = DELIVERED
    got: list[Event] = field(default_factory=list)

    def wants(self, event: Event) -> bool:
        return not self.kinds or event.type in self.kinds

    def send(self, event: Event, timeout_s: float) -> Outcome:
        assert timeout_s > 0
        self.got.append(event)
        return self.outcome


@dataclass
class Hanging(Letterbox):
    """Heeds no time limit: it answers when `free` is set."""

    free: threading.Event = field(default_factory=threading.Event)
    called: threading.Event = field(default_factory=threading.Event)

    def send(self, event: Event, timeout_s: float) -> Outcome:
        self.called.set()
        assert self.free.wait(60.0)
        return super().send(event, timeout_s)
