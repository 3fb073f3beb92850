"""What did not become an event, and why: the newest candidates of each channel, in memory only."""

import threading
from collections import deque
from collections.abc import Sequence

from edge.model.event import Suppressed

KEPT = 100
"""So many a channel."""


class SuppressedLog:
    """Keeps each channel's newest candidates; safe from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, deque[Suppressed]] = {}

    def add(self, candidates: Sequence[Suppressed]) -> None:
        """Take candidates in, the oldest first."""
        if not candidates:
            return
        with self._lock:
            for each in candidates:
                self._kept.setdefault(each.channel_id, deque(maxlen=KEPT)).append(each)

    def newest(self, channel_id: str | None = None) -> list[Suppressed]:
        """Return what is kept of one channel or of all, the newest first."""
        with self._lock:
            found = [each for key, kept in self._kept.items() if channel_id in (None, key) for each in kept]
        return sorted(found, key=lambda each: each.time_us, reverse=True)
