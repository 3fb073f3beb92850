"""A bound on those who watch live: in all, and on one channel."""

import threading
from collections import Counter


class Viewers:
    """Seats for viewers; safe from every thread."""

    def __init__(self, most: int, most_a_channel: int) -> None:
        self._most = most
        self._most_a_channel = most_a_channel
        self._lock = threading.Lock()
        self._watching: Counter[str] = Counter()

    def take(self, channel_id: str) -> bool:
        """Take a seat; False where none is free. Who gets True calls `leave` exactly once."""
        with self._lock:
            if self._watching.total() >= self._most or self._watching[channel_id] >= self._most_a_channel:
                return False
            self._watching[channel_id] += 1
            return True

    def leave(self, channel_id: str) -> None:
        """Give the seat back."""
        with self._lock:
            self._watching[channel_id] -= 1
            self._watching += Counter()  # forgets the channels that nobody watches
