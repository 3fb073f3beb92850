"""The image started in a virtual machine: `make test-image`. Not part of `make test`: it takes minutes.

EDGE_IMAGE names the folder that `image-build/build.sh --target qemu-arm64` has left. One machine serves all tests;
each begins and ends with a device that is up, so that any order will do.
"""

import os
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.image.machine import Machine, missing_tools

BOOT_S = float(os.environ.get("EDGE_BOOT_S", "120"))
IMAGE = Path(os.environ.get("EDGE_IMAGE", "build/image/qemu-arm64"))
COUNTING_S = 240.0
UNDER_LOAD = 12

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if missing := missing_tools():
        pytest.skip(f"the image is NOT tested: apt-get install qemu-system-arm qemu-utils (no {', '.join(missing)})")
    if not (IMAGE / "disk.img").exists():
        pytest.skip(f"the image is NOT tested: there is none in {IMAGE} (image-build/build.sh --target qemu-arm64)")
    with Machine(IMAGE, tmp_path_factory.mktemp("machine")) as machine:
        power_on(machine)
        yield machine


@pytest.fixture
def device(started: Machine) -> Machine:
    started.wait_for("the device is up", lambda: started.get("/healthz"), BOOT_S)
    return started


def power_on(machine: Machine) -> None:
    machine.start()
    print(f"events answered {machine.wait_for_events(BOOT_S):.0f} s after power on")  # noqa: T201 - shown by pytest -s


def events_after(device: Machine, cursor: int) -> list[dict[str, Any]]:
    return device.get(f"/v1/json/events?limit=1000&sinceId={cursor}&timeout=5", 60.0) or []


def crossings(device: Machine) -> list[dict[str, Any]]:
    return [event for event in events_after(device, 0) if event["type"].startswith("Tripwire")]


def failed_units(device: Machine) -> str:
    device.run("systemctl is-system-running --wait || true", BOOT_S)
    return device.run("systemctl --failed --no-legend --plain")


def mount_of(device: Machine, folder: str) -> str:
    return device.run(f"findmnt --noheadings --output SOURCE,OPTIONS --target {folder}")


def test_every_unit_is_up(device: Machine) -> None:
    assert failed_units(device) == ""
    units = "edge systemd-timesyncd systemd-resolved systemd-networkd"
    assert device.run(f"systemctl is-active {units}").split() == ["active"] * 4


def test_the_demo_channel_counts(device: Machine) -> None:
    device.wait_for("a line counted", lambda: crossings(device), COUNTING_S)
    (channel,) = device.get("/v1/json/channels")
    assert channel["name"] == "Demo street"


def test_what_lasts_is_on_the_data_partition_and_nothing_else_can_be_written(device: Machine) -> None:
    assert re.search(r"\bro\b", mount_of(device, "/"))
    for folder in ("/etc/edge", "/var/lib/edge", "/var/lib/systemd"):
        assert re.search(r"vda4\[.*\] rw,.*noatime", mount_of(device, folder)), folder
    status, _ = device.ask("touch /usr/written || touch /etc/written || touch /opt/edge/written")
    assert status != 0
    assert device.ask("ls /var/log/journal")[0] != 0


def test_the_data_partition_fills_the_card(device: Machine) -> None:
    kib = int(device.run("df --output=size /data | tail -n 1"))
    assert kib > 3 * 1024 * 1024, "of a card of 6 GiB"


def test_nobody_can_log_in(device: Machine) -> None:
    passwords = device.run("cut -d: -f 2 /etc/shadow").split()
    assert set(passwords) <= {"*", "!", "!*"}
    assert device.ask("ls /root/.ssh /etc/ssh/ssh_host_*")[0] != 0
    listening = device.run("ss -Hltn").splitlines()
    assert {line.split()[3].rpartition(":")[2] for line in listening} <= {"48462", "53", "5355"}


def test_certificates_of_the_world_are_known(device: Machine) -> None:
    program = "import ssl; print(ssl.get_default_verify_paths().capath)"
    folder = device.run(f"/opt/edge/bin/python3 -c '{program}'")
    assert int(device.run(f"ls {folder}/*.0 | wc -l")) > 100, "OpenSSL looks them up by hash"


def test_what_a_client_was_shown_survives_a_power_cut(device: Machine) -> None:
    machine_id = device.run("cat /etc/machine-id")
    shown: dict[int, str] = {}
    device.wait_for("some events", lambda: watch(device, shown) >= UNDER_LOAD, COUNTING_S)
    end_s = time.monotonic() + random.uniform(0.0, 8.0)
    while time.monotonic() < end_s:
        watch(device, shown)
    device.kill()

    power_on(device)
    kept = {event["event_id"]: event["type"] for event in events_after(device, 0)}
    assert {event_id: kept.get(event_id) for event_id in shown} == shown
    assert device.run("cat /etc/machine-id") == machine_id
    assert failed_units(device) == ""
    assert device.run("dmesg | grep -i 'ext4.*error' || true") == ""


def watch(device: Machine, shown: dict[int, str]) -> int:
    shown |= {event["event_id"]: event["type"] for event in events_after(device, max(shown, default=0))}
    return len(shown)


def test_a_slot_that_holds_garbage_is_left_by_itself(device: Machine) -> None:
    running, other = slots(device)
    partition = f"/dev/disk/by-partlabel/system_{other}"
    device.run(f"dd if={partition} of=/data/kept bs=1M count=4")
    device.run(f"dd if=/dev/urandom of={partition} bs=1M count=4 conv=fsync")
    device.run(f"edge-slot try {other} 2")
    before = len(device.console())
    device.kill()

    power_on(device)
    story = device.console()[before:]
    assert re.findall(rf"slot {other} is on trial, (\d) more starts", story) == ["1", "0"]
    assert story.count(f"slot {other} holds no system") == 2
    assert f"slot {other} was not found good in time, back to slot {running}" in story
    assert device.run("edge-slot show") == f"slot {running} is running; good {running}"
    assert failed_units(device) == ""
    device.run(f"dd if=/data/kept of={partition} && rm /data/kept && sync")


def test_a_sound_slot_is_started_on_trial_and_stays_once_committed(device: Machine) -> None:
    running, other = slots(device)
    status, answer = device.ask(f"edge-slot try {running} 2")
    assert (status, answer) == (1, f"edge-slot: slot {running} is running: only the other one can be tried")
    device.run(f"edge-slot try {other} 2")
    device.kill()

    power_on(device)
    assert device.run("edge-slot show") == f"slot {other} is running; good {running}; {other} on trial, 1 more starts"
    device.run("edge-slot commit")
    assert device.run("edge-slot show") == f"slot {other} is running; good {other}"
    assert "ro," in mount_of(device, "/boot/firmware")


def slots(device: Machine) -> tuple[str, str]:
    """The running slot, which is good and has no other on trial, and the other one."""
    told = device.run("edge-slot show")
    running = told.split()[1]
    assert told == f"slot {running} is running; good {running}"
    return running, "ab".replace(running, "")
