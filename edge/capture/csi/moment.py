"""When a picture was taken, by the sensor's own time stamp."""

import time
from collections.abc import Callable

OLDEST_S = 10.0


def boot_ns() -> int:
    """Return the nanoseconds since the machine was started, those in which it slept too: the clock of time stamps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def age_s(
    stamp_ns: object, boot: Callable[[], int] = boot_ns, monotonic: Callable[[], int] = time.monotonic_ns
) -> float:
    """Return how many seconds ago a picture with this time stamp was taken.

    0 where the stamp is no such time: missing, from the future, or by another clock. Some drivers stamp by the clock
    that stands still while the machine sleeps; that is tried too.
    """
    if not isinstance(stamp_ns, int):
        return 0.0
    for now_ns in (boot(), monotonic()):
        age = (now_ns - stamp_ns) / 1e9
        if 0.0 <= age <= OLDEST_S:
            return age
    return 0.0
