"""Which events are on their way: reads on where the cursor stands, and moves it as the broker acknowledges.

```
  cursor ──────── on their way, in order ──────── newest that was read ──────── newest in the log
         moves up to the first that is not acknowledged yet
```
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from edge.model.event import StoredEvent
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.query import EventQuery

READER = "mqtt"
SAVE_S = 0.25
"""While more is on its way the cursor is written so often at most, to spare the card."""


@dataclass(slots=True, eq=False)
class _Sent:
    """One event on its way: which of its messages are not acknowledged yet."""

    event_id: int
    waiting: set[int]


class Feed:
    """The events from the cursor on, each handed out once until `rewind`. Used by one thread."""

    def __init__(self, log: EventLog, outbox: Outbox) -> None:
        self._log = log
        self._outbox = outbox
        self._sent: deque[_Sent] = deque()
        self._of_number: dict[int, _Sent] = {}
        self._done_id = 0
        self._kept_id = 0
        self._read_id = 0
        self._saved_s = 0.0

    def begin(self) -> None:
        """Find the cursor; a new reader begins with what comes from now on. Raises StoreError."""
        self._kept_id = self._done_id = self._outbox.begin(READER)
        self.rewind()

    def rewind(self) -> None:
        """Forget what is on its way: whatever is not acknowledged is handed out again."""
        self._sent.clear()
        self._of_number.clear()
        self._read_id = self._done_id

    def read(self, most: int) -> list[StoredEvent]:
        """Return the next events, at most so many. Raises StoreError."""
        if most <= 0 or self._read_id >= self._log.last_event_id():
            return []
        found = self._log.select(EventQuery(since_id=self._read_id, limit=most))
        if found:
            self._read_id = found[-1].event_id
        return found

    def sent(self, event_id: int, numbers: Collection[int]) -> None:
        """Note under which numbers an event was sent."""
        entry = _Sent(event_id, set(numbers))
        self._sent.append(entry)
        self._of_number.update(dict.fromkeys(numbers, entry))
        self._advance()

    def acknowledged(self, number: int) -> None:
        """Note that the broker is done with one message; what is not an event's does not matter."""
        entry = self._of_number.pop(number, None)
        if entry is not None:
            entry.waiting.discard(number)
            self._advance()

    def is_event(self, number: int) -> bool:
        """Tell whether a message on its way is an event."""
        return number in self._of_number

    def _advance(self) -> None:
        while self._sent and not self._sent[0].waiting:
            self._done_id = self._sent.popleft().event_id

    def save(self, now_s: float, *, now: bool = False) -> None:
        """Keep the cursor where it has moved: at once with `now` or where nothing is on its way, else now and then."""
        if self._kept_id != self._done_id and (now or not self._sent or now_s - self._saved_s >= SAVE_S):
            self._outbox.move(READER, self._done_id)
            self._kept_id = self._done_id
            self._saved_s = now_s

    @property
    def on_their_way(self) -> int:
        """How many events are sent and not acknowledged."""
        return len(self._sent)

    @property
    def behind(self) -> int:
        """How many events are not acknowledged, counted by their ids."""
        return max(0, self._log.last_event_id() - self._done_id)
