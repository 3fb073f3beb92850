"""Which windows are to be summed now: a question to rows and clock, with no memory of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal

from edge.outputs.webhooks.payload import Span
from edge.store.sum_rows import Summed
from edge.store.windows import DAY_US, SECOND_US, day_end_us, day_start_us, hour_end_us, hour_start_us

GRACE_US = 1 * SECOND_US
"""So long after its end is a window summed: what the last pictures gave is committed by then."""
BACK_US = 7 * DAY_US
FAR_US = 8 * DAY_US

Moments = Callable[[int, tzinfo], int]
STARTS: Mapping[str, Moments] = {"hourly": hour_start_us, "daily": day_start_us}
ENDS: Mapping[str, Moments] = {"hourly": hour_end_us, "daily": day_end_us}
When = Literal["hourly", "daily"]


@dataclass(frozen=True, slots=True)
class Now:
    """The device's clock, in microseconds UTC, and whether it is known to be right; `zone` gives the local hours.

    `since_us` is since when the device counts without having told any sums, since it waited for the time.
    """

    us: int
    synced: bool
    zone: tzinfo
    since_us: int


def settled(row: Summed | None, when: str, now: Now) -> Summed:
    """Return a row that fits the clock: where sums begin, or go on.

    A new one begins with the window that is open, or was when the device began to wait for the time. So does one that
    was made before the clock was known and has a whole window between it and now, since nobody knows what happened in
    it; and one from a time that is yet to come by days. What was missed is made up for seven days back.
    """
    start = STARTS[when]
    if row is None or row.until_us > now.us + FAR_US:
        return _begun(when, now)
    if now.synced and not row.sure:
        after = ENDS[when](row.until_us, now.zone)
        if ENDS[when](after, now.zone) <= now.us:
            return _begun(when, now)
        row = replace(row, sure=True)
    oldest_us = start(now.us - BACK_US, now.zone)
    return replace(row, until_us=oldest_us) if row.until_us < oldest_us else row


def _begun(when: str, now: Now) -> Summed:
    begin_us = STARTS[when](min(now.us, now.since_us), now.zone)
    return Summed(begin_us, begin_us, now.synced)


def next_window(row: Summed, when: str, zone: tzinfo) -> Span:
    """Return the window that comes after what is summed."""
    return Span(row.until_us, ENDS[when](row.until_us, zone))


def is_due(window: Span, now: Now) -> bool:
    """Tell whether a window is over and all of it committed."""
    return window.until_us + GRACE_US <= now.us
