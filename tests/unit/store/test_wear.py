"""What is written to a disk a day: counted by the kernel, kept over restarts, told before a card is worn out."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.health import DiskHealth, Health
from edge.store.disk import Disk, disk_of, own_bytes
from edge.store.wear import FILE_NAME, HOURS, WearWatch, lasts_years
from tests.support.clock import HandClock

GB = 1_000_000_000
HOUR_S = 3600.0


@dataclass
class Card:
    """A card that is written to by hand."""

    written: int = 0
    own: int = 0
    size: int = 32 * GB
    wears: bool = True

    def disk(self, _folder: Path) -> Disk:
        return Disk("mmcblk0", self.size, self.written, self.wears)

    def own_bytes(self) -> int:
        return self.own


def begun(folder: Path, clock: HandClock, card: Card) -> tuple[WearWatch, Health]:
    health = Health()
    watch = WearWatch(folder, clock, health, disk=card.disk, own=card.own_bytes)
    watch.begin()
    return watch, health


def write(watch: WearWatch, clock: HandClock, card: Card, hours: int, each: int) -> None:
    for _ in range(hours):
        clock.move(HOUR_S)
        card.written += each
        card.own += each // 2
        watch.look()


def disk(health: Health) -> DiskHealth:
    found = health.snapshot().disk
    assert found is not None
    return found


def test_it_is_the_mean_of_the_last_day(tmp_path: Path) -> None:
    clock, card = HandClock(), Card()
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 30, 10_000_000)
    write(watch, clock, card, HOURS, 1_000_000)
    assert disk(health).written_last_day == 24_000_000
    assert disk(health).own_last_day == 12_000_000
    assert disk(health).written_a_day == pytest.approx(card.written / (54 * HOUR_S + 100) * 86_400, rel=1e-6)


def test_it_goes_on_over_restarts_of_program_and_machine(tmp_path: Path) -> None:
    clock, card = HandClock(), Card()
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 10, 10_000_000)
    card.own = 0  # another process
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 4, 10_000_000)
    assert disk(health).written_last_day == 240_000_000
    assert disk(health).own_last_day == 120_000_000
    clock.reboot(clock.now_us(), "second")
    card.written, card.own = 5_000_000, 0  # the kernel begins anew; the system has written before we were there
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 6, 10_000_000)
    assert disk(health).written_last_day == pytest.approx((20 * 10_000_000 + 5_000_000) / 20 * 24, rel=1e-6)


def test_it_is_kept_once_an_hour_and_no_oftener(tmp_path: Path) -> None:
    clock, card = HandClock(), Card()
    watch, _ = begun(tmp_path, clock, card)
    kept = set()
    for _ in range(180):
        clock.move(60.0)
        watch.look()
        if (tmp_path / FILE_NAME).exists():
            kept.add((tmp_path / FILE_NAME).stat().st_ino)
    assert 1 <= len(kept) <= 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"hours": []}', '{"disk": 1}', "\x00" * 4096])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    clock, card = HandClock(), Card()
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 2, 1_000_000)
    assert disk(health).written_last_day == 24_000_000


def test_a_card_that_will_be_worn_out_soon_is_told_once_that_is_sure(tmp_path: Path) -> None:
    clock, card = HandClock(), Card(size=8 * GB)
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 5, GB // 4)
    assert "wear" not in health.snapshot().notices
    write(watch, clock, card, 1, GB // 4)
    text = health.snapshot().notices["wear"]
    assert "6.0 GB a day are written to the card (mmcblk0, 8 GB), 3.0 GB of it by edge" in text
    assert "0.4 years" in text
    write(watch, clock, card, 2 * HOURS, 1_000_000)
    assert "wear" not in health.snapshot().notices


def test_a_disk_that_says_itself_how_it_is_gets_no_such_notice(tmp_path: Path) -> None:
    clock, card = HandClock(), Card(size=8 * GB, wears=False)
    watch, health = begun(tmp_path, clock, card)
    write(watch, clock, card, 12, GB)
    assert health.snapshot().notices == {}


def test_the_rule_of_thumb() -> None:
    assert lasts_years(32 * GB, 2.5 * GB) == pytest.approx(3.5, abs=0.1)
    assert lasts_years(32 * GB, 0) == 0


def test_a_folder_on_no_disk_has_none(tmp_path: Path) -> None:
    watch = WearWatch(tmp_path, HandClock(), health := Health(), disk=lambda _: None)
    watch.begin()
    assert health.snapshot().disk is None


def test_a_partition_counts_for_its_whole_disk(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    card, partition = tmp_path / "devices" / "mmcblk0", tmp_path / "devices" / "mmcblk0" / "mmcblk0p4"
    partition.mkdir(parents=True)
    (partition / "partition").write_text("4\n")
    (card / "size").write_text("62333952\n")
    (card / "removable").write_text("0\n")
    (card / "stat").write_text("     100 0 800 12 300 0 4096 55 0 60 70 0 0 0 0\n")
    links = tmp_path / "dev" / "block"
    links.mkdir(parents=True)
    (links / f"{os.major(device)}:{os.minor(device)}").symlink_to(partition)
    assert disk_of(tmp_path, tmp_path) == Disk("mmcblk0", 62_333_952 * 512, 4096 * 512, wears=True)


def test_the_kernels_own_figures_are_read() -> None:
    found = disk_of(Path("/sys"))
    assert found is None, "sysfs lies on no disk"
    assert own_bytes() >= 0
    assert own_bytes(Path("/nonexistent")) == 0


def test_the_worker_measures_at_once_and_keeps_it_at_the_end(tmp_path: Path) -> None:
    card, health = Card(written=GB), Health()
    watch = WearWatch(tmp_path, HandClock(), health, disk=card.disk, own=card.own_bytes)
    stop = threading.Event()
    stop.set()
    watch.run(stop, lambda: None)
    assert disk(health).name == "mmcblk0"
    assert (tmp_path / FILE_NAME).exists()
