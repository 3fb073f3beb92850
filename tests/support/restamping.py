"""A process in which the clock has just been set: it makes the events of a log right until it is killed, or done.

`python -m tests.support.restamping FOLDER`
"""

import sys
from pathlib import Path

from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.events import crossing, open_log

EVENTS = 12_000
WRONG_US = 1_577_836_800_000_000
STEP_US = 203_000_000_000_000


def prepare(folder: Path) -> dict[int, int]:
    """Fill a log by a wrong clock; return the time of each event."""
    clock = HandClock(WRONG_US)
    clock.is_synced = False
    with open_log(folder, clock) as log:
        for number in range(EVENTS // 100):
            clock.move(1.0)
            now_us = clock.now_us()
            log.append([crossing(each, time_us=now_us - each) for each in range(number, number + 100)], now_us)
        assert log.flush(60)
        return {stored.event_id: stored.event.time_us for stored in log.select(EventQuery(limit=EVENTS))}


def right_clock() -> HandClock:
    """The clock of the same start of the machine, set right."""
    clock = HandClock(WRONG_US)
    clock.step(STEP_US / 1e6)
    clock.move(600.0)
    return clock


def main() -> None:
    """Open the log, say so, and make it right."""
    with open_log(Path(sys.argv[1]), right_clock()) as log:
        print("open", flush=True)  # noqa: T201 - the parent waits for it
        log.flush(60)
        print("done", flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main()
