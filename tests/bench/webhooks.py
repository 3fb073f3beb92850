"""Webhooks: how soon a burst is stored and delivered, what a delivery costs, and what waiting costs."""

import tempfile
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
from tests.bench.table import Table
from tests.support.clock import RealClock
from tests.support.events import crossing
from tests.support.hooks import subscription
from tests.support.receivers import Receiver

RATE = 1000


def play(folder: Path, seconds: float, receivers: int, idle_s: float) -> list[str]:
    """Append 1,000 events a second, wait until all are delivered everywhere; then let nothing happen for a while."""
    clock, health, stop = RealClock(), Health(), threading.Event()
    log = EventLog(folder, clock, timezone=UTC, retention=RetentionSettings(), health=health)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    log.open()
    outbox.open()
    deliveries = Deliveries(outbox, 64)
    sinks = [Receiver() for _ in range(receivers)]
    threads = [threading.Thread(target=log.run, args=(stop, lambda: None))]
    readers = []
    for sink in sinks:
        sink.open()
        hook = subscription(sink.url)
        outbox.begin(hook.reader)
        readers.append(hook.reader)
        worker = WebhookWorker(
            hook,
            stream_of(hook, log, outbox, deliveries, UTC),
            Poster(sink.url, time.time),
            outbox=outbox,
            deliveries=deliveries,
            clock=clock,
            health=health,
        )
        threads.append(threading.Thread(target=worker.run, args=(stop, lambda: None)))
    for thread in threads:
        thread.start()
    begun_s, count = time.monotonic(), round(RATE * seconds)
    for number in range(count):
        log.append([crossing(number, time_us=clock.now_us())], clock.now_us())
        time.sleep(max(0.0, begun_s + number / RATE - time.monotonic()))
    ended_s = time.monotonic()
    log.flush(60)
    stored_s = time.monotonic() - ended_s
    while any(outbox.state(reader).event_id < count for reader in readers):
        time.sleep(0.02)
    delivered_s = time.monotonic() - ended_s
    cpu_s = time.process_time()
    time.sleep(idle_s)
    idle = (time.process_time() - cpu_s) / idle_s
    stop.set()
    log.dismiss_waiters()
    for thread in threads:
        thread.join(30)
    for sink in sinks:
        sink.close()
    outbox.close()
    log.close()
    rate = count * receivers / (seconds + delivered_s)
    return [str(receivers), str(count), f"{stored_s:.2f} s", f"{delivered_s:.1f} s", f"{rate:.0f}/s", f"{idle:.2%}"]


def run(*, quick: bool) -> Table:
    """Measure with one receiver and with three."""
    rows = []
    for receivers in (1, 3):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(play(Path(folder), 2.0 if quick else 10.0, receivers, 5.0 if quick else 20.0))
    return Table(
        "Webhooks: a burst of 1,000 events a second",
        ("receivers", "events", "stored after its end", "delivered after its end", "deliveries", "idle, of a core"),
        rows,
        ("receivers are threads of the same process, which takes a part of both cores",),
    )
