"""Webhook workers at work on a real log and outbox, sending over real sockets."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path

from edge.health import Health, OutputHealth
from edge.model.event import Event
from edge.outputs.webhooks.post import Poster
from edge.outputs.webhooks.stream import stream_of
from edge.outputs.webhooks.subscription import Subscription, subscriptions
from edge.outputs.webhooks.worker import WebhookWorker
from edge.settings import Settings, WebhookSettings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from tests.support.clock import HandClock
from tests.support.events import new_log, running

DEVICE = "cb0608cb0608"


def wait_for(what: str, found: Callable[[], object], seconds: float = 20.0) -> None:
    """Ask again and again until the answer is true."""
    end_s = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end_s, what
        time.sleep(0.005)


def subscription(url: str, **changes: object) -> Subscription:
    """A webhook with this URL; further settings by name."""
    hook = WebhookSettings(url=url, **changes)  # type: ignore[arg-type] # by name, as a test gives them
    return subscriptions(Settings(webhooks=(hook,)), DEVICE)[0]


@dataclass
class Office:
    """All that webhooks need, on one clock that is moved by hand."""

    log: EventLog
    outbox: Outbox
    deliveries: Deliveries
    clock: HandClock
    health: Health
    zone: tzinfo = UTC
    _stops: list[tuple[threading.Event, threading.Thread]] = field(default_factory=list)

    def append(self, *events: Event) -> None:
        """Commit events as they come from the analysis, at the time the clock shows."""
        now_us = self.clock.now_us()
        self.log.append([replace(event, time_us=now_us) for event in events], now_us)

    def send(self, subscribed: Subscription, poster: Poster | None = None) -> None:
        """Start the worker of a subscription."""
        worker = WebhookWorker(
            subscribed,
            stream_of(subscribed, self.log, self.outbox, self.deliveries, self.zone),
            poster or Poster(subscribed.settings.url, lambda: self.clock.now_us() / 1e6),
            outbox=self.outbox,
            deliveries=self.deliveries,
            clock=self.clock,
            health=self.health,
            dice=random.Random(1),
        )
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop, lambda: None), name=worker.name)
        self._stops.append((stop, thread))
        known = self.outbox.cursor(subscribed.reader)
        thread.start()
        if known is None:
            wait_for("the subscription begins", lambda: self.outbox.cursor(subscribed.reader) is not None)

    def stop(self) -> None:
        """Stop all workers; each ends within six seconds."""
        begun_s = time.monotonic()
        for stop, _ in self._stops:
            stop.set()
        self.log.dismiss_waiters()  # as the REST server does when it stops
        self.deliveries.tell()
        for _, thread in self._stops:
            thread.join(10)
            assert not thread.is_alive()
        assert time.monotonic() - begun_s < 6
        self._stops.clear()

    def cursor(self, subscribed: Subscription) -> int:
        return self.outbox.state(subscribed.reader).event_id

    def told(self, subscribed: Subscription) -> OutputHealth:
        """What its worker tells of itself; before it has told anything, what all begin with."""
        return self.health.snapshot().outputs.get(subscribed.reader, OutputHealth())

    def status(self, subscribed: Subscription) -> str:
        return self.told(subscribed).status


@contextmanager
def office(folder: Path, clock: HandClock | None = None, *, zone: tzinfo = UTC, max_mb: int = 64) -> Iterator[Office]:
    """An office whose log commits by itself."""
    clock = clock or HandClock()
    health = Health()
    log = new_log(folder, clock, zone=zone, health=health)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    log.open()
    outbox.open()
    made = Office(log, outbox, Deliveries(outbox, max_mb), clock, health, zone)
    try:
        with running(log):
            yield made
            made.stop()
    finally:
        made.stop()
        outbox.close()
        log.close()


def ids(events: Sequence[int]) -> list[int]:
    """Return each number once, in the order in which it came first."""
    return list(dict.fromkeys(events))
