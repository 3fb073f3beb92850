"""Outboxes for tests, and a process with one that is made to be killed.

Started as `python -m tests.support.outboxes FOLDER`: it moves a cursor from 1 on as fast as it can, and prints each
step once it is made.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.health import Health
from edge.model.clock import Clock
from edge.store.outbox import Outbox
from tests.support.clock import HandClock


def new_outbox(folder: Path, clock: Clock | None = None, *, health: Health | None = None, newest_id: int = 0) -> Outbox:
    return Outbox(folder, clock or HandClock(), health=health or Health(), newest_id=lambda: newest_id)


@contextmanager
def open_outbox(
    folder: Path, clock: Clock | None = None, *, health: Health | None = None, newest_id: int = 0
) -> Iterator[Outbox]:
    """An open outbox whose log's newest event is `newest_id`."""
    outbox = new_outbox(folder, clock, health=health, newest_id=newest_id)
    outbox.open()
    try:
        yield outbox
    finally:
        outbox.close()


def main() -> None:
    outbox = new_outbox(Path(sys.argv[1]))
    outbox.open()
    event_id = outbox.begin("webhook:a")
    while True:
        event_id += 1
        outbox.move("webhook:a", event_id)
        sys.stdout.write(f"{event_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
