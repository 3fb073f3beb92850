"""The units for updates in a really booted Debian 13 with two slots on block devices: `make test-deb`, as root.

The package as it is, and beside it what the image has: edge-slot, its state, a key. systemd starts the service for each
connection, under its whole confinement; edge-slot runs outside of it.
"""

import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.debian.deb import built_package
from tests.support.debian_root import Booted, booted, needs, plain_root
from tests.support.updates import BOARD, DER, IMAGE_BUILD, KEY, NEW, OLD, OTHER_KEY, PEM, bundle_of, system

NEW_SYSTEM = system(2)
SLOT_STATE = 'slot_sector 0 a - 0 >"$SLOT_FOLDER/slots.0"; slot_sector 1 a - 0 >"$SLOT_FOLDER/slots.1"'

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs("dpkg-deb")
    return built_package(tmp_path_factory.mktemp("debs") / "first")


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Two block devices."""
    needs("losetup", "systemd-nspawn")
    folder = tmp_path_factory.mktemp("slots")
    made = {}
    with ExitStack() as stack:
        for name, content in (("a", system(1)), ("b", system(0))):
            (folder / name).write_bytes(content)
            words = ["losetup", "--find", "--show", str(folder / name)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"no loop devices here: {done.stderr.strip()}")
            made[name] = Path(done.stdout.strip())
            stack.callback(subprocess.run, ["losetup", "--detach", str(made[name])], check=True)
        yield made


@pytest.fixture(scope="module")
def machine(package: Path, slots: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    needs("systemd-nspawn")
    root = plain_root(tmp_path_factory.mktemp("machine") / "root")
    make_appliance(root, slots)
    shutil.copy(package, root / "root/edge.deb")
    with booted(root, *(f"--bind={device}" for device in slots.values())) as made:
        made.run("dpkg", "-i", "/root/edge.deb", timeout_s=600)
        made.run("systemctl", "start", "edge-update.socket")
        yield made


def make_appliance(root: Path, slots: dict[str, Path]) -> None:
    """Put beside the package what the image has."""
    programs, boot = root / "usr/lib/edge-appliance", root / "boot/firmware"
    programs.mkdir(parents=True)
    boot.mkdir(parents=True)
    shutil.copy(IMAGE_BUILD / "overlay/usr/lib/edge-appliance/edge-slot", programs)
    shutil.copy(IMAGE_BUILD / "slots/slot-state.sh", programs)
    branches = " ".join(f"{name}) echo {device} ;;" for name, device in slots.items())
    (programs / "slot-board.sh").write_text(f"board_device() {{ case $1 in {branches} esac; }}\nwritable() {{ :; }}\n")
    (programs / "update-key.pem").write_text(PEM.format(b64encode(DER + bytes(KEY.verify_key)).decode()))
    with (root / "usr/lib/os-release").open("a") as file:
        file.write(f"IMAGE_ID={BOARD}\nIMAGE_VERSION={OLD.version}\nEDGE_BUILD_EPOCH={OLD.epoch}\n")
    (root / "etc/tmpfiles.d/slot.conf").write_text("f /run/edge-slot 0644 root root - a\n")
    script = f". {programs}/slot-state.sh; {SLOT_STATE}"
    subprocess.run(["sh", "-c", script], check=True, env={"SLOT_FOLDER": str(boot), "PATH": os.environ["PATH"]})


def give(machine: Booted, name: str, bundle: bytes) -> None:
    (machine.root / "srv" / name).write_bytes(bundle)


def test_a_bundle_is_written_by_a_service_that_may_do_nothing_else(machine: Booted, slots: dict[str, Path]) -> None:
    give(machine, "good.edgeup", bundle_of(NEW_SYSTEM))
    told = machine.run("edge", "update", "/srv/good.edgeup", "--restart", "later")
    assert told == f"{NEW.version} is in slot b; it is tried at the next start\n"
    assert slots["b"].read_bytes() == NEW_SYSTEM
    assert "b on trial, 3 more starts" in machine.run("/usr/lib/edge-appliance/edge-slot", "show")
    assert "waiting for a restart" in machine.run("edge", "update")
    assert machine.run("systemctl", "--failed", "--no-legend", "--plain") == ""


def test_the_program_s_own_user_may_hand_over_and_nobody_else(machine: Booted) -> None:
    give(machine, "other.edgeup", bundle_of(NEW_SYSTEM, key=OTHER_KEY))
    told = machine.run(
        "setpriv", "--reuid=edge", "--regid=edge", "--clear-groups", "edge", "update", "/srv/other.edgeup", check=False
    )
    assert "signature" in told
    told = machine.run(
        "setpriv",
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "edge",
        "update",
        "/srv/other.edgeup",
        check=False,
    )
    assert "may be used by root and the group edge only" in told


def test_the_api_hands_over_what_is_uploaded(machine: Booted, slots: dict[str, Path]) -> None:
    machine.until("curl -fsS http://localhost:48462/healthz")
    token = machine.run("edge", "token", "create", "test").strip()
    bytes_ = "Content-Type: application/octet-stream"
    call = f"curl -sS -H 'Authorization: Bearer {token}' -H '{bytes_}' -X POST -T /srv/%s http://localhost:48462/v1/update?restart=later"
    assert '"status":422' in machine.shell(call % "other.edgeup")
    give(machine, "third.edgeup", bundle_of(system(3)))
    assert '"slot":"b"' in machine.shell(call % "third.edgeup")
    assert slots["b"].read_bytes() == system(3)


def test_a_slow_upload_passes_through_https(machine: Booted, slots: dict[str, Path]) -> None:
    """Longer than the 10 s in which a request must be there: its body goes on as it comes."""
    machine.shell("cp -p /etc/edge/edge.yaml /root; echo 'api: {tls: {mode: self-signed}}' >/etc/edge/edge.yaml")
    machine.run("systemctl", "reload", "edge")
    machine.until("curl -fsSk https://localhost:48462/healthz")
    token = machine.run("edge", "token", "create", "slow").strip()
    give(machine, "fourth.edgeup", bundle_of(system(4)))
    headers = f"-H 'Authorization: Bearer {token}' -H 'Content-Type: application/octet-stream'"
    url = "https://localhost:48462/v1/update?restart=later"
    assert '"slot":"b"' in machine.shell(f"curl -sSk --limit-rate 60k {headers} -X POST -T /srv/fourth.edgeup '{url}'")
    assert slots["b"].read_bytes() == system(4)


def test_how_it_ended_is_noted_after_the_restart(machine: Booted) -> None:
    machine.shell("echo b >/run/edge-slot && /usr/lib/edge-appliance/edge-slot commit")
    machine.run("systemctl", "restart", "edge-update-outcome.service")
    machine.until("test -e /var/lib/edge/update/last.json && test ! -e /var/lib/edge/update/open.json")
    assert '"good"' in machine.run("cat", "/var/lib/edge/update/last.json")
    assert machine.run("systemctl", "--failed", "--no-legend", "--plain") == ""


def test_a_stick_is_mounted_for_its_reader_only_as_long_as_it_is_read(
    machine: Booted, slots: dict[str, Path], tmp_path: Path
) -> None:
    """The stick is slot a's block device with a file system on it: it does not run any more."""
    (tmp_path / "edge-test-9.edgeup").write_bytes(bundle_of(NEW_SYSTEM, board="edge-rpi5"))
    words = ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", str(tmp_path), str(slots["a"])]
    subprocess.run(words, check=True)
    name = slots["a"].name
    # There is no udev in here, and so no device unit to be bound to.
    here = "/usr/lib/systemd/system/edge-update-usb@.service"
    machine.shell(
        f"sed '/^BindsTo=dev/d' {here} >/etc/systemd/system/edge-update-usb@.service; systemctl daemon-reload"
    )
    machine.run("systemctl", "start", f"edge-update-usb@{name}.service")
    journal = f"journalctl --no-pager --output cat -u edge-update-usb@{name}.service"
    told = machine.until(f"{journal} | tee /dev/stderr | grep 'edge-test-9.edgeup\\|on this stick\\|for edge-rpi5'")
    assert "the bundle is for edge-rpi5, this device is edge-test" in told
    machine.until(f"! findmnt /run/edge-stick/{name}")
    assert machine.run("systemctl", "--failed", "--no-legend", "--plain") == ""
