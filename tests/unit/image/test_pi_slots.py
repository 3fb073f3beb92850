"""The slots of a Raspberry Pi: the image's own programs on a card, under a firmware that gives one try at a time."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.pi_card import AUTOBOOT, PiCard, PowerFailedError

SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"]}
HOW = ("before", "torn", "after")  # the write that the power cut hits: not begun, begun, done


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    words = SHELLS[request.param]
    missing = [name for name in (words[0], "/sbin/blkid") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here (apt-get install dash busybox util-linux)")
    return words


@pytest.fixture
def card(tmp_path: Path, shell: list[str]) -> PiCard:
    return PiCard(tmp_path, shell)


def test_a_new_card_starts_from_slot_a_and_nothing_is_written(card: PiCard) -> None:
    before = {path.name: path.read_bytes() for path in card.boot.iterdir()}
    assert [card.start(), card.start()] == ["a", "a"]
    assert {path.name: path.read_bytes() for path in card.boot.iterdir()} == before


def test_an_update_is_tried_and_committed(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    assert card.start() == "b"
    assert card.state() == "a b 2"
    assert card.on_trial
    assert card.autoboot.read_text() == AUTOBOOT.format(2, 3), "until it is found good, every other start is from a"
    assert card.edge_slot("show") == "slot b is running; good a; b on trial, 2 more starts\n"
    card.edge_slot("commit")
    assert card.autoboot.read_text() == AUTOBOOT.format(3, 2)
    assert [card.start(), card.tried, card.on_trial] == ["b", ["b"], False]


def test_a_slot_that_does_not_start_is_tried_three_times(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.broken = {"b"}
    assert card.start() == "a"
    assert card.tried == ["a", "b", "a", "b", "a", "b", "a"]
    assert card.state() == "a - 0"
    assert [card.start(), card.tried] == ["a", ["a"]]


def test_a_slot_that_nobody_finds_healthy_is_left_after_three_tries(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    assert [card.start() for _ in range(5)] == ["b", "b", "b", "a", "a"]


def test_a_trial_can_be_called_off(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.edge_slot("cancel")
    assert [card.start(), card.tried] == ["a", ["a"]]


def test_the_other_way_round(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.start()
    card.edge_slot("commit")
    card.edge_slot("try", "a", "1")
    assert card.start() == "a"
    assert card.start() == "b"


def test_a_boot_partition_without_a_file_system_is_not_tried(card: PiCard) -> None:
    card.start()
    card.device("boot_b").write_bytes(bytes(8192))
    with pytest.raises(AssertionError, match="partition boot_b has no file system that can be started"):
        card.edge_slot("try", "b", "3")
    assert [card.start(), card.tried] == ["a", ["a"]]


def test_autoboot_is_overwritten_in_place_with_as_many_bytes(card: PiCard) -> None:
    for length in (64, 200, 512):
        card.autoboot.write_text(AUTOBOOT.format(2, 3).ljust(length, "\n"))
        node = card.autoboot.stat().st_ino
        card.board("board_keep b")
        assert (card.autoboot.stat().st_ino, card.autoboot.stat().st_size) == (node, length)
        assert card.autoboot.read_text().rstrip("\n") == AUTOBOOT.format(3, 2).rstrip("\n")


@pytest.mark.parametrize(
    "rubbish", [None, b"", b"\0" * 64, b"boot_partition=9\n" * 40], ids=["gone", "empty", "zeros", "long"]
)
def test_the_firmware_is_told_again_where_its_file_is_damaged(card: PiCard, rubbish: bytes | None) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.start()
    card.edge_slot("commit")
    card.autoboot.unlink()
    if rubbish is not None:
        card.autoboot.write_bytes(rubbish)
    assert card.start() == "b"
    assert card.tried == ["a", "b"]
    assert card.autoboot.read_text().rstrip("\n") == AUTOBOOT.format(3, 2).rstrip("\n")


def test_without_a_state_the_firmware_s_file_says_which_slot_is_good(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.start()
    card.copy(0).write_bytes(bytes(512))
    card.copy(1).write_bytes(bytes(512))
    assert card.start() == "a"
    assert card.state() == "a - 0"


def test_without_either_the_slot_that_is_running_is_good(card: PiCard) -> None:
    card.autoboot.unlink()
    card.copy(0).write_bytes(bytes(512))
    card.copy(1).unlink()
    assert [card.start(), card.state()] == ["a", "a - 0"]
    assert card.autoboot.read_text() == AUTOBOOT.format(2, 3)


def test_a_good_slot_that_cannot_be_started_leaves_the_other_running(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    card.start()
    card.edge_slot("commit")
    card.unreadable = True
    assert [card.start(), card.tried] == ["a", ["a"]]
    assert card.state() == "b - 0"
    assert card.edge_slot("show") == "slot a is running; good a\n"
    card.edge_slot("cancel")  # as before an update of slot b
    assert (card.state(), card.autoboot.read_text().split()) == ("a - 0", AUTOBOOT.format(2, 3).split())
    card.unreadable = False
    card.edge_slot("try", "b", "3")
    assert [card.start(), card.tried] == ["b", ["a", "b"]]


def test_what_is_wrong_before_a_trial_is_noted_as_it_begins(card: PiCard) -> None:
    card.start()
    card.edge_slot("try", "b", "3")
    assert card.faults_before.read_text() == '["old.service"]'
    card.faults_before.unlink()
    card.faults_before.mkdir()  # a note that cannot be written stops no update
    card.edge_slot("try", "b", "2")
    assert card.state() == "a b 2"


def test_an_update_is_written_to_one_device_of_both_partitions(card: PiCard) -> None:
    card.start()
    assert card.board("board_table b").splitlines() == [
        "0 3145728 linear /dev/mmcblk0p5 0",
        "3145728 262144 linear /dev/mmcblk0p3 0",
    ]


Cut = tuple[int, str]


def cuts(card: PiCard, do: Callable[[Cut], object]) -> Iterator[str]:
    """Cut the power at every write of `do`, in each way, each time from the same card; say where it was cut."""
    before = card.saved()
    for how in HOW:
        for write in range(1, 20):
            card.restore(before)
            try:
                do((write, how))
            except PowerFailedError:
                yield f"{how} write {write}"
            else:
                break


class TestPowerCuts:
    """At every write of every step; what is there afterwards is a device that runs and goes on."""

    @pytest.fixture
    def shell(self) -> list[str]:
        """As on the device. (busybox takes its own dd, which cannot be cut.)"""
        if shutil.which("dash") is None:
            pytest.skip("no dash here (apt-get install dash)")
        return ["dash"]

    @pytest.fixture
    def card(self, tmp_path: Path, shell: list[str]) -> PiCard:
        card = PiCard(tmp_path, shell)
        card.start()
        return card

    def test_while_a_trial_is_begun(self, card: PiCard) -> None:
        found = 0
        for where in cuts(card, lambda cut: card.edge_slot("try", "b", "3", cut=cut)):
            assert card.start() in {"a", "b"}, where
            assert [card.start(), card.start(), card.start()][-1] == "a", where
            found += 1
        assert found == 3

    def test_while_a_try_is_counted(self, card: PiCard) -> None:
        card.edge_slot("try", "b", "3")
        found = 0
        for where in cuts(card, lambda cut: card.start(cut=cut)):
            starts = [card.start() for _ in range(4)]
            assert starts[-1] == "a", where
            assert 2 <= starts.count("b") <= 3, where
            found += 1
        assert found == 3

    def test_while_it_is_committed(self, card: PiCard) -> None:
        card.edge_slot("try", "b", "3")
        assert card.start() == "b"
        found = 0
        for where in cuts(card, lambda cut: card.edge_slot("commit", cut=cut)):
            assert card.start() == "b", where
            card.edge_slot("commit")
            assert [card.start(), card.tried] == ["b", ["b"]], where
            assert card.autoboot.read_text() == AUTOBOOT.format(3, 2), where
            found += 1
        assert found == 6

    def test_while_the_firmware_s_file_is_mended(self, card: PiCard) -> None:
        card.edge_slot("try", "b", "3")
        card.start()
        card.edge_slot("commit")
        card.autoboot.write_bytes(bytes(64))
        found = 0
        for where in cuts(card, lambda cut: card.start(cut=cut)):
            assert card.start() == "b", where
            found += 1
        assert found == 3
