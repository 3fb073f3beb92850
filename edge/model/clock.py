"""Time as a value that is handed in; the system's clock is built in app."""

from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now_us(self) -> int:
        """Return the wall clock: microseconds since 1970, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never step."""
        ...

    def synced(self) -> bool:
        """Tell whether the wall clock is known to be right."""
        ...

    def started_us(self) -> int:
        """Return when the machine was started, as the wall clock tells it now: it steps when the clock is set."""
        ...

    def boot(self) -> str:
        """Return the name of this start of the machine; no other has the same."""
        ...
