"""`kill -9` while events get their right times: each has its wrong one, marked, or its right one; all in the end."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.events import open_log
from tests.support.restamping import EVENTS, STEP_US, WRONG_US, prepare

KILLS = int(os.environ.get("EDGE_KILLS", "4"))
REPOSITORY = Path(__file__).parents[2]
ALL = EventQuery(limit=EVENTS)


def make_right_and_kill(folder: Path, after_s: float) -> None:
    words = [sys.executable, "-m", "tests.support.restamping", str(folder)]
    with subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "open\n"
        time.sleep(after_s)
        victim.kill()


def test_events_are_made_right_once_however_often_it_is_cut_short(tmp_path: Path) -> None:
    wrong = prepare(tmp_path)
    for _ in range(KILLS):
        make_right_and_kill(tmp_path, random.uniform(0.0, 0.25))
    dark = HandClock(WRONG_US)
    dark.reboot(WRONG_US, "second")  # nobody has set this start's clock: what is known of the last one's counts
    with open_log(tmp_path, dark) as log:
        for stored in log.select(ALL):
            assert stored.event.time_us - wrong[stored.event_id] == (STEP_US if stored.clock_synced else 0)
        log.flush(60)
        first = log.select(ALL)
    known = {stored.clock_synced for stored in first}
    assert len(known) == 1, "all, where it was noted by how much the clock was wrong, else none"
    with open_log(tmp_path, dark) as log:
        log.flush(60)
        assert log.select(ALL) == first
    assert [stored.event_id for stored in first] == list(wrong)
