"""When to commit: at once while little happens, in groups under load."""

import time

GROUP_S = 0.2
BURST = 5.0


class Pace:
    """Allows five commits a second on average; after a quiet second, five at once."""

    def __init__(self) -> None:
        self._credit = BURST
        self._at_s = time.monotonic()

    def delay_s(self) -> float:
        """Return how long the next commit is to wait for more events, 0 for not at all."""
        self._earn()
        return max(0.0, 1.0 - self._credit) * GROUP_S

    def spend(self) -> None:
        """Count a commit."""
        self._earn()
        self._credit = max(0.0, self._credit - 1.0)

    def _earn(self) -> None:
        now_s = time.monotonic()
        self._credit = min(BURST, self._credit + (now_s - self._at_s) / GROUP_S)
        self._at_s = now_s
