"""One moment by which something of several steps must be over."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock of the machine: sockets know no other."""

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left_s(self) -> float:
        """Return the seconds that are left, 0 where it has passed."""
        return max(0.0, self.at_s - time.monotonic())

    def sooner(self, seconds: float) -> "Deadline":
        """Return the earlier one of this and that many seconds from now."""
        return Deadline(min(self.at_s, time.monotonic() + seconds))
