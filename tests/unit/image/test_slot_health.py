"""What decides of a slot on trial, as on the device: beside a control socket, a systemctl and an edge-slot."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.app import configuration, load, restore
from edge.outputs.control import ControlServer
from edge.outputs.mqtt import refusals
from edge.outputs.programs.report import flag as program_flag
from edge.store import committer, outbox
from edge.store.places import FLAG as FLAG_MENDED
from tests.support.appliance import until

PROGRAM = Path(__file__).parents[3] / "image-build/overlay/usr/lib/edge-appliance/slot-health"
WELL: dict[str, object] = {"faults": {}, "workers": {}}


class Device:
    """The parts that the program asks. `reply` is edge's, `failed` are units; both may change while it runs."""

    def __init__(self, folder: Path) -> None:
        self.reply: dict[str, object] = dict(WELL)
        self.socket = folder / "control.sock"
        self.before = folder / "before.json"
        self._folder = folder
        (folder / "bin").mkdir()
        self.failed("")
        self._program("systemctl", 'case "$1" in list-units) cat failed ;; *) echo "systemctl $*" >>done ;; esac')
        self._program("edge-slot", 'echo "edge-slot $*" >>done')

    def _program(self, name: str, lines: str) -> None:
        path = self._folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)

    def failed(self, lines: str) -> None:
        (self._folder / "failed.new").write_text(lines)
        (self._folder / "failed.new").replace(self._folder / "failed")

    def note(self) -> None:
        """Write down what is wrong, as before a trial."""
        assert told(self.watch(1, 1, "note")) == ""

    def watch(self, healthy_s: float, give_up_s: float, *words: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}",
            "EDGE_SOCKET": str(self.socket),
            "EDGE_FAULTS_BEFORE": str(self.before),
            "EDGE_HEALTHY_S": str(healthy_s),
            "EDGE_GIVE_UP_S": str(give_up_s),
        }
        command = [sys.executable, "-I", str(PROGRAM), *words]
        return subprocess.Popen(command, cwd=self._folder, env=environment, stdout=subprocess.PIPE, text=True)

    def done(self) -> str:
        path = self._folder / "done"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path)
    stop = threading.Event()
    server = ControlServer(device.socket, lambda _: json.loads(json.dumps(device.reply)))
    thread = threading.Thread(target=server.run, args=(stop, lambda: None))
    thread.start()
    until("it listens", device.socket.exists)
    yield device
    stop.set()
    thread.join()


def told(watching: subprocess.Popen[str]) -> str:
    text, _ = watching.communicate(timeout=60)
    assert watching.returncode == 0
    return text


def test_a_device_that_stays_healthy_keeps_its_slot(device: Device) -> None:
    text = told(device.watch(0.4, 60))
    assert device.done() == "edge-slot commit\n"
    assert "committed" in text


@pytest.mark.parametrize(
    ("reply", "failed", "said"),
    [
        ({"faults": {"disk": "full"}, "workers": {}}, "", "edge is not well: disk"),
        ({"faults": {}, "workers": {"rest": "died"}}, "", "edge is not well: rest"),
        ({"error": "not now"}, "", "edge does not answer"),
        (WELL, "avahi-daemon.service loaded failed failed mDNS\n", "failed: avahi-daemon.service"),
    ],
)
def test_one_that_is_not_is_started_anew(device: Device, reply: dict[str, object], failed: str, said: str) -> None:
    device.reply = reply
    device.failed(failed)
    text = told(device.watch(0.4, 1.0))
    assert device.done() == "systemctl reboot\n"
    assert said in text


def test_without_an_edge_that_answers_it_is_started_anew(device: Device, tmp_path: Path) -> None:
    device.socket = tmp_path / "none.sock"
    text = told(device.watch(0.4, 1.0))
    assert device.done() == "systemctl reboot\n"
    assert "edge does not answer" in text


def test_the_time_begins_anew_with_each_fault(device: Device) -> None:
    device.failed("late.service loaded failed failed\n")
    watching = device.watch(0.4, 60)
    assert watching.stdout is not None
    assert "failed: late.service" in watching.stdout.readline()
    assert device.done() == ""
    device.failed("")
    assert "committed" in told(watching)
    assert device.done() == "edge-slot commit\n"


BAD_SETTINGS: dict[str, object] = {"faults": {"configuration": "the file is damaged"}, "workers": {}}
BAD_SETTINGS_AND_DISK: dict[str, object] = {"faults": {"configuration": "damaged", "disk": "full"}, "workers": {}}
FAILED = "avahi-daemon.service loaded failed failed mDNS\n"


def test_what_was_wrong_before_the_trial_does_not_end_it(device: Device) -> None:
    device.reply = BAD_SETTINGS
    device.failed(FAILED)
    device.note()
    assert "committed" in told(device.watch(0.4, 60))
    assert device.done() == "edge-slot commit\n"


@pytest.mark.parametrize(
    ("reply", "failed", "said"),
    [
        (BAD_SETTINGS_AND_DISK, FAILED, "not well: disk)"),
        (BAD_SETTINGS, f"{FAILED}edge-tls.service loaded failed failed HTTPS\n", "failed: edge-tls.service)"),
    ],
)
def test_what_is_wrong_since_then_does(device: Device, reply: dict[str, object], failed: str, said: str) -> None:
    device.reply = BAD_SETTINGS
    device.failed(FAILED)
    device.note()
    device.reply = reply
    device.failed(failed)
    assert said in told(device.watch(0.4, 1.0)).splitlines()[-1]
    assert device.done() == "systemctl reboot\n"


@pytest.mark.parametrize("noted", ["", "{", "7", '{"configuration": 1}'])
def test_a_damaged_note_excuses_nothing(device: Device, noted: str) -> None:
    device.before.write_text(noted)
    device.reply = BAD_SETTINGS
    assert "not well: configuration" in told(device.watch(0.4, 1.0))


def test_a_device_that_did_not_answer_had_no_faults_of_its_own(device: Device, tmp_path: Path) -> None:
    here, device.socket = device.socket, tmp_path / "none.sock"
    device.failed(FAILED)
    device.note()
    device.socket = here
    device.reply = BAD_SETTINGS
    assert "not well: configuration" in told(device.watch(0.4, 1.0))
    device.reply = dict(WELL)
    assert "committed" in told(device.watch(0.4, 60))


OF_THE_SYSTEM = [
    configuration.FLAG,
    FLAG_MENDED,
    committer.FLAG_WAITING,
    committer.FLAG_LOST,
    committer.FLAG_REPAIRED,
    outbox.FLAG_WAITING,
    outbox.FLAG_ANEW,
    "analysis of Gate",
]
OF_OTHERS = [load.FLAG, refusals.FLAG, outbox.FLAG_GIVEN_UP, restore.FLAG, program_flag(1), program_flag(12)]


@pytest.mark.parametrize("fault", OF_THE_SYSTEM)
def test_a_fault_that_may_be_of_the_system_ends_the_trial(device: Device, fault: str) -> None:
    device.reply = {"faults": {fault: "?"}, "workers": {}}
    assert f"not well: {fault})" in told(device.watch(0.1, 0.2))
    assert device.done() == "systemctl reboot\n"


def test_a_slow_board_an_absent_broker_and_other_things_outside_do_not(device: Device) -> None:
    device.reply = {"faults": dict.fromkeys(OF_OTHERS, "?"), "workers": {}}
    assert "committed" in told(device.watch(0.1, 60))


def test_every_fault_of_the_program_is_decided() -> None:
    """A new one has to be put into one of the two lists, and where it is outside of the system into slot-health."""
    edge = Path(__file__).parents[3] / "edge"
    named = set()
    for path in edge.rglob("*.py"):
        text = path.read_text("utf-8")
        if "raise_flag(" in text or path.name == "places.py":
            named |= set(re.findall(r'^FLAG\w* = "(\w+)"', text, re.MULTILINE))
    assert named <= {*OF_THE_SYSTEM, *OF_OTHERS}
    assert len(named) >= 10


def cameras(**status: str) -> dict[str, object]:
    return {**WELL, "channels": [{"id": name, "status": each} for name, each in status.items()]}


@pytest.mark.parametrize(
    ("before", "after", "well"),
    [
        (cameras(gate="ok", yard="ok"), cameras(gate="ok", yard="unreachable"), True),
        (cameras(gate="unreachable", yard="login refused"), cameras(gate="unreachable", yard="login refused"), True),
        (cameras(gate="ok", yard="unreachable"), cameras(gate="unreachable", yard="ok"), False),
        (cameras(gate="ok", yard="ok"), cameras(gate="starting", yard="unreachable"), False),
        (cameras(gate="ok"), cameras(street="unreachable"), True),
        (cameras(gate="ok"), WELL, True),
    ],
    ids=["one lost", "none before", "the one that worked", "all lost", "settings changed", "no cameras"],
)
def test_a_system_that_loses_every_camera_is_not_kept(
    device: Device, before: dict[str, object], after: dict[str, object], *, well: bool
) -> None:
    device.reply = before
    device.note()
    device.reply = after
    text = told(device.watch(0.1, 60 if well else 0.2))
    assert ("committed" if well else "no camera works of ") in text
