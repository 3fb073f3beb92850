"""`kill -9` at random moments while a receiver counts: no event is missing, and none comes twice but the one in hand.

EDGE_KILLS=30 EDGE_EVENTS=10000 makes it long.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.support.receivers import Receiver

KILLS = int(os.environ.get("EDGE_KILLS", "6"))
EVENTS = int(os.environ.get("EDGE_EVENTS", "1500"))
REPOSITORY = Path(__file__).parents[2]


def start(folder: Path, url: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "tests.support.hook_load", str(folder), url, str(EVENTS)]
    return subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def test_no_event_is_missing_and_only_what_was_in_hand_comes_twice(tmp_path: Path) -> None:
    dice = random.Random(KILLS)
    killed = 0
    with Receiver() as receiver:
        for kill in range(1, KILLS + 1):
            reached = EVENTS * kill // (KILLS + 2)
            with start(tmp_path, receiver.url) as victim:
                while len(receiver.received) < reached and victim.poll() is None:
                    time.sleep(0.005)
                time.sleep(dice.uniform(0.0, 0.05))
                killed += victim.poll() is None
                victim.kill()
        with start(tmp_path, receiver.url) as last:
            assert last.wait(120) == 0
    assert killed == KILLS
    counts = Counter(receiver.event_ids())
    assert set(counts) == set(range(1, EVENTS + 1))
    twice = [event_id for event_id, count in counts.items() if count > 1]
    assert len(twice) <= KILLS
    assert max(counts.values()) <= 1 + KILLS
    for event_id in twice:
        assert len({each.body for each in receiver.received if each.event_id == event_id}) == 1
    order = receiver.event_ids()
    assert list(dict.fromkeys(order)) == sorted(counts)
