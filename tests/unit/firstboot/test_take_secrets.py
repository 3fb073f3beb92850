"""Passwords and certificates that come by the card, and cuts between any two writes."""

import random
from pathlib import Path

import pytest

from edge.firstboot.blank import SECTOR
from edge.firstboot.take_secrets import MOST_BYTES, MOST_FILES, NOTE, filler, take_secrets


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@pytest.fixture
def device(tmp_path: Path) -> Path:
    return tmp_path / "etc/secrets"


def put(card: Path, content: bytes, name: str = "mqtt") -> Path:
    path = card / name
    path.write_bytes(content)
    return path


def test_a_file_is_taken_for_the_program_alone_and_blanked(card: Path, device: Path) -> None:
    source = put(card, b"correct horse\r\n")
    for _ in range(2):
        assert take_secrets(card, device) == ["secrets/mqtt: taken, and blanked"]
        assert (device / "mqtt").read_bytes() == b"correct horse\r\n"
        assert source.read_bytes() == b" " * 15
    assert (device / "mqtt").stat().st_mode & 0o777 == 0o640
    assert device.stat().st_mode & 0o777 == 0o750


def test_a_long_one_tells_its_finder_what_became_of_it(card: Path, device: Path) -> None:
    source = put(card, b"x" * 3000, "ca.pem")
    take_secrets(card, device)
    assert source.read_bytes() == NOTE.ljust(3000)


@pytest.mark.parametrize("again", [b"new", b"longer than the one before it", b"x" * 2000])
def test_a_new_file_in_its_place_replaces_it(card: Path, device: Path, again: bytes) -> None:
    put(card, b"old")
    take_secrets(card, device)
    put(card, again)
    assert take_secrets(card, device) == ["secrets/mqtt: taken, and blanked"]
    assert (device / "mqtt").read_bytes() == again


@pytest.mark.parametrize("seed", range(8))
def test_a_blanking_that_was_cut_short_is_ended_and_nothing_is_taken_from_it(
    card: Path, device: Path, seed: int
) -> None:
    dice = random.Random(seed)
    secret = dice.randbytes(dice.randrange(SECTOR + 1, 9 * SECTOR))
    source = put(card, secret)
    take_secrets(card, device)
    torn = bytearray(filler(len(secret)))
    for at in range(0, len(secret), SECTOR):
        if dice.random() < 0.5:
            torn[at : at + SECTOR] = secret[at : at + SECTOR]
    source.write_bytes(torn)
    assert take_secrets(card, device) == ["secrets/mqtt: taken, and blanked"]
    assert (device / "mqtt").read_bytes() == secret
    assert source.read_bytes() == filler(len(secret))


def test_what_was_taken_and_not_yet_blanked_is_blanked(card: Path, device: Path) -> None:
    device.mkdir(parents=True)
    (device / "mqtt").write_bytes(b"secret")
    source = put(card, b"secret")
    assert take_secrets(card, device) == ["secrets/mqtt: taken, and blanked"]
    assert source.read_bytes() == b" " * 6


def test_one_that_the_device_lost_is_asked_for_again(card: Path, device: Path) -> None:
    put(card, b"secret")
    take_secrets(card, device)
    (device / "mqtt").unlink()
    assert take_secrets(card, device) == ["secrets/mqtt: NOT here any more: it was taken before, put it here again"]
    assert not (device / "mqtt").exists()


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(card: Path, device: Path) -> None:
    put(card, b"", "empty")
    put(card, b"x" * (MOST_BYTES + 1), "large")
    put(card, b"x", "my password")
    put(card, b"x", "good")
    put(card, b"x", "._good")
    put(card, b"x", "Thumbs.db")
    (card / "folder").mkdir()
    (card / "link").symlink_to("/etc/passwd")
    assert take_secrets(card, device) == [
        "secrets/empty: NOT taken; it is empty",
        "secrets/folder: NOT taken; it is no file",
        "secrets/good: taken, and blanked",
        f"secrets/large: NOT taken; it is larger than {MOST_BYTES} bytes",
        "secrets/link: NOT taken; it is no file",
        "secrets/my password: NOT taken; name it with letters, digits, dot, hyphen and underscore only (64 at most)",
    ]
    assert [path.name for path in device.iterdir()] == ["good"]


def test_a_card_without_the_folder_or_with_too_much_in_it_is_left_alone(card: Path, device: Path) -> None:
    assert take_secrets(card / "secrets", device) == []
    for number in range(MOST_FILES + 1):
        put(card, b"x", f"file{number}")
    assert take_secrets(card, device) == [f"secrets: NOT taken; {MOST_FILES + 1} files, {MOST_FILES} at most"]
    assert take_secrets(card, None) == ["secrets: NOT taken; this device keeps none"]
    assert not device.exists()
