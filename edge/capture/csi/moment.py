"""When a picture was taken, by the sensor's own time stamp."""

import time
from collections.abc import Callable

BELIEVED_S = 300.0


def boot_ns() -> int:
    """Return the nanoseconds since the machine was started, those in which it slept too: the clock of time stamps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def age_s(
    stamp_ns: object, boot: Callable[[], int] = boot_ns, monotonic: Callable[[], int] = time.monotonic_ns
) -> float:
    """Return how many seconds ago a picture with this time stamp was taken.

    0 where the stamp is no such time: missing, from the future, or by another clock. Some drivers stamp by the clock
    that stands still while the machine sleeps; the nearer of the two is taken.
    """
    if not isinstance(stamp_ns, int):
        return 0.0
    ages = [(now_ns - stamp_ns) / 1e9 for now_ns in (boot(), monotonic())]
    return min((age for age in ages if 0.0 <= age <= BELIEVED_S), default=0.0)
