"""The device's own command for its slots: what an update asks, and what it may not do."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "image-build"


class Device:
    """A folder with the programs as an image has them, a boot partition and the note of the initramfs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        programs = folder / "usr/lib/edge-appliance"
        programs.mkdir(parents=True)
        shutil.copy(ROOT / "overlay/usr/lib/edge-appliance/edge-slot", programs)
        shutil.copy(ROOT / "slots/slot-state.sh", programs)
        self._program = folder / "edge-slot"
        self._program.symlink_to(programs / "edge-slot")
        (folder / "boot").mkdir()
        script = 'slot_sector 0 a - 0 >"$SLOT_FOLDER/slots.0"; slot_sector 1 a - 0 >"$SLOT_FOLDER/slots.1"'
        environment = {"SLOT_FOLDER": str(folder / "boot"), "PATH": "/usr/bin:/bin"}
        subprocess.run(["sh", "-c", f". {programs}/slot-state.sh; {script}"], check=True, env=environment)
        self.trial = folder / "trial"
        self.runs("a")

    def runs(self, slot: str) -> None:
        (self._folder / "running").write_text(f"{slot}\n")

    def runs_nothing(self) -> None:
        (self._folder / "running").unlink()

    def ask(self, *words: str) -> tuple[int, str]:
        """The command's status, and what it says on either stream."""
        environment = {
            "SLOT_FOLDER": str(self._folder / "boot"),
            "EDGE_SLOT_RUNNING": str(self._folder / "running"),
            "EDGE_SLOT_TRIAL": str(self.trial),
            "PATH": "/usr/bin:/bin",
        }
        told = subprocess.run(
            [str(self._program), *words], capture_output=True, text=True, env=environment, check=False
        )
        return told.returncode, (told.stdout + told.stderr).strip()


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


@pytest.mark.parametrize(("running", "other"), [("a", "b"), ("b", "a")])
def test_an_update_writes_to_the_slot_that_does_not_run(device: Device, running: str, other: str) -> None:
    device.runs(running)
    assert device.ask("inactive") == (0, f"{other} /dev/disk/by-partlabel/system_{other}")


def test_the_running_slot_cannot_be_tried(device: Device) -> None:
    assert device.ask("try", "a", "3") == (1, "edge-slot: slot a is running: only the other one can be tried")


def test_whether_the_slot_is_on_trial_is_known_before_anything_is_mounted(device: Device) -> None:
    assert device.ask("on-trial") == (1, "")
    device.trial.touch()
    device.runs_nothing()
    assert device.ask("on-trial") == (0, "")


@pytest.mark.parametrize("words", [(), ("try",), ("try", "c", "1"), ("try", "b", "0"), ("try", "b", "10"), ("tree",)])
def test_what_it_does_not_know_it_answers_with_its_usage(device: Device, words: tuple[str, ...]) -> None:
    status, told = device.ask(*words)
    assert status == 1
    assert told == "edge-slot: usage: edge-slot show | inactive | on-trial | try a|b STARTS (1 to 9) | commit | cancel"


def test_a_host_without_slots_is_told_so(device: Device) -> None:
    device.runs_nothing()
    status, told = device.ask("show")
    assert status == 1
    assert "this is no device with slots" in told


def test_where_the_good_slot_could_not_be_started_the_running_one_counts(device: Device) -> None:
    device.runs("b")
    assert device.ask("show") == (0, "slot b is running; good b")
    device.trial.touch()
    assert device.ask("show") == (0, "slot b is running; good a")
