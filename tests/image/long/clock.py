"""A board whose clock starts in 2020, in a virtual machine.

Nobody in the machine can reach a time server; the test sets the clock as one would: it steps it and tells the kernel.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.image.device import COUNTING_S, power_on
from tests.image.machine import OUTSIDE, Machine
from tests.image.saved import saved_machine
from tests.support.receivers import Receiver

HOUR_S = 3600
SETTINGS = f"""
device: {{timezone: UTC, clock_wait_s: 3600}}
channels:
  - {{name: Street, source: {{demo: {{scene: street}}}}, detector: {{kind: motion}}}}
webhooks:
  - {{url: "http://{OUTSIDE}:8080/events", extended: true}}
  - {{url: "http://{OUTSIDE}:8080/sums", when: hourly}}
"""
SET = """
import ctypes, struct, sys, time
time.clock_settime(time.CLOCK_REALTIME, float(sys.argv[1]))
modes, status = 0x10 | 0x4 | 0x8, 0x1
timex = struct.pack("<Ixxxxqqqqi", modes, 0, 0, 1000, 1000, status).ljust(512, bytes(1))
print(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(timex)))
"""

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Machine]:
    folder, reachable = tmp_path_factory.mktemp("machine"), {8080: receiver.port}
    with saved_machine("clock", folder, with_settings, reachable=reachable, clock="2020-01-01T00:00:00") as machine:
        yield machine


def with_settings(machine: Machine) -> None:
    machine.put_on_card("edge.yaml", SETTINGS)
    power_on(machine)


def events(device: Machine) -> list[dict[str, Any]]:
    return device.get("/v1/json/events?limit=1000&sinceId=0", 60.0) or []


def seconds(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["time_utc"]).timestamp()


def test_the_clock_is_set_and_then_the_hour_is_over(device: Machine, receiver: Receiver) -> None:
    events_of_before_get_their_right_times(device, receiver)
    the_hour_in_which_it_was_set_is_told_whole(device, receiver)


def events_of_before_get_their_right_times(device: Machine, receiver: Receiver) -> None:
    device.wait_for("some events", lambda: len(events(device)) >= 3, COUNTING_S)
    status = device.get("/v1/status")
    assert not status["clock_synced"]
    assert [each["name"] for each in status["notices"]] == ["clock"]
    assert receiver.received == [], "webhooks wait for the time"
    before = {each["event_id"]: seconds(each) for each in events(device)}
    shown = float(device.run("date +%s.%N"))
    right = (shown // HOUR_S + 5 * 24 + 3) * HOUR_S + 20 * 60  # days later, in the middle of an hour
    assert device.run(f"python3 -c '{SET}' {right}") == "0"

    device.wait_for("all are right", lambda: all(each["clock_synced"] for each in events(device)), 60.0)
    after = {each["event_id"]: seconds(each) for each in events(device)}
    assert list(after)[: len(before)] == list(before), "ids stay"
    steps = [after[event_id] - before[event_id] for event_id in before]
    assert max(steps) - min(steps) < 0.001
    assert abs(steps[0] - (right - shown)) < 10
    device.wait_for("what waited is sent", lambda: sent(receiver).keys() >= before.keys(), 60.0)
    assert {event_id: sent(receiver)[event_id] for event_id in before} == {each: after[each] for each in before}
    assert [each for each in receiver.received if each.path == "/sums"] == [], "no sum tells of the hours between"
    assert device.get("/v1/status")["notices"] == []


def sent(receiver: Receiver) -> dict[int, float]:
    bodies = [each.json for each in receiver.received if each.path == "/events"]
    return {body["event_id"]: seconds(body) for body in bodies}


def the_hour_in_which_it_was_set_is_told_whole(device: Machine, receiver: Receiver) -> None:
    shown = float(device.run("date +%s.%N"))
    device.run(f"python3 -c '{SET}' {(shown // HOUR_S + 1) * HOUR_S - 5}")
    sums = device.wait_for("the sum", lambda: [each.json for each in receiver.received if each.path == "/sums"], 120.0)
    counted = sum(row["event_count"] for row in sums[0]["event_type_aggregate"])
    since, until = (datetime.fromisoformat(sums[0][key]).timestamp() for key in ("since_time", "until_time"))
    assert counted == sum(since <= seconds(each) < until for each in events(device)) > 0
    assert (until - since, len(sums)) == (HOUR_S, 1)


def test_what_is_written_to_the_card_is_measured_in_the_confined_program(device: Machine) -> None:
    disk = device.wait_for("a minute is measured", lambda: measured(device), 120.0)
    assert disk["name"] == "vda"
    assert disk["size_bytes"] == 6 * 1024**3
    assert disk["written_last_day"] >= disk["own_last_day"] > 0
    assert "disk vda: " in device.run("edge status || true")


def measured(device: Machine) -> dict[str, Any] | None:
    disk: dict[str, Any] = device.get("/v1/status")["disk"]
    return disk if disk["own_last_day"] else None


def test_the_journal_is_in_memory(device: Machine) -> None:
    assert "/run/log/journal" in device.run("journalctl --header | grep -m1 'File path'")
    assert device.ask("ls /var/log/journal")[0] != 0
