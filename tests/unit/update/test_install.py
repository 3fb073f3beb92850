"""An update within this process, on the real edge-slot: what is wrong is refused, and never leaves half a system."""

import io
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from edge.update.device import read_device
from edge.update.errors import UpdateError
from edge.update.install import Installer
from edge.update.manifest import LENGTH_BYTES, MAGIC, SIGNATURE_BYTES
from edge.update.progress import Phase
from edge.update.signature import PublicKey
from edge.update.slots import SlotState
from edge.update.version import Release
from tests.support.disks import hog, mounted
from tests.support.updates import BLOCK_BYTES, NEW, OLD, OTHER_KEY, Rig, bundle_of, device, system

NEW_SYSTEM = system(2)
BUNDLE = bundle_of(NEW_SYSTEM)
HEAD_BYTES = len(MAGIC) + LENGTH_BYTES + int.from_bytes(BUNDLE[8:12]) + SIGNATURE_BYTES


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with device(tmp_path) as made:
        yield made


def installer(rig: Rig, tell: Callable[[Phase, int, str], None] = lambda _phase, _percent, _version: None) -> Installer:
    return Installer(
        device=read_device(rig.folder / "os-release", rig.folder / "edge-slot"),
        slots=rig.slots,
        attempts=rig.attempts,
        verify=PublicKey(rig.folder / "key.pem").verify,
        tell=tell,
    )


def install(rig: Rig, bundle: bytes) -> None:
    installer(rig).install(io.BytesIO(bundle))


def test_a_good_bundle_is_in_the_other_slot_and_tried(rig: Rig) -> None:
    heard: list[tuple[str, int]] = []
    installer(rig, lambda phase, percent, _version: heard.append((phase, percent))).install(io.BytesIO(BUNDLE))
    assert (rig.content("a"), rig.content("b")) == (system(1), NEW_SYSTEM)
    assert rig.slots.state().trial == "b"
    assert list(dict(heard)) == ["checking", "writing", "reading back"]
    assert heard == sorted(heard, key=lambda each: (list(dict(heard)).index(each[0]), each[1]))
    assert heard[-1][1] == 100


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no update bundle"),
    "garbage": (random.Random(1).randbytes(100_000), "no update bundle"),
    "a picture": (b"\xff\xd8\xff\xe0" + bytes(1000), "no update bundle"),
    "another key": (bundle_of(NEW_SYSTEM, key=OTHER_KEY), "signature"),
    "another board": (bundle_of(NEW_SYSTEM, board="edge-rpi5"), "for edge-rpi5, this device is edge-test"),
    "an older version": (bundle_of(NEW_SYSTEM, release=Release("0.0.9", 9000)), "older"),
    "the same version, made earlier": (bundle_of(NEW_SYSTEM, release=Release("0.1.0+cccc", 999)), "older"),
    "larger than the slot": (bundle_of(NEW_SYSTEM + bytes(BLOCK_BYTES)), "flash the card anew"),
    "cut within the head": (BUNDLE[: HEAD_BYTES - 1], "ended before"),
    "no length": (MAGIC, "ended before"),
}


@pytest.mark.parametrize(("bundle", "text"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_touches_no_slot(rig: Rig, bundle: bytes, text: str) -> None:
    with pytest.raises(UpdateError, match=text):
        install(rig, bundle)
    assert (rig.content("a"), rig.content("b")) == (system(1), system(0))
    assert (rig.slots.state().trial, rig.attempts.newest()) == ("", None)


def test_a_flipped_bit_anywhere_in_the_head_is_refused_before_a_slot_is_touched(rig: Rig) -> None:
    for at in [0, 7, 8, 11, 12, *random.Random(2).sample(range(12, HEAD_BYTES), 20), HEAD_BYTES - 64, HEAD_BYTES - 1]:
        flipped = bytearray(BUNDLE)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(UpdateError):
            install(rig, bytes(flipped))
        assert rig.content("b") == system(0), at


def test_a_flipped_bit_anywhere_in_the_blocks_leaves_no_system_that_could_be_started(rig: Rig) -> None:
    for at in [HEAD_BYTES, *random.Random(3).sample(range(HEAD_BYTES, len(BUNDLE)), 12), len(BUNDLE) - 1]:
        rig.slot("b").write_bytes(system(0))
        flipped = bytearray(BUNDLE)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(UpdateError, match="damaged at block"):
            install(rig, bytes(flipped))
        assert not rig.bootable("b"), at
        assert rig.slots.state().trial == ""
    assert rig.content("a") == system(1)
    install(rig, BUNDLE)
    assert rig.content("b") == NEW_SYSTEM


def test_a_bundle_that_ends_early_or_goes_on_is_refused(rig: Rig) -> None:
    for bundle in [BUNDLE[:HEAD_BYTES], BUNDLE[: (HEAD_BYTES + len(BUNDLE)) // 2], BUNDLE[:-1], BUNDLE + b"x"]:
        with pytest.raises(UpdateError, match=r"ended before|behind its end"):
            install(rig, bundle)
        assert not rig.bootable("b")
        assert (rig.slots.state().trial, rig.attempts.newest()) == ("", None)


def test_a_packed_block_that_would_fill_the_memory_is_not_unpacked(rig: Rig) -> None:
    bomb = zlib.compress(bytes(2**26))
    at = HEAD_BYTES
    with pytest.raises(UpdateError, match="damaged at block 0"):
        install(rig, BUNDLE[:at] + bomb + BUNDLE[at + len(bomb) :])


def test_a_card_that_does_not_keep_what_was_written_is_found_out(rig: Rig) -> None:
    def spoil(phase: Phase, percent: int, _version: str) -> None:
        if (phase, percent) == ("writing", 100):
            with rig.slot("b").open("r+b") as card:
                card.seek(3 * BLOCK_BYTES + 77)
                card.write(b"\x13")

    with pytest.raises(UpdateError, match="did not keep block 3"):
        installer(rig, spoil).install(io.BytesIO(BUNDLE))
    assert not rig.bootable("b")
    assert rig.slots.state().trial == ""


def test_a_card_that_takes_no_more_is_told(rig: Rig) -> None:
    with mounted(rig.folder / "disk") as disk:
        small = disk / "slot"
        with small.open("wb") as file:
            file.truncate(len(NEW_SYSTEM))  # a hole: room is taken when it is written
        hog(disk)
        rig.slot("b").unlink()
        rig.slot("b").symlink_to(small)
        with pytest.raises(UpdateError, match="cannot be written: No space left"):
            install(rig, BUNDLE)
        assert not rig.bootable("b")


def test_zeros_are_written_over_what_was_there_and_not_over_zeros(rig: Rig) -> None:
    with rig.slot("b").open("wb") as file:
        file.truncate(len(NEW_SYSTEM))
    install(rig, BUNDLE)
    holes = rig.slot("b").stat().st_blocks * 512
    assert rig.content("b") == NEW_SYSTEM
    assert holes <= len(NEW_SYSTEM) - 3 * BLOCK_BYTES
    rig.slot("b").write_bytes(b"\xa5" * len(NEW_SYSTEM))
    install(rig, BUNDLE)
    assert rig.content("b") == NEW_SYSTEM


def test_while_the_running_system_is_on_trial_there_is_no_update(rig: Rig) -> None:
    install(rig, BUNDLE)
    assert rig.boot() == "b"
    with pytest.raises(UpdateError, match="on trial itself"):
        install(rig, BUNDLE)
    assert rig.content("a") == system(1)


def test_a_device_whose_good_slot_does_not_start_is_updated(rig: Rig) -> None:
    rig.start("b")  # as the initramfs does where slot a, the good one, holds no system; without a mark of a trial
    install(rig, BUNDLE)
    assert (rig.content("a"), rig.content("b")) == (NEW_SYSTEM, system(0))
    assert rig.slots.state() == SlotState("b", "b", "a", 3)
    assert [rig.boot() for _ in range(4)] == ["a", "a", "a", "b"]


def test_once_it_is_written_over_a_slot_is_no_good_one(rig: Rig) -> None:
    rig.start("b")
    with pytest.raises(UpdateError):
        install(rig, BUNDLE[:-5])
    assert (rig.boot(), rig.bootable("a")) == ("b", False)


def test_an_update_before_the_trial_of_another_takes_its_place(rig: Rig) -> None:
    install(rig, BUNDLE)
    half = bundle_of(system(3))[:-5]
    with pytest.raises(UpdateError):
        install(rig, half)
    assert rig.slots.state().trial == "", "a slot that is half written is not started"
    install(rig, bundle_of(system(3)))
    assert (rig.content("b"), rig.slots.state().trial) == (system(3), "b")


@pytest.mark.parametrize(
    "release", [OLD, replace(OLD, version="0.1.0+dddd"), NEW], ids=["same", "other commit", "newer"]
)
def test_the_same_version_may_be_sent_again_by_hand(rig: Rig, release: Release) -> None:
    install(rig, bundle_of(NEW_SYSTEM, release=release))
    assert rig.content("b") == NEW_SYSTEM


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ü"])
def test_a_device_without_a_key_takes_nothing(rig: Rig, text: str) -> None:
    (rig.folder / "key.pem").write_text(text)
    with pytest.raises(UpdateError, match="no key to check updates with"):
        install(rig, BUNDLE)


def test_a_plain_debian_is_updated_by_its_package_manager(rig: Rig) -> None:
    (rig.folder / "os-release").write_text("ID=debian\n")
    with pytest.raises(UpdateError, match="apt install"):
        install(rig, BUNDLE)


def test_only_the_key_of_the_device_signs() -> None:
    assert bundle_of(NEW_SYSTEM, key=SigningKey(b"k" * 32)) == BUNDLE
