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
from edge.model.event import Event
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from edge.store.state import CLOSED_BY, opens
from tests.support.clock import RealClock
from tests.support.events import closing, crossing, opening

CHANNELS = ("north", "south", "yard")
KINDS = tuple(CLOSED_BY)
JPEG = b"\xff\xd8" + b"picture" * 300 + b"\xff\xd9"


def load(log: EventLog, channel_id: str) -> None:
    """Objects come, cross and go, stay in zones, several at once; zones move and fill; until the process ends."""
    present: list[Event] = []
    object_id = log.last_object_id(channel_id)
    while True:
        now_us = time.time_ns() // 1000
        if len(present) < 6 or random.random() < 0.5:
            object_id += 1
            event = opening(random.choice(KINDS), object_id, time_us=now_us, channel_id=channel_id)
            if opens(event) in [opens(each) for each in present]:
                continue  # a zone has one crowd at a time
            present.append(event)
            log.append([event], now_us, JPEG)
        else:
            gone = present.pop(random.randrange(len(present)))
            last = crossing(object_id, time_us=now_us, channel_id=channel_id)
            log.append([closing(gone, now_us), last], now_us, JPEG)
        time.sleep(random.random() * 0.01)


def main() -> None:
    log = EventLog(
        Path(sys.argv[1]), RealClock(), timezone=UTC, retention=RetentionSettings(snapshots_mb=2), health=Health()
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
