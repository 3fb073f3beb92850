"""`kill -9` at random moments: what anybody was shown is there, ids rise, what was opened is closed once."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

from edge.model.event import EventType, StoredEvent
from edge.store import reader
from edge.store.database import connect_reader
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, TotalsQuery
from edge.store.state import CLOSED_BY
from tests.support.clock import RealClock
from tests.support.events import open_log, unbalanced

KILLS = int(os.environ.get("EDGE_KILLS", "8"))
REPOSITORY = Path(__file__).parents[2]


def everything(log: EventLog) -> list[StoredEvent]:
    return log.select(EventQuery(limit=10**9))


def read_along(folder: Path, seen: list[StoredEvent], stop: threading.Event) -> None:
    """Follow the file as another process does, without the log's help."""
    last = 0
    while not stop.is_set():
        try:
            connection = connect_reader(folder / "events.db")
        except sqlite3.OperationalError:
            time.sleep(0.01)
            continue
        try:
            found = reader.select(connection, EventQuery(since_id=last, limit=10_000))
        except sqlite3.OperationalError:
            found = []
        finally:
            connection.close()
        seen += found
        last = found[-1].event_id if found else last
        time.sleep(0.02)


def run_and_kill(folder: Path, after_s: float, seen: list[StoredEvent], *, at_work: bool) -> list[int]:
    """Return the ids that the process's own client was shown; `at_work`: it is not killed before the first of them."""
    stop = threading.Event()
    other = threading.Thread(target=read_along, args=(folder, seen, stop))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.store_load", str(folder)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as victim:
        other.start()
        assert victim.stdout is not None
        first = victim.stdout.readline() if at_work else ""
        time.sleep(after_s)
        victim.kill()
        output = first + victim.communicate()[0]
    stop.set()
    other.join(30)
    return [int(line) for line in output.splitlines(keepends=True) if line.endswith("\n")]


def test_a_killed_log_keeps_what_was_shown_and_is_balanced(tmp_path: Path) -> None:
    shown: list[int] = []
    seen: list[StoredEvent] = []
    opened: set[EventType] = set()
    for number in range(KILLS):
        shown += run_and_kill(tmp_path, random.uniform(0.0, 1.2), seen, at_work=number % 4 > 0)
        with open_log(tmp_path, RealClock()) as log:  # a clock of years ago would make what it closes too old to keep
            kept = everything(log)
            ids = [stored.event_id for stored in kept]
            pictures = {int(path.stem) for path in (tmp_path / "snapshots").glob("*/*.jpg")}
            assert ids == sorted(set(ids))
            assert set(shown) <= set(ids)
            assert len(shown) == len(set(shown))
            assert {stored.event_id: stored for stored in seen}.items() <= {s.event_id: s for s in kept}.items()
            by_type, by_rule = log.totals_by_type(TotalsQuery()), log.totals_by_rule(TotalsQuery())
            assert not unbalanced(stored.event for stored in kept)
            assert sum(row.type_count for row in by_type) == len(kept)
            assert sum(row.rule_count for row in by_rule) == len(kept)
            opened |= {stored.event.type for stored in kept if stored.event.type in CLOSED_BY}
            assert pictures <= set(ids)
    assert shown
    assert seen
    assert opened == set(CLOSED_BY)
