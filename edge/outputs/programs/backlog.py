"""The events that wait for a program: so many at most, none for long; what is passed over is counted."""

from collections import deque
from dataclasses import dataclass

from edge.model.event import StoredEvent

MOST = 100
OLDEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    stored: StoredEvent
    since_s: float


class Backlog:
    """A queue in the order of the log. The oldest go where more than `most` wait, and who waits for `oldest_s`."""

    def __init__(self, most: int = MOST, oldest_s: float = OLDEST_S) -> None:
        self._most = most
        self._oldest_s = oldest_s
        self._queue: deque[_Waiting] = deque()
        self.passed_over = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, stored: StoredEvent, since_s: float) -> None:
        """Add an event; `since_s` is the monotonic time at which it came, in the past for one from before the start."""
        self._queue.append(_Waiting(stored, since_s))
        if len(self._queue) > self._most:
            self._queue.popleft()
            self.passed_over += 1

    def take(self, now_s: float) -> StoredEvent | None:
        """Return the next event that is not too old, None where none waits."""
        while self._queue:
            waiting = self._queue.popleft()
            if now_s - waiting.since_s <= self._oldest_s:
                return waiting.stored
            self.passed_over += 1
        return None
