"""How many a second, over the last ten seconds."""

from collections import deque

_WINDOW_S = 10.0


class Rate:
    """A rate from a count that is read off now and then."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, int]] = deque()

    def add(self, now_s: float, count: int) -> None:
        """Note the count at a moment; moments rise."""
        self._readings.append((now_s, count))
        while len(self._readings) > 2 and now_s - self._readings[1][0] >= _WINDOW_S:  # noqa: PLR2004 - two make a rate
            self._readings.popleft()

    def per_s(self) -> float:
        """Return the mean rate over the window, 0 where there are no two readings yet."""
        if not self._readings:
            return 0.0
        (first_s, first), (last_s, last) = self._readings[0], self._readings[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else 0.0
