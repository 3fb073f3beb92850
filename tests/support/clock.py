"""A clock that tests set."""

import time
from dataclasses import dataclass

START_US = 1_750_000_000_000_000


@dataclass(slots=True)
class TestClock:
    """Stands still at `wall_us` until told otherwise; its monotonic seconds are `ahead_s` before the machine's."""

    __test__ = False

    wall_us: int = START_US
    is_synced: bool = True
    ahead_s: float = 0.0

    def now_us(self) -> int:
        return self.wall_us

    def monotonic_s(self) -> float:
        return time.monotonic() + self.ahead_s

    def synced(self) -> bool:
        return self.is_synced
