"""The device of the long tests: up, with a stick beside it, the same at the beginning of each test."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.device import BOOT_S, IMAGE, power_on, types_of_events
from tests.image.machine import Machine
from tests.image.saved import saved_machine

STICK_SECTORS = 400 * 2048


@pytest.fixture(scope="session")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stick as people have it: FAT, with the image's own bundle in its top folder."""
    made = tmp_path_factory.mktemp("stick") / "stick.img"
    subprocess.run(["mformat", "-C", "-F", "-T", str(STICK_SECTORS), "-i", made, "::"], check=True)
    for bundle in IMAGE.glob("edge-*.edgeup"):
        subprocess.run(["mcopy", "-i", made, bundle, f"::{bundle.name}"], check=True)
    return made


@pytest.fixture
def device(tmp_path: Path, stick: Path) -> Iterator[Machine]:
    with saved_machine("device", tmp_path, used_for_a_while, stick=stick) as machine:
        yield machine


def used_for_a_while(machine: Machine) -> None:
    power_on(machine)
    machine.run("echo '# kept' >>/etc/edge/edge.yaml")
    machine.wait_for("some events", lambda: len(types_of_events(machine)) >= 3, BOOT_S * 2)
