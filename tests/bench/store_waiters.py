"""How soon waiting threads have an event after `append`.

The log only, without HTTP: the commit with its fsync and the 20 ms of gathering are included.
"""

import tempfile
import threading
import time
from pathlib import Path

from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.bench.table import Table
from tests.support.clock import START_US
from tests.support.events import crossing, new_log, running

ROUNDS = 10


def one_round(log: EventLog, clients: int) -> tuple[float, float]:
    """Return the slowest client's and the median delay, in seconds."""
    since, done = log.last_event_id(), list[float]()

    def client() -> None:
        log.wait(EventQuery(since_id=since), 30)
        done.append(time.monotonic())

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while log.waiting() < clients:
        time.sleep(0.01)
    time.sleep(0.3)
    start = time.monotonic()
    log.append([crossing()], START_US)
    for thread in threads:
        thread.join()
    return done[-1] - start, sorted(done)[clients // 2] - start


def run(*, quick: bool) -> Table:
    """Measure with 1, 200 and 1,000 threads that wait."""
    before = threading.stack_size(128 * 1024)
    try:
        rows = [_row(clients, 3 if quick else ROUNDS) for clients in (1, 200, 1000)]
    finally:
        threading.stack_size(before)
    notes = ("the log alone, without HTTP: its commit with fsync and the 20 ms of gathering are included",)
    return Table("How soon waiting threads have an event", ("threads", "median", "slowest of all rounds"), rows, notes)


def _row(clients: int, times: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        log = new_log(Path(folder))
        log.open()
        with running(log):
            rounds = [one_round(log, clients) for _ in range(times)]
        log.close()
    worst, middle = max(slow for slow, _ in rounds), sorted(median for _, median in rounds)[times // 2]
    return [f"{clients:,}", f"{middle * 1000:.0f} ms", f"{worst * 1000:.0f} ms"]
