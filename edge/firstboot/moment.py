"""What time it is, as far as that is known: in words, for `edge-status.txt`."""

from datetime import UTC, datetime

from edge.model.clock import Clock


def moment(clock: Clock) -> str:
    """Return the time; where nobody has set the clock yet also how long ago the machine was started."""
    now_us = clock.now_us()
    told = datetime.fromtimestamp(now_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if clock.synced():
        return told
    return f"{told} by a clock that was not set yet, {(now_us - clock.started_us()) // 1_000_000} s after the start"
