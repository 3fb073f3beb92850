"""Two cards from one image become two devices: `make test-image-long`."""

import os
from pathlib import Path

import pytest

from tests.image.machine import Machine, missing_tools

IMAGE = Path(os.environ.get("EDGE_IMAGE", "build/image/qemu-arm64"))
BOOT_S = float(os.environ.get("EDGE_BOOT_S", "120"))
OWN = {
    "machine id": "cat /etc/machine-id",
    "device id": "cat /var/lib/edge/device-id",
    "host name": "hostname",
    "token": "sed -n 's/^token: *//p' /boot/firmware/edge-status.txt",
    "hash of the token": "cat /var/lib/edge/tokens.json",
    "key for addresses": "sha256sum /var/lib/NetworkManager/secret_key",
    "random seed": "sha256sum /var/lib/systemd/random-seed",
}

pytestmark = pytest.mark.timeout(3600)


def test_nothing_of_their_own_is_the_same(tmp_path: Path) -> None:
    if missing := missing_tools():
        pytest.skip(f"the image is NOT tested: no {', '.join(missing)}")
    if not (IMAGE / "disk.img").exists():
        pytest.skip(f"the image is NOT tested: there is none in {IMAGE}")
    first, second = (found_on(tmp_path / name) for name in ("first", "second"))
    assert {name for name in OWN if first[name] == second[name]} == set()
    assert "" not in first.values()


def found_on(folder: Path) -> dict[str, str]:
    folder.mkdir()
    with Machine(IMAGE, folder) as machine:
        machine.start()
        machine.wait_for_events(BOOT_S)
        return {name: machine.run(command) for name, command in OWN.items()}
