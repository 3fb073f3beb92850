"""A process that is made to be killed: a real event log under load, and a client of it that prints what it is shown.

Started as `python -m tests.support.store_load FOLDER`. Each line on standard output is an event's id; it is printed
once the client has the event.
"""

import random
import sys
import threading
import time
from datetime import UTC
from pathlib import Path

from edge.health import Health
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.support.events import appear, crossing, disappear

CHANNELS = ("north", "south", "yard")
JPEG = b"\xff\xd8" + b"picture" * 300 + b"\xff\xd9"


class SystemClock:
    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        return time.monotonic()

    def synced(self) -> bool:
        return True


def load(log: EventLog, channel_id: str) -> None:
    """Objects come, cross and go, several at once, until the process ends."""
    present: list[int] = []
    object_id = log.last_object_id(channel_id)
    while True:
        now_us = time.time_ns() // 1000
        if len(present) < 4 or random.random() < 0.5:
            object_id += 1
            present.append(object_id)
            log.append([appear(object_id, time_us=now_us, channel_id=channel_id)], now_us, JPEG)
        else:
            gone = present.pop(random.randrange(len(present)))
            events = [disappear(gone, time_us=now_us, channel_id=channel_id)]
            log.append([*events, crossing(present[0], time_us=now_us, channel_id=channel_id)], now_us, JPEG)
        time.sleep(random.random() * 0.01)


def main() -> None:
    log = EventLog(
        Path(sys.argv[1]), SystemClock(), timezone=UTC, retention=RetentionSettings(snapshots_mb=2), health=Health()
    )
    log.open()
    threading.Thread(target=log.run, args=(threading.Event(), lambda: None), daemon=True).start()
    shown = log.last_event_id()
    for channel_id in CHANNELS:
        threading.Thread(target=load, args=(log, channel_id), daemon=True).start()
    while True:
        for stored in log.wait(EventQuery(since_id=shown, limit=1000), 10):
            shown = stored.event_id
            sys.stdout.write(f"{shown}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
