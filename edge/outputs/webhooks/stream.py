"""What one URL is to be sent next: events from the log by a cursor, or sums that wait in the outbox."""

from collections import deque
from datetime import tzinfo
from typing import Protocol

from edge.model.event import EVENT_NAMES, StoredEvent
from edge.outputs.webhooks.payload import event_body
from edge.outputs.webhooks.subscription import Subscription
from edge.store.deliveries import Deliveries, Delivery
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.outbox_file import ReaderState
from edge.store.query import EventQuery

PAGE = 100


class Stream(Protocol):
    """Deliveries in their order; the same one is the head until it is done or buried."""

    def open(self) -> None:
        """Find where to go on; raises StoreError where that cannot be read now."""
        ...

    def ready(self, wait_s: float) -> bool:
        """Tell, within a time, whether anything is to be sent: not while the clock may still be set right."""
        ...

    def head(self, wait_s: float) -> Delivery | None:
        """Return what comes next, waiting for it so long; None where there is nothing. Raises StoreError."""
        ...

    def made_s(self, delivery: Delivery) -> int:
        """Return when the head came to be, in seconds since 1970; 0 where that is not known. Raises StoreError."""
        ...

    def done(self, delivery: Delivery) -> bool:
        """Note that the head is delivered; False where it could not be written: to be called again."""
        ...

    def bury(self, delivery: Delivery, *, given_up: bool) -> bool:
        """Make the head a dead letter, with its problem; `given_up` counts it. False as with `done`."""
        ...


class EventStream:
    """The events that a subscription wants, from its cursor on."""

    def __init__(
        self, subscription: Subscription, log: EventLog, outbox: Outbox, deliveries: Deliveries, zone: tzinfo
    ) -> None:
        self._subscription = subscription
        self._log = log
        self._outbox = outbox
        self._deliveries = deliveries
        self._zone = zone
        self._reader = subscription.reader
        self._read_to = 0
        self._restamps = 0
        self._waiting: deque[StoredEvent] = deque()
        self._head: Delivery | None = None

    def open(self) -> None:
        """Go on at the cursor; what fell out of the log before it was delivered is counted as given up."""
        self._waiting.clear()
        self._head = None
        self._read_to = self._outbox.begin(self._reader)

    def ready(self, wait_s: float) -> bool:
        """Tell whether the time is known, or was waited for."""
        return self._log.time_settled(wait_s)

    def head(self, wait_s: float) -> Delivery | None:
        """Return the next event; passed ones move the cursor without a write of their own."""
        if self._log.restamps != self._restamps:
            self._forget_times()
        if self._head is None:
            self._read(wait_s)
            if self._waiting:
                self._head = self._delivery(self._waiting[0])
        return self._head

    def _forget_times(self) -> None:
        """Read anew what has got its right time meanwhile; what was tried already is sent as it was."""
        self._restamps = self._log.restamps
        state = self._outbox.state(self._reader)
        kept = list(self._waiting)[:1] if self._head is not None and state.attempts else []
        self._waiting = deque(kept)
        self._head = self._head if kept else None
        self._read_to = kept[0].event_id if kept else state.event_id

    def _read(self, wait_s: float) -> None:
        if self._waiting:
            return
        found = self._log.wait(EventQuery(since_id=self._read_to, limit=PAGE), wait_s, client=False)
        if not found:
            return
        self._count_missing(found[0].event_id)
        self._read_to = found[-1].event_id
        self._waiting.extend(stored for stored in found if self._subscription.wants(stored.event))
        passed_to = self._waiting[0].event_id - 1 if self._waiting else self._read_to
        self._pass(passed_to)

    def _pass(self, event_id: int) -> None:
        if event_id > self._outbox.state(self._reader).event_id:
            self._outbox.move(self._reader, event_id, save=False)

    def _count_missing(self, first_id: int) -> None:
        """Count what fell out of the log before it was read, wanted or not; nobody knows any more."""
        if first_id > self._read_to + 1 and self._log.first_event_id() == first_id:
            self._outbox.give_up(self._reader, first_id - self._read_to - 1)

    def _delivery(self, stored: StoredEvent) -> Delivery:
        event = stored.event
        return Delivery(
            reader=self._reader,
            event_id=stored.event_id,
            message_id=f"{self._subscription.device_id}-{stored.event_id}",
            title=f"{EVENT_NAMES[event.type]}, {event.channel_name}",
            body=event_body(stored, self._zone, extended=self._subscription.settings.extended),
            made_s=0,
            sure=stored.clock_synced,
        )

    def made_s(self, delivery: Delivery) -> int:
        """Return when the event was committed."""
        return self._log.committed_s(delivery.event_id)

    def done(self, delivery: Delivery) -> bool:
        """Move the cursor behind the event."""
        self._outbox.move(self._reader, delivery.event_id)
        self._take()
        return True

    def bury(self, delivery: Delivery, *, given_up: bool) -> bool:
        """Keep the event as a dead letter, and the cursor behind it."""
        if not self._deliveries.bury(delivery, ReaderState(event_id=delivery.event_id), given_up=int(given_up)):
            return False
        self._take()
        return True

    def _take(self) -> None:
        self._head = None
        self._waiting.popleft()


class SumStream:
    """The sums that wait in the outbox for a subscription, the oldest first."""

    def __init__(self, subscription: Subscription, log: EventLog, outbox: Outbox, deliveries: Deliveries) -> None:
        self._log = log
        self._reader = subscription.reader
        self._outbox = outbox
        self._deliveries = deliveries

    def open(self) -> None:
        """Make the reader known, so that its failures are kept."""
        self._outbox.begin(self._reader)

    def ready(self, wait_s: float) -> bool:
        """Tell whether the time is known, or was waited for."""
        return self._log.time_settled(wait_s)

    def head(self, wait_s: float) -> Delivery | None:
        """Return the oldest that waits."""
        seen = self._deliveries.version
        found = self._deliveries.due(self._reader)
        if found is None and self._deliveries.wait(seen, wait_s):
            found = self._deliveries.due(self._reader)
        return found

    def made_s(self, delivery: Delivery) -> int:
        """Return when its window ended."""
        return delivery.made_s

    def done(self, delivery: Delivery) -> bool:
        """Take it out of the outbox."""
        return self._deliveries.delivered(delivery, self._after())

    def bury(self, delivery: Delivery, *, given_up: bool) -> bool:
        """Keep it as a dead letter."""
        return self._deliveries.give_up(delivery, self._after(), given_up=int(given_up))

    def _after(self) -> ReaderState:
        return ReaderState(event_id=self._outbox.state(self._reader).event_id)


def stream_of(
    subscription: Subscription, log: EventLog, outbox: Outbox, deliveries: Deliveries, zone: tzinfo
) -> Stream:
    """Return what a subscription is to be sent."""
    if subscription.immediate:
        return EventStream(subscription, log, outbox, deliveries, zone)
    return SumStream(subscription, log, outbox, deliveries)
