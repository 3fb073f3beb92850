"""What a backup and a restore cost, and what the cameras notice of it."""

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from edge.store.copies import size_of
from tests.bench.table import Table
from tests.support.appliance import Appliance, appliance
from tests.support.backups import ROOT, Site
from tests.support.clock import RealClock
from tests.support.events import crossing, open_log, walked

MB = 1e6
CHANNEL = "  - {name: Street, source: {demo: {scene: street}}}\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds, seconds of a core, memory at most and bytes handed to the disk, both in MB."""

    wall_s: float
    core_s: float
    memory_mb: float
    written_mb: float


def cost(*words: object) -> Cost:
    """Run a command of the program and measure it."""
    begun_s = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", *map(str, words)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    status, memory = Path(f"/proc/{process.pid}/status"), [0]
    ended = 0
    while not ended:
        with contextlib.suppress(IndexError):  # it has ended: no memory any more
            memory.append(int(status.read_text().partition("VmHWM:")[2].split()[0]))
        time.sleep(0.01)
        ended, code, used = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(code)
    assert process.returncode == 0, words
    written = used.ru_oublock * 512 / MB
    return Cost(time.monotonic() - begun_s, used.ru_utime + used.ru_stime, max(memory) * 1024 / MB, written)


def fill(site: Site, events: int) -> None:
    """Commit so many events with what led to them."""
    clock, dice = RealClock(), random.Random(1)
    evidence = [walked(seed) for seed in range(50)]
    with open_log(site.state, clock) as log:
        for number in range(0, events, 50):
            now_us = clock.now_us()
            told = [replace(crossing(number + k, time_us=now_us), evidence=dice.choice(evidence)) for k in range(50)]
            log.append(told, now_us)
            if number % 5000 == 0:
                assert log.flush(60)
        assert log.flush(60)


def rate(running: Appliance, span_s: float) -> float:
    """Return analysed pictures a second over a span."""
    counts = []
    for wait_s in (span_s, 0.0):
        lines = running.text("/metrics").splitlines()
        counts.append(sum(float(line.split()[-1]) for line in lines if line.startswith("edge_channel_analysed_total")))
        time.sleep(wait_s)
    return (counts[1] - counts[0]) / span_s


def run(*, quick: bool) -> Table:
    """Measure the commands on a log of 200,000 events, then the rate of a device that is backed up again and again."""
    events, span_s = (20_000, 10.0) if quick else (200_000, 40.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = Site(folder / "north").set_up("north", "aaaaaaaaaaaa", 200)
        fill(site, events)
        log_mb = size_of(site.state / "events.db") / MB
        file = folder / "x.backup"
        bare = cost("--version")
        made = cost("backup", file, "--config", site.config)
        south = Site(folder / "south").set_up("south", "bbbbbbbbbbbb", 3)
        put = cost("restore", file, "--config", south.config, "--replace")
        size_mb = file.stat().st_size / MB
        (folder / "busy").mkdir()
        site.state.rename(folder / "busy" / "state")
        with appliance(folder / "busy", CHANNEL) as running:
            running.serve()
            time.sleep(15)
            before, during, backups = rates(running, folder / "y.backup", span_s)
    rows = [
        [what, f"{each.wall_s:.1f} s", f"{each.core_s:.1f} s", f"{each.memory_mb:.0f} MB", f"{each.written_mb:.0f} MB"]
        for what, each in (("edge --version", bare), ("edge backup", made), ("edge restore", put))
    ]
    return Table(
        "Backup and restore",
        ("command", "time", "of a core", "memory at most", "handed to the disk"),
        rows,
        (
            f"a log of {events:,} events with evidence, {log_mb:.1f} MB, and 200 pictures; file: {size_mb:.1f} MB",
            f"a demo camera beside it: {before:.2f} pictures a second analysed, {during:.2f} during {backups} backups",
        ),
    )


def rates(running: Appliance, file: Path, span_s: float) -> tuple[float, float, int]:
    """Return the rate without and with backups, and how many were made."""
    before = rate(running, span_s)
    stop, made = threading.Event(), [0]

    def back_up() -> None:
        while not stop.is_set():
            cost("backup", file, "--config", running.config)
            made[0] += 1

    thread = threading.Thread(target=back_up)
    thread.start()
    during = rate(running, span_s)
    stop.set()
    thread.join()
    return before, during, made[0]
