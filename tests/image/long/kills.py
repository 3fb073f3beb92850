"""Power cuts at random moments: events come, a client polls, webhooks are acknowledged; `make test-image-long`.

What a client was shown and what a receiver has acknowledged is compared with what the device has afterwards. Each cut
begins with a machine that was saved while events came; its numbers are noted in EDGE_LONG (build/image-long).
"""

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.image.device import failed_units, hash_of_image, power_on, types_of_events
from tests.image.machine import OUTSIDE, Machine
from tests.image.saved import LONG, saved_machine
from tests.support.receivers import Receiver

NOTES = LONG / "kills.jsonl"
KILLS = int(os.environ.get("EDGE_KILLS", "20"))
HOOK_PORT = 8080
LOAD_S = (3.0, 40.0)
RUNNING = 20
AS_REST = len("2026-11-26T13:18:37.7138750")
PAVEMENT = ((0.451, 0.692), (0.516, 0.904))
ROAD = ((0.533, 0.441), (0.637, 0.605))


def parallels(name: str, line: tuple[tuple[float, float], tuple[float, float]]) -> str:
    """Lines beside each other, so that everybody who goes by makes many events."""
    (x1, y1), (x2, y2) = line
    shifts = [step / 50 for step in range(-10, 11)]
    row = "      - {{line: {name} {number}, points: [[{x1:.3f}, {y1}], [{x2:.3f}, {y2}]]}}\n"
    return "".join(
        row.format(name=name, number=number, x1=x1 + shift, x2=x2 + shift, y1=y1, y2=y2)
        for number, shift in enumerate(shifts)
    )


SETTINGS = f"""\
api: {{auth: all}}
device: {{clock_wait_s: 0}}  # no time server is there, and webhooks are not to wait for one
channels:
  - name: Street
    source: {{demo: {{scene: street, seed: 7, fps: 5}}}}
    analysis: {{width: 640, fps: 5}}
    rules:
{parallels("Pavement", PAVEMENT)}{parallels("Road", ROAD)}webhooks:
  - {{url: "http://{OUTSIDE}:{HOOK_PORT}/hook"}}
"""
CLEARED_BY_MOUNTING = "Feature orphan_present is set but orphan file is clean.\nClear? no\n"
"""A flag that the kernel sets while a file system is mounted. The short check replays the journal and leaves it."""

Shown = dict[int, tuple[str, str]]
pytestmark = pytest.mark.timeout(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One power cut: how long events came, how many were known outside by then, how long the next start took."""

    image: str
    after_s: float
    shown: int
    acknowledged: int
    missing: int
    boot_s: float


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def machine(tmp_path: Path, receiver: Receiver) -> Iterator[Machine]:
    reachable = {HOOK_PORT: receiver.port}
    with saved_machine("load", tmp_path, under_load, reachable=reachable) as machine:
        yield machine


def under_load(machine: Machine) -> None:
    machine.put_on_card("edge.yaml", SETTINGS)
    power_on(machine)
    machine.wait_for("people cross lines", lambda: len(types_of_events(machine)) >= RUNNING, 900.0)


@pytest.mark.parametrize("number", range(KILLS))
def test_what_anybody_outside_knows_survives_a_power_cut(
    machine: Machine, receiver: Receiver, tmp_path: Path, number: int
) -> None:
    shown: Shown = {}
    after_s = one_cut(machine, shown)
    check_card(machine, tmp_path)
    known = shown | acknowledged(receiver)
    boot_s = power_on(machine)
    kept = everything(machine)
    missing = {event_id: kept.get(event_id) for event_id in known if kept.get(event_id) != known[event_id]}
    cut = Cut(
        image=hash_of_image(),
        after_s=round(after_s, 1),
        shown=len(shown),
        acknowledged=len(acknowledged(receiver)),
        missing=len(missing),
        boot_s=round(boot_s, 1),
    )
    note(cut)
    print(f"cut {number + 1} of {KILLS}: {cut}")  # noqa: T201 - shown by pytest -s
    assert missing == {}
    assert failed_units(machine) == ""


def one_cut(machine: Machine, shown: Shown) -> float:
    """Poll for a random while, and cut the power in the midst of it; return how long events came."""
    with polling(machine, shown):
        machine.wait_for("events are shown", lambda: len(shown) >= RUNNING, 300.0)
        began_s = time.monotonic()
        time.sleep(random.uniform(*LOAD_S))
        machine.kill()
        return time.monotonic() - began_s


@contextmanager
def polling(machine: Machine, shown: Shown) -> Iterator[None]:
    """Read events as they come, as a client does that waits for the next one."""
    stop = threading.Event()

    def poll() -> None:
        while not stop.is_set():
            events = machine.get(f"/v1/json/events?limit=100&sinceId={max(shown, default=0)}&timeout=5", 20.0)
            if events is None:
                stop.wait(0.2)
            for event in events or []:
                shown[event["event_id"]] = (event["type"], event["time"])

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def acknowledged(receiver: Receiver) -> Shown:
    """What the receiver has answered with 200; the event's number is in a header, its time in the body."""
    return {
        each.event_id: (each.json["event_type"], each.json["event_time"][:AS_REST]) for each in list(receiver.received)
    }


def everything(machine: Machine) -> Shown:
    """All events that the device has, page by page; an id that comes twice is a fault."""
    kept: Shown = {}
    while events := machine.get(f"/v1/json/events?limit=1000&sinceId={max(kept, default=0)}&timeout=0", 60.0):
        for event in events:
            assert event["event_id"] not in kept
            kept[event["event_id"]] = (event["type"], event["time"])
    return kept


def check_card(machine: Machine, folder: Path) -> None:
    """Replay the data partition's journal in a copy, as the start does; then a whole check finds nothing to ask."""
    copy = folder / "data.ext4"
    machine.copy_partition("data", copy)
    replayed = subprocess.run(["e2fsck", "-p", str(copy)], capture_output=True, text=True, check=False)
    assert replayed.returncode <= 1, replayed.stdout
    checked = subprocess.run(["e2fsck", "-fn", str(copy)], capture_output=True, text=True, check=False)
    assert "? no" not in checked.stdout.replace(CLEARED_BY_MOUNTING, ""), checked.stdout
    copy.unlink()


def note(cut: Cut) -> None:
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    with NOTES.open("a") as file:
        file.write(json.dumps(asdict(cut)) + "\n")
