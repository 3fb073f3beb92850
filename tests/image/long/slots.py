"""A slot on trial: committed once it was healthy for a while, left when it is not; `make test-image-long`."""

import pytest

from tests.image.device import BOOT_S, failed_units, mount_of, power_on, slots
from tests.image.machine import Machine

pytestmark = pytest.mark.timeout(3600)


def test_a_sound_slot_is_started_on_trial_and_committed_once_it_was_healthy_for_a_while(device: Machine) -> None:
    running, other = slots(device)
    status, answer = device.ask(f"edge-slot try {running} 2")
    assert (status, answer) == (1, f"edge-slot: slot {running} is running: only the other one can be tried")
    device.run(f"edge-slot try {other} 2")
    device.kill()

    power_on(device, healthy_s=60.0)
    told = device.run("edge-slot show")
    assert told == f"slot {other} is running; good {running}; {other} on trial, 1 more starts"
    committed = f"slot {other} is running; good {other}"
    device.wait_for("committed by itself", lambda: device.run("edge-slot show") == committed, BOOT_S + 180.0)
    device.wait_for("closed again", lambda: "ro," in mount_of(device, "/boot/firmware"), 60.0)
    assert failed_units(device) == ""


def test_a_slot_that_is_not_healthy_in_time_is_left_by_itself(device: Machine) -> None:
    running, other = slots(device)
    device.run(f"edge-slot try {other} 1")
    before = len(device.console())
    device.kill()

    power_on(device, give_up_s=15.0)  # nothing is up by then
    story = device.console()[before:]
    assert f"slot {other} is on trial, 0 more starts" in story
    assert f"slot {other} was not found good in time, back to slot {running}" in story
    assert slots(device) == (running, other)
