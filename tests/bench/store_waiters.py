"""How soon waiting threads have an event after `append`, by hand: python -m tests.bench.store_waiters [clients ...].

The log only, without HTTP: the commit with its fsync and the 20 ms of gathering are included.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

from edge.store.event_log import EventLog
from edge.store.query import EventQuery
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


def main() -> None:
    threading.stack_size(128 * 1024)
    for clients in [int(word) for word in sys.argv[1:]] or [1, 200, 1000]:
        with tempfile.TemporaryDirectory() as folder:
            log = new_log(Path(folder))
            log.open()
            with running(log):
                rounds = [one_round(log, clients) for _ in range(ROUNDS)]
            log.close()
        worst, middle = max(slow for slow, _ in rounds), sorted(median for _, median in rounds)[ROUNDS // 2]
        print(f"{clients:5} clients: median {middle * 1000:.0f} ms, slowest of {ROUNDS} rounds {worst * 1000:.0f} ms")


if __name__ == "__main__":
    main()
