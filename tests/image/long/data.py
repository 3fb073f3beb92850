"""A data partition that is damaged, and one beyond repair; `make test-image-long`."""

import pytest

from tests.image.device import COUNTING_S, edge_status, failed_units, power_on, types_of_events, watch
from tests.image.machine import Machine

pytestmark = pytest.mark.timeout(3600)


def test_a_damaged_data_partition_is_repaired_and_that_is_told(device: Machine) -> None:
    shown: dict[int, str] = {}
    device.wait_for("some events", lambda: watch(device, shown) >= 1, COUNTING_S)
    device.run("sync; dd if=/dev/urandom of=/dev/disk/by-partlabel/data bs=4k count=16 oflag=direct conv=notrunc")
    device.kill()

    power_on(device)
    assert "data_repaired: " in device.run("cat /run/edge-appliance/notices")
    assert "ATTENTION: the data partition was damaged and has been repaired" in edge_status(device)
    kept = types_of_events(device)
    assert {event_id: kept.get(event_id) for event_id in shown} == shown
    assert failed_units(device) == ""


def test_a_data_partition_beyond_repair_is_made_anew_and_that_is_told(device: Machine) -> None:
    partition = "/dev/disk/by-partlabel/data"
    wipe = f"dd if=/dev/urandom of={partition} bs=1M count=1 oflag=direct conv=notrunc"
    places = "0 $(seq 128 256 4096)"  # the superblock, and wherever a copy of it may be
    device.ask(f"for at in {places}; do {wipe} seek=$at; done", 120.0)
    device.kill()

    device.token = ""
    power_on(device)
    assert "data_renewed: " in device.run("cat /run/edge-appliance/notices")
    assert "ATTENTION: the data partition could not be repaired and was made anew" in edge_status(device)
    assert failed_units(device) == ""
