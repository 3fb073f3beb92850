"""Two cards from one image become two devices: `make test-image-long`."""

from pathlib import Path

import pytest

from tests.image.device import new_machine, power_on

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
    first, second = (found_on(tmp_path / name) for name in ("first", "second"))
    assert {name for name in OWN if first[name] == second[name]} == set()
    assert "" not in first.values()


def found_on(folder: Path) -> dict[str, str]:
    folder.mkdir()
    with new_machine(folder) as machine:
        power_on(machine)
        return {name: machine.run(command) for name, command in OWN.items()}
