"""`kill -9` of the whole program at random moments: what any client was shown is there afterwards, once, in balance.

EDGE_KILLS=50 makes it long.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.appliance import appliance, until
from tests.support.ports import free_port
from tests.support.walkers import write_walk

KILLS = int(os.environ.get("EDGE_KILLS", "6"))
CHANNELS = "".join(
    f"""
  - name: Cam {number}
    source: {{file: {{path: PATH, loop: true, realtime: false}}}}
    rules: [{{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}}]
"""
    for number in range(2)
)

Shown = dict[int, Any]


def follow(port: int, start: int, shown: Shown, stop: threading.Event) -> None:
    """Be a client: poll from a cursor on, keep every event it was ever shown."""
    cursor = start
    while not stop.is_set():
        try:
            for event in ask(port, f"/v1/json/events?sinceId={cursor}&limit=1000&timeout=5"):
                shown[event["event_id"]] = event
                cursor = event["event_id"]
        except (OSError, http.client.HTTPException, ValueError):
            time.sleep(0.05)


def ask(port: int, path: str) -> list[Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert isinstance(answer, list)
    return answer


def everything(port: int) -> list[Any]:
    """Return the whole log, page by page."""
    events: list[Any] = []
    while page := ask(port, f"/v1/json/events?sinceId={events[-1]['event_id'] if events else 0}&limit=1000"):
        events += page
    return events


def unbalanced(events: list[Any]) -> dict[tuple[str, str], int]:
    step = {"ObjectAppear": 1, "ObjectDisappear": -1}
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        counts[event["channel_id"], event["object_id"]] += step.get(event["type"], 0)
    return {key: count for key, count in counts.items() if count}


def test_nothing_shown_is_lost_and_all_is_balanced(tmp_path: Path) -> None:
    clip = tmp_path / "walk.mp4"
    write_walk(clip, there_and_back=True)
    port = free_port()
    shown: Shown = {}
    dice = random.Random(KILLS)
    for _ in range(KILLS):
        before = len(shown)
        with appliance(tmp_path, CHANNELS.replace("PATH", str(clip)), port=port) as running:
            running.serve()
            stop = threading.Event()
            clients = [
                threading.Thread(target=follow, args=(port, max(shown, default=0), shown, stop)) for _ in range(3)
            ]
            for client in clients:
                client.start()
            until("a client is shown something", lambda: len(shown) > before)  # noqa: B023 - asked within the turn
            time.sleep(dice.uniform(0.0, 0.7))
            running.stop(signal.SIGKILL)
            stop.set()
            for client in clients:
                client.join(30)
    with appliance(tmp_path, "  []\n", port=port) as running:
        running.serve()
        kept = everything(port)
    ids = [event["event_id"] for event in kept]
    assert ids == sorted(set(ids))
    by_id = {event["event_id"]: event for event in kept}
    assert {key: by_id.get(key) for key in shown} == shown
    assert unbalanced(kept) == {}
    assert len(shown) > KILLS
