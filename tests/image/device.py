"""What tests ask of a started device, and how they get one: EDGE_IMAGE names the folder that a build has left."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.image.machine import Machine, missing_tools

BOOT_S: Final = float(os.environ.get("EDGE_BOOT_S", "480"))
"""How long a start is waited for. What it took is noted: the goal is 120 s on a machine that does nothing else."""
IMAGE: Final = Path(os.environ.get("EDGE_IMAGE", "build/image/qemu-arm64"))
COUNTING_S: Final = 240.0


def manifest() -> dict[str, Any]:
    """Return what the build noted about the image."""
    noted: dict[str, Any] = json.loads((IMAGE / "manifest.json").read_text())
    return noted


def hash_of_image() -> str:
    """Return the first digits of the disk's SHA-256, from the image's manifest."""
    return str(next(each["sha256"] for each in manifest()["artefacts"] if each["file"] == "disk.img"))[:16]


@contextmanager
def new_machine(folder: Path, **options: Any) -> Iterator[Machine]:  # noqa: ANN401 - those of Machine
    """A machine that is off, its card as it is flashed. Skips, loudly, where there is no image or no QEMU."""
    if missing := missing_tools():
        pytest.skip(
            f"the image is NOT tested: apt-get install qemu-system-arm qemu-utils mtools ({', '.join(missing)})"
        )
    if not (IMAGE / "disk.img").exists():
        pytest.skip(f"the image is NOT tested: there is none in {IMAGE} (image-build/build.sh --target qemu-arm64)")
    with Machine(IMAGE, folder, **options) as machine:
        yield machine


def power_on(machine: Machine, **trial: float) -> float:
    """Switch on and wait until events are answered; return how long that took."""
    machine.start(**trial)
    took_s = machine.wait_for_events(BOOT_S)
    print(f"events answered {took_s:.0f} s after power on")  # noqa: T201 - shown by pytest -s
    return took_s


def edge_status(device: Machine) -> str:
    """Return what edge-status.txt says once the program is up, or is not."""
    file = "/boot/firmware/edge-status.txt"
    device.run(f"for _ in $(seq 60); do grep -q '^program: *starting' {file} || break; sleep 2; done", 150.0)
    return device.run(f"cat {file}")


def events_after(device: Machine, cursor: int) -> list[dict[str, Any]]:
    """Return the events that came after one."""
    return device.get(f"/v1/json/events?limit=1000&sinceId={cursor}&timeout=5", 60.0) or []


def types_of_events(device: Machine) -> dict[int, str]:
    """Return the type of each event that the device has."""
    return {event["event_id"]: event["type"] for event in events_after(device, 0)}


def watch(device: Machine, shown: dict[int, str]) -> int:
    """Add what is new to what was shown; return how many were."""
    shown |= {event["event_id"]: event["type"] for event in events_after(device, max(shown, default=0))}
    return len(shown)


def failed_units(device: Machine) -> str:
    """Return the units that failed, once the start is over."""
    device.run("systemctl is-system-running --wait || true", BOOT_S)
    return device.run("systemctl --failed --no-legend --plain")


def mount_of(device: Machine, folder: str) -> str:
    """Return device and options of the mount that holds a folder."""
    return device.run(f"findmnt --noheadings --output SOURCE,OPTIONS --target {folder}")


def slots(device: Machine) -> tuple[str, str]:
    """The running slot, which is good and has no other on trial, and the other one."""
    told = device.run("edge-slot show")
    running = told.split()[1]
    assert told == f"slot {running} is running; good {running}"
    return running, "ab".replace(running, "")
