"""A process that is made to be killed: a real log that takes events, and a webhook that sends them.

Started as `python -m tests.support.hook_load FOLDER URL EVENTS`: appends events until the log has had so many, sends
them all, and ends by itself when the last is delivered. It prints a line once it is at work.
"""

import sys
import threading
import time
from datetime import UTC
from pathlib import Path

from edge.health import Health
from edge.outputs.webhooks.post import Poster
from edge.outputs.webhooks.stream import stream_of
from edge.outputs.webhooks.worker import WebhookWorker
from edge.settings import RetentionSettings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from tests.support.clock import RealClock
from tests.support.events import crossing
from tests.support.hooks import subscription


def main() -> None:
    folder, url, events = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    clock, health, stop = RealClock(), Health(), threading.Event()
    log = EventLog(folder, clock, timezone=UTC, retention=RetentionSettings(), health=health)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    log.open()
    outbox.open()
    deliveries = Deliveries(outbox, 64)
    hook = subscription(url)
    worker = WebhookWorker(
        hook,
        stream_of(hook, log, outbox, deliveries, UTC),
        Poster(url, time.time),
        outbox=outbox,
        deliveries=deliveries,
        clock=clock,
        health=health,
    )
    outbox.begin(hook.reader)
    for run in (log.run, worker.run):
        threading.Thread(target=run, args=(stop, lambda: None), daemon=True).start()
    for number in range(log.last_event_id(), events):
        log.append([crossing(number, time_us=clock.now_us())], clock.now_us())
        if number % 50 == 0:
            time.sleep(0.01)
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while outbox.state(hook.reader).event_id < events:
        time.sleep(0.02)


if __name__ == "__main__":
    main()
