"""Files of the image that must fit one another, since what does not is found only by a start."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OVERLAY = ROOT / "image-build/overlay"
PROGRAMS = OVERLAY / "usr/lib/edge-appliance"
SHELL = [path for path in sorted(PROGRAMS.iterdir()) if path.read_text().startswith("#!/bin/sh")]


def words_of(name: str) -> list[str]:
    lines = (ROOT / "image-build/units" / name).read_text().splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def test_units_of_ours_that_are_enabled_exist() -> None:
    ours = {path.name for folder in (ROOT / "systemd", OVERLAY) for path in folder.rglob("edge*.*")}
    assert {name for name in words_of("enabled.list") if name.startswith("edge")} <= ours


def test_nothing_is_both_enabled_and_masked() -> None:
    assert not set(words_of("enabled.list")) & set(words_of("masked.list"))


def test_each_folder_that_is_bound_from_the_data_partition_is_made_there() -> None:
    bound = re.findall(r"^/data/(\S+)", (OVERLAY / "etc/fstab").read_text(), re.MULTILINE)
    made = re.findall(r"\$folder/([\w-]+)", (PROGRAMS / "data-partition").read_text())
    assert bound
    assert set(bound) <= set(made)


@pytest.mark.parametrize("path", SHELL, ids=[path.name for path in SHELL])
def test_programs_are_shell_that_can_be_run(path: Path) -> None:
    subprocess.run(["sh", "-n", str(path)], check=True)
    assert os.access(path, os.X_OK)


class BootPartition:
    """The program that opens and closes it, with a stand-in for the kernel's part that notes what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = folder / "asked"
        (folder / "bin").mkdir()
        (folder / "bin/nsenter").write_text(f'#!/bin/sh\necho "$4" >>{self._asked}\n')
        (folder / "bin/nsenter").chmod(0o755)

    def ask(self, what: str, who: str) -> None:
        environment = {
            "PATH": f"{self._folder / 'bin'}:/usr/bin:/bin",
            "EDGE_BOOT_WRITERS": str(self._folder / "writers"),
            "SLOT_FOLDER": "/boot/firmware",
        }
        subprocess.run([str(PROGRAMS / "boot-partition"), what, who], check=True, env=environment)

    def asked(self) -> list[str]:
        return self._asked.read_text().split() if self._asked.exists() else []


def test_the_boot_partition_is_closed_when_the_last_who_writes_is_done(tmp_path: Path) -> None:
    partition = BootPartition(tmp_path)
    partition.ask("write", "edge-firstboot")
    partition.ask("write", "edge-slot.7")
    partition.ask("done", "edge-firstboot")
    assert partition.asked() == ["remount,rw", "remount,rw"]
    partition.ask("done", "edge-slot.7")
    assert partition.asked()[2:] == ["remount,ro"]
    partition.ask("done", "edge-slot.7")
    assert partition.asked()[3:] == ["remount,ro"], "who is done twice, as a unit that failed, does no harm"
