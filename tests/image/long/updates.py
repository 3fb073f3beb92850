"""Updates of the started image that go wrong: refused, broken off at any byte, power cut at any moment, never well.

EDGE_KILLS sets how many power cuts: 10. After each test the device runs what it ran, and has the data and settings
that it had.
"""

import http.client
import os
import random
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.image.bundles import next_version, sign
from tests.image.device import BOOT_S, IMAGE, failed_units, power_on, slots, types_of_events
from tests.image.machine import Machine

KILLS = int(os.environ.get("EDGE_KILLS", "10"))
SEED = os.environ.get("EDGE_SEED", "6")
UPLOAD_S = 1200.0
HEAD_BYTES = 100_000

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (IMAGE / "system.ext4").exists():
        pytest.skip(f"updates of the image are NOT tested: there is none in {IMAGE}")
    return next_version(IMAGE, tmp_path_factory.mktemp("bundle"), "9.0.0")


@contextmanager
def unharmed(device: Machine) -> Iterator[None]:
    """The device is to have afterwards what it has now, and to be as well."""
    before, kept = story_of(device), types_of_events(device)
    yield
    assert story_of(device) == before
    now = types_of_events(device)
    assert {event_id: now.get(event_id) for event_id in kept} == kept
    assert failed_units(device) == ""


def story_of(device: Machine) -> tuple[str, ...]:
    """What must not change: who it is, its settings, what runs."""
    files = "/etc/machine-id /var/lib/edge/device-id /etc/edge/edge.yaml"
    return device.run(f"cat {files}"), device.run("edge-slot show"), device.get("/v1/update")["version"]


def spoiled(bundle: Path, folder: Path, kind: str) -> tuple[Path, str]:
    """Return a bundle with something wrong, and what the device is to say of it."""
    made = folder / "edge-x.edgeup"
    if kind == "garbage":
        made.write_bytes(random.Random(SEED).randbytes(50_000_000))
        return made, "no update bundle"
    if kind == "downgrade":
        return next_version(IMAGE, folder, "0.0.1"), "older"
    if kind == "signed by another key":
        shutil.copy(bundle.parent / "system.ext4", folder)
        return sign(folder, folder / "another.pem"), "signature"
    shutil.copy(bundle, made)
    with made.open("r+b") as file:
        if kind == "truncated":
            file.truncate(bundle.stat().st_size - 1)
            return made, "ended before"
        file.seek(bundle.stat().st_size // 2)
        file.write(b"damage")
        return made, "damaged at block"


@pytest.mark.parametrize("kind", ["garbage", "truncated", "damaged", "signed by another key", "downgrade"])
def test_what_is_wrong_is_refused(device: Machine, bundle: Path, tmp_path: Path, kind: str) -> None:
    made, text = spoiled(bundle, tmp_path, kind)
    with unharmed(device):
        status, answer = device.upload("/v1/update", made, UPLOAD_S)
        assert (status, text in answer["detail"]) == (422, True), answer
        assert text in device.get("/v1/update")["error"]


@pytest.mark.parametrize("number", range(KILLS))
def test_the_plug_is_pulled_at_any_byte_of_writing(device: Machine, bundle: Path, number: int) -> None:
    dice = random.Random(f"{SEED} {number}")
    with unharmed(device):
        with closing(begun(device, bundle, dice.randrange(HEAD_BYTES, bundle.stat().st_size))):
            time.sleep(dice.uniform(0.0, 2.0))  # at any moment: no matter which
            device.kill()
        power_on(device)
        assert device.get("/v1/update")["last_result"] in {"interrupted", "writing", ""}


def begun(device: Machine, bundle: Path, cut: int) -> http.client.HTTPConnection:
    """Send so much of a bundle, and return the connection, still open."""
    connection = http.client.HTTPConnection("127.0.0.1", device.port, timeout=UPLOAD_S)
    connection.putrequest("POST", "/v1/update")
    for name, value in (
        ("Authorization", f"Bearer {device.token}"),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", str(bundle.stat().st_size)),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    with bundle.open("rb") as file, suppress(OSError):
        while cut > 0 and (part := file.read(min(cut, 65_536))):
            connection.send(part)
            cut -= len(part)
    return connection


def test_the_plug_is_pulled_while_the_new_system_starts(device: Machine, bundle: Path) -> None:
    dice = random.Random(SEED)
    with unharmed(device):
        install(device, bundle)
        device.kill()
        for _ in range(3):
            device.start()
            time.sleep(dice.uniform(5.0, 40.0))  # before it can be found good
            device.kill()
        power_on(device)
        assert device.wait_for("told", lambda: rolled_back(device), 180.0), "the old one runs, and says so"


def test_a_new_system_that_is_never_well_goes_away_by_itself(device: Machine, tmp_path: Path) -> None:
    with unharmed(device):
        install(device, next_version(IMAGE, tmp_path, "9.1.0", broken=True))
        device.kill()
        device.start(give_up_s=90.0)
        device.wait_for("the old one is back", lambda: device.get("/healthz"), BOOT_S * 5)
        device.reconnect()
        device.wait_for("told", lambda: rolled_back(device), 180.0)
    notices: list[dict[str, Any]] = device.get("/v1/status")["notices"]
    assert any(each["name"] == "update" and "9.1.0" in each["text"] for each in notices)


def rolled_back(device: Machine) -> bool:
    return bool(device.get("/v1/update")["last_result"] == "rolled back")


def install(device: Machine, bundle: Path) -> None:
    status, answer = device.upload("/v1/update?restart=later", bundle, UPLOAD_S)
    assert status == 200, answer


def test_a_stick_is_mounted_read_only_and_what_runs_already_is_not_installed_again(device: Machine) -> None:
    """Debian's kernel for virtual machines knows no USB: udev is told that the second disk is one.

    mtools writes a table of partitions too, with one that is the whole disk: whichever of the two is mounted first.
    """
    rule = 'KERNEL=="vdb", ENV{ID_BUS}="usb"'
    device.run(f"mkdir -p /run/udev/rules.d && echo '{rule}' >/run/udev/rules.d/60-stick-of-a-test.rules")
    device.run("udevadm control --reload && udevadm trigger --action=add /dev/vdb && udevadm settle", 120.0)
    journal = "journalctl --no-pager --output cat --unit 'edge-update-usb@vdb*'"
    told = device.wait_for("told", lambda: re.findall(".*runs already", device.run(journal, 120.0)), 300.0)
    assert device.get("/v1/update")["version"] in told[0]
    device.wait_for("let go of", lambda: device.ask("findmnt | grep edge-stick")[0] != 0, 60.0)
    assert failed_units(device) == ""
    assert slots(device)
