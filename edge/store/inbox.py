"""What waits to be committed: a queue between the analysis and the store that is bounded in events and pictures."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.model.event import Event
from edge.store.state import OpenKey, closes, opens

MAX_EVENTS = 20_000
MAX_PICTURE_BYTES = 16 * 1024 * 1024
MAX_EVIDENCE = 1000
"""Where more events than this wait, further ones are kept without their evidence: it takes ten times their room."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The events of one frame with their picture; `now_us` is the channel's clock, `queued_s` the monotonic one."""

    events: tuple[Event, ...]
    now_us: int
    queued_s: float
    jpeg: bytes | None = None


class Inbox:
    """Keeps the order of arrival. Where it is full, new events are let go and counted; what was opened is closed."""

    def __init__(self, max_events: int = MAX_EVENTS, max_picture_bytes: int = MAX_PICTURE_BYTES) -> None:
        self._max_events = max_events
        self._max_picture_bytes = max_picture_bytes
        self._changed = threading.Condition()
        self._queue: deque[Appended] = deque()
        self._events = 0
        self._picture_bytes = 0
        self._refused: set[OpenKey] = set()
        self._hurry = False
        self._put_total = 0
        self._done_total = 0
        self.lost = 0

    def put(self, appended: Appended) -> None:
        """Queue the events of one frame; never waits."""
        with self._changed:
            events = tuple(event for event in appended.events if self._admit(event))
            if not events:
                return
            if self._events > MAX_EVIDENCE:
                events = tuple(replace(event, evidence=None) for event in events)
            jpeg = appended.jpeg
            if jpeg is not None and self._picture_bytes + len(jpeg) > self._max_picture_bytes:
                jpeg = None
            self._events += len(events)
            self._put_total += len(events)
            self._picture_bytes += len(jpeg or b"")
            self._queue.append(replace(appended, events=events, jpeg=jpeg))
            self._changed.notify_all()

    def _admit(self, event: Event) -> bool:
        """Tell whether an event is taken; one that closes is taken where the one that opened was."""
        opened, closed = opens(event), closes(event)
        if closed is not None:
            if closed not in self._refused:
                return True
            self._refused.discard(closed)
        elif self._events < self._max_events:
            return True
        if opened is not None:
            self._refused.add(opened)
        self.lost += 1
        return False

    def wait(self, rows: int, timeout_s: float) -> bool:
        """Wait until as many events are queued, or somebody is in a hurry; False where neither comes in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._hurry or self._events >= rows, timeout_s)

    def hurry(self, timeout_s: float) -> bool:
        """Have all that is queued now committed without waiting for more; False where that takes longer."""
        with self._changed:
            upto = self._put_total
            self._hurry = self._done_total < upto
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._done_total >= upto, timeout_s)

    def take(self, rows: int) -> list[Appended]:
        """Take what came first, whole frames, until there are `rows` events or more."""
        taken: list[Appended] = []
        count = 0
        with self._changed:
            self._hurry = False
            while self._queue and count < rows:
                taken.append(self._queue.popleft())
                count += len(taken[-1].events)
        return taken

    def done(self, taken: Sequence[Appended]) -> None:
        """Forget what is committed."""
        with self._changed:
            count = sum(len(appended.events) for appended in taken)
            self._events -= count
            self._done_total += count
            self._changed.notify_all()
            self._picture_bytes -= sum(len(appended.jpeg or b"") for appended in taken)

    def drop(self, taken: Sequence[Appended]) -> None:
        """Give up what can never be committed, and count it."""
        with self._changed:  # counted by the time that whoever waits for it is woken
            self.lost += sum(len(appended.events) for appended in taken)
            self.done(taken)

    def put_back(self, taken: Sequence[Appended]) -> None:
        """Put what could not be committed in front again."""
        with self._changed:
            self._queue.extendleft(reversed(taken))

    def pending(self) -> int:
        """Return how many events are not committed yet."""
        return self._events
