"""Who can get a test alarm: what each output that sends events shows of its receivers."""

from dataclasses import dataclass
from typing import Protocol

from edge.model.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt. `text` is for people and holds no secret: "delivered", "nobody listens on port 80".

    `http_status` is None where none was received, or where the target does not speak HTTP.
    """

    delivered: bool
    text: str
    http_status: int | None = None


class AlarmTarget(Protocol):
    """One receiver of events: a URL, a broker, a program. It counts nothing of a test, and keeps nothing."""

    @property
    def name(self) -> str:
        """Return what callers name it by: "webhook 2", "mqtt", "program 1", numbered from 1 as in edge.yaml."""
        ...

    @property
    def address(self) -> str:
        """Return what people know it by, without secrets: https://example.org, broker.lan:1883, on-event."""
        ...

    def wants(self, event: Event) -> bool:
        """Tell whether it would get such an event."""
        ...

    def send(self, event: Event, timeout_s: float) -> Outcome:
        """Send the event once, marked as a test, and return what came of it; called on any thread.

        What goes wrong at the other end is an Outcome, not an exception. Returns within `timeout_s` seconds, except
        where the system itself hangs: then whoever called goes on without it.
        """
        ...
