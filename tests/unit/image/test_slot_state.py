"""The slots' state as the initramfs and the device read and write it: the very file, run by a shell."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "image-build/slots/slot-state.sh"
SHELLS = {"sh": ["sh"], "busybox": ["busybox", "sh"]}
SECTOR = 512
SHOW = 'echo "$SLOT_SERIAL $SLOT_GOOD $SLOT_TRIAL $SLOT_LEFT"'


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    words = SHELLS[request.param]
    if shutil.which(words[0]) is None:
        pytest.skip(f"no {words[0]} here (the initramfs runs busybox: apt-get install busybox-static)")
    return words


class Card:
    """The folder of a boot partition."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.folder = folder
        self._shell = shell

    def run(self, commands: str) -> list[str]:
        program = f"SLOT_FOLDER='{self.folder}'; . '{SCRIPT}'; {commands}"
        told = subprocess.run([*self._shell, "-c", program], check=True, capture_output=True, text=True)
        assert told.stderr == ""
        return told.stdout.splitlines()

    def state(self) -> str:
        return self.run(f"slot_read; {SHOW}")[0]

    def start(self) -> str:
        """What a start of the device chooses."""
        return self.run('slot_choose; echo "$SLOT"')[-1]

    def copy(self, number: int) -> Path:
        return self.folder / f"slots.{number}"


@pytest.fixture
def card(tmp_path: Path, shell: list[str]) -> Card:
    new = Card(tmp_path, shell)
    new.run(f"slot_sector 0 a - 0 >'{new.copy(0)}'; slot_sector 1 a - 0 >'{new.copy(1)}'")
    return new


def test_a_new_card_starts_from_slot_a(card: Card) -> None:
    assert card.state() == "1 a - 0"
    assert [card.start(), card.start()] == ["a", "a"]
    assert card.state() == "1 a - 0", "a start without a trial writes nothing"


def test_a_slot_on_trial_is_started_so_often_and_then_left(card: Card) -> None:
    card.run("slot_read; slot_write a b 2")
    assert [card.start() for _ in range(4)] == ["b", "b", "a", "a"]
    assert card.state() == "5 a - 0"


def test_a_committed_slot_stays(card: Card) -> None:
    card.run("slot_read; slot_write a b 3")
    assert card.start() == "b"
    card.run("slot_read; slot_write b - 0")
    assert [card.start(), card.start()] == ["b", "b"]


def test_each_copy_is_one_sector_and_changes_in_place(card: Card) -> None:
    before = card.copy(1).read_bytes(), card.copy(0).stat().st_ino
    card.run("slot_read; slot_write a b 3")
    assert (card.copy(1).read_bytes(), card.copy(0).stat().st_ino) == before
    assert [card.copy(number).stat().st_size for number in (0, 1)] == [SECTOR, SECTOR]


def test_a_power_cut_while_writing_leaves_the_old_state_or_the_new_one(card: Card) -> None:
    card.run("slot_read; slot_write a b 2")
    old_state, old = card.state(), card.copy(1).read_bytes()
    card.run("slot_read; slot_write a b 1")
    new_state, new = card.state(), card.copy(1).read_bytes()
    assert old_state != new_state
    for cut in [0, 1, SECTOR, *random.Random(6).sample(range(2, SECTOR), 12)]:
        card.copy(1).write_bytes(new[:cut] + old[cut:])
        assert card.state() in {old_state, new_state}, cut
        card.copy(1).write_bytes(new[:cut] + bytes(SECTOR - cut))
        assert card.state() in {old_state, new_state}, cut


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"\0" * SECTOR, bytes(range(256)) * 2, b"edge-slots serial=99 good=b trial=- left=0\nsha256=0\n"],
    ids=["empty", "zeros", "bytes", "no sum"],
)
def test_a_damaged_copy_does_not_count(card: Card, rubbish: bytes) -> None:
    card.run("slot_read; slot_write b - 0")
    card.copy(1).write_bytes(rubbish)
    assert card.state() == "2 b - 0"


def test_without_any_state_slot_a_is_started_and_a_state_is_there_again(card: Card) -> None:
    card.copy(0).unlink()
    card.copy(1).write_bytes(b"\0" * SECTOR)
    assert card.start() == "a"
    assert card.state() == "0 a - 0"
    card.run("slot_read; slot_write a b 1")
    assert [card.start(), card.start()] == ["b", "a"]


def test_a_trial_that_cannot_be_counted_is_not_begun(card: Card) -> None:
    card.run("slot_read; slot_write a b 2")
    card.copy(1).unlink()
    card.copy(1).mkdir()  # what is to be written next: as on a boot partition that takes no writes
    assert [card.start() for _ in range(4)] == ["a", "a", "a", "a"]
    card.copy(1).rmdir()
    card.copy(1).write_bytes(bytes(SECTOR))
    assert [card.start() for _ in range(3)] == ["b", "b", "a"]
