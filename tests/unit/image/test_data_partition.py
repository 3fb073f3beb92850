"""What the image does with its data partition at a start. The kernel and the tools of ext4 are stood in for."""

import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[3] / "image-build/overlay/usr/lib/edge-appliance/data-partition"
MAKE_FOLDERS = """[ "$1" = -d ] && [ ! -e stuck ] || exit 1
for word; do case $word in /*) mkdir -p "$word" ;; esac; done"""
CALLS = {
    "e2fsck": 'read -r next <checks; sed -i 1d checks; exit "$next"',
    "mount": 'if [ "$2" = tmpfs ]; then rm -f stuck; else [ "$(cat partition)" = usable ]; fi',
    "umount": ":",
    "mke2fs": "cat formats >partition; [ -s formats ]",
    "dd": "[ -e readable ]",
    "findmnt": "echo none",
    "install": MAKE_FOLDERS,
}


class Card:
    """A data partition. `checks`: what e2fsck ends with, run by run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.data = folder / "data"
        (folder / "bin").mkdir()
        self.data.mkdir()
        (self.data / "etc-edge").mkdir()
        (self.data / "etc-edge/edge.yaml").write_text("api: {}\n")
        for name, line in CALLS.items():
            self._stand_in(name, line)
        self.set(partition="usable", formats="usable", readable="yes")

    def _stand_in(self, name: str, line: str) -> None:
        path = self._folder / "bin" / name
        path.write_text(f'#!/bin/sh\ncd {self._folder}\necho "{name} $*" >>calls\n{line}\n')
        path.chmod(0o755)

    def set(self, **files: str) -> None:
        for name, text in files.items():
            (self._folder / name).write_text(f"{text}\n" if text else "")

    def unreadable(self) -> None:
        (self._folder / "readable").unlink()

    def start(self, *checks: int) -> str:
        """Start the device; return its notices."""
        self.set(checks="\n".join(str(each) for each in (*checks, 0, 0, 0, 0)))
        environment = os.environ | {
            "PATH": f"{self._folder / 'bin'}:/usr/bin:/bin",
            "EDGE_DATA_DEVICE": "/dev/none",
            "EDGE_DATA_FOLDER": str(self.data),
            "EDGE_NOTICES": str(self._folder / "run/notices"),
        }
        done = subprocess.run([str(PROGRAM)], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        notices = self._folder / "run/notices"
        return notices.read_text().partition(":")[0] if notices.exists() else ""

    def calls(self, name: str) -> list[str]:
        return [line for line in (self._folder / "calls").read_text().splitlines() if line.split()[0] == name]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path)


@pytest.mark.parametrize("check", [0, 1])
def test_a_sound_partition_is_mounted_and_nothing_is_told(card: Card, check: int) -> None:
    assert card.start(check) == ""
    assert card.calls("e2fsck") == ["e2fsck -p /dev/none"]


@pytest.mark.parametrize("checks", [(4, 1), (8, 12, 1), (8, 12, 12, 0)])
def test_a_damaged_one_is_repaired_in_up_to_three_runs(card: Card, checks: tuple[int, ...]) -> None:
    assert card.start(*checks) == "data_repaired"
    assert card.calls("e2fsck")[1:] == ["e2fsck -fy /dev/none"] * (len(checks) - 1)
    assert card.calls("mke2fs") == []


def test_only_one_that_cannot_be_repaired_is_made_anew(card: Card) -> None:
    card.set(partition="broken")
    assert card.start(8, 8, 8, 8) == "data_renewed"
    assert len(card.calls("e2fsck")) == 1 + 3
    assert len(card.calls("mke2fs")) == 1


def test_one_that_cannot_be_read_is_left_alone(card: Card) -> None:
    card.set(partition="broken")
    card.unreadable()
    assert card.start(8, 8, 8, 8) == "data_temporary"
    assert card.calls("mke2fs") == []


def test_one_that_cannot_be_formatted_is_done_without(card: Card) -> None:
    card.set(partition="broken", formats="")
    assert card.start(8, 8, 8, 8) == "data_temporary"
    assert card.calls("mount")[-1].startswith("mount -t tmpfs")


def test_folders_that_a_repair_has_torn_out_are_put_back(card: Card) -> None:
    lost = card.data / "lost+found"
    for number, file in enumerate(("device-id", "random-seed", "secret_key", "photo.jpg")):
        (lost / f"#{number}").mkdir(parents=True)
        (lost / f"#{number}" / file).write_text(file)
    (lost / "#8").write_text("0123456789abcdef0123456789abcdef\n")
    (lost / "#9").mkdir()
    (lost / "#9/edge.yaml").write_text("an older one")
    assert card.start(8, 1) == "data_repaired"
    assert (card.data / "lib-edge/device-id").read_text() == "device-id"
    assert (card.data / "lib-systemd/random-seed").exists()
    assert (card.data / "lib-NetworkManager/secret_key").exists()
    assert (card.data / "machine-id").is_file()
    assert (card.data / "etc-edge/edge.yaml").read_text() == "api: {}\n", "what is in its place stays"
    assert sorted(path.name for path in lost.iterdir()) == ["#3", "#9"]


@pytest.mark.parametrize("what", ["file", "dead link", "link"])
def test_what_is_no_folder_is_put_aside_and_the_device_starts(card: Card, what: str) -> None:
    state = card.data / "lib-edge"
    if what == "file":
        state.write_text("torn")
    else:
        state.symlink_to("/nowhere" if what == "dead link" else card.data)
    assert card.start() == "data_repaired"
    assert state.is_dir()
    assert not state.is_symlink()
    assert os.path.lexists(card.data / "lib-edge.odd")
    assert (card.data / "etc-edge/edge.yaml").read_text() == "api: {}\n"


def test_where_no_folder_can_be_made_the_device_starts_without_the_partition(card: Card) -> None:
    card.set(stuck="yes")
    assert card.start() == "data_temporary"
    assert card.calls("umount") == [f"umount {card.data}"]
    assert (card.data / "lib-systemd").is_dir()


def test_settings_that_cannot_be_put_in_place_do_not_keep_it_from_starting(card: Card) -> None:
    (card.data / "etc-edge/edge.yaml").unlink()
    assert card.start() == ""  # the stand-in for install copies no file, as a full disk
    assert not (card.data / "etc-edge/edge.yaml").exists()
