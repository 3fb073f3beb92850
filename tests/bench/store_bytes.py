"""Bytes that the event log writes per event, at several rates.

`write()` is what the program hands to the kernel (wchar), `disk` what goes down in the file system's pages
(write_bytes), both from /proc/self/io. Every event is one half of an Appear or Disappear with a line crossing in
between, on four channels.
"""

import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from edge.store.query import EventQuery
from tests.bench.table import Table
from tests.support.clock import START_US, TestClock
from tests.support.events import appear, crossing, disappear, new_log, running, walked

RATES = (1.0, 5.0, 20.0, 100.0, 0.0)


def written() -> dict[str, int]:
    text = Path("/proc/self/io").read_text("ascii")
    return {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", text)}


def play(folder: Path, rate: float, seconds: float, *, evidence: bool) -> list[str]:
    """Append at `rate` events per second, 0 for 5,000 events at once."""
    clock = TestClock()
    log = new_log(folder, clock)
    log.open()
    before, start = written(), time.monotonic()
    count = 0
    latest_s = 0.0
    with running(log):
        while time.monotonic() - start < seconds and (rate or count < 5000):
            number = count // 3 + 1
            make = (appear, crossing, disappear)[count % 3]
            clock.wall_us = START_US + round((time.monotonic() - start) * 1e6)
            event = make(number, time_us=clock.wall_us, channel_id=f"channel-{number % 4}")
            log.append([replace(event, evidence=walked(count) if evidence else None)], clock.wall_us)
            count += 1
            if rate:
                time.sleep(max(0.0, start + count / rate - time.monotonic()))
        asked = time.monotonic()
        log.flush(60)
        latest_s = time.monotonic() - asked
    log.close()
    after = written()
    assert len(log.select(EventQuery(limit=10**6))) == count
    size = sum(path.stat().st_size for path in folder.iterdir())
    calls, disk = after["wchar"] - before["wchar"], after["write_bytes"] - before["write_bytes"]
    return [
        "yes" if evidence else "no",
        f"{rate or count / (time.monotonic() - start):.0f}/s",
        str(count),
        f"{calls / count:.0f} B",
        f"{disk / count:.0f} B",
        f"{size / count:.0f} B",
        f"{latest_s * 1000:.0f} ms",
    ]


def run(*, quick: bool) -> Table:
    """Measure at each rate."""
    rows = []
    for rate in RATES:
        for evidence in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(play(Path(folder), rate, 5.0 if quick else 15.0, evidence=evidence))
    return Table(
        "Bytes that the event log writes per event, without pictures",
        ("evidence", "events", "number", "handed to the kernel", "written to disk", "kept", "last flush"),
        rows,
        (
            "an Appear, a line crossing and a Disappear in turn, on four channels; the last: 5,000 at once",
            "under a temporary folder: the file system below it decides what a page written is",
        ),
    )
