"""Which token the boot partition tells, through cuts, losses and damage."""

from pathlib import Path

import pytest

from edge.firstboot.status import BYTES, BootStatus, status_text
from edge.firstboot.token import DAMAGED, Told, tell_token
from edge.store.tokens import Tokens


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def status(told: Told) -> str:
    return status_text(BootStatus(version="1", device_id="0" * 12, name="edge", port=80, token=told.token))


def test_it_is_told_until_its_line_is_deleted_and_does_not_come_back(file: Path) -> None:
    first = tell_token(file, None, told_before=False)
    assert Tokens(file).check(first.token) == "first"
    assert tell_token(file, status(first), told_before=True) == first
    assert tell_token(file, "edge 1\r\n", told_before=True) == Told()
    assert Tokens(file).check(first.token) == "first"


def test_who_has_lost_it_deletes_the_file(file: Path) -> None:
    first = tell_token(file, None, told_before=False)
    assert "Delete this whole file" in status(tell_token(file, "", told_before=True))
    second = tell_token(file, None, told_before=True)
    third = tell_token(file, None, told_before=True)
    names = [Tokens(file).check(each.token) for each in (first, second, third)]
    assert names == ["first", None, "again"], "others go on using the first"
    assert tell_token(file, status(third), told_before=True) == third


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 4096, b"[]", b'{"version": 7}'])
def test_a_damaged_file_of_tokens_locks_nobody_out(file: Path, content: bytes) -> None:
    first = tell_token(file, None, told_before=False)
    file.write_bytes(content)
    new = tell_token(file, status(first), told_before=True)
    assert new.notes == (DAMAGED,)
    assert [Tokens(file).check(each.token) for each in (first, new)] == [None, "first"]
    assert file.with_name("tokens.json.damaged").read_bytes() == content
    assert tell_token(file, status(new), told_before=True) == Told(new.token)


def test_the_token_lies_in_the_first_sector(file: Path) -> None:
    told = tell_token(file, None, told_before=False)
    name = "n" * 63
    text = status_text(
        BootStatus(version="10.10.10+" + "c" * 40, device_id="0" * 12, name=name, port=65535, token=told.token)
    )
    assert told.token in text[:512]
    assert len(text) == BYTES
