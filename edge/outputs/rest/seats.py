"""A bound on those who stay: waiting clients, viewers of a stream. One more is refused at once."""

import threading
from collections.abc import Callable


class Seats:
    """So many may stay at once; `limit` is asked each time, because settings may change while running."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> bool:
        """Take a seat; False where none is free. Who gets True calls `leave` exactly once."""
        with self._lock:
            if self._taken >= self._limit():
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Give the seat back."""
        with self._lock:
            self._taken -= 1

    @property
    def taken(self) -> int:
        """How many stay now."""
        return self._taken
