"""API tokens: shown once, kept as hashes, known to a running device at once."""

import json
import logging
import stat
import threading
from pathlib import Path

import pytest

from edge.store.tokens import PREFIX, TokenError, Tokens


def test_a_token_is_known_by_its_name(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    first, second = tokens.create("panel"), tokens.create("phone")
    assert tokens.check(first) == "panel"
    assert tokens.check(second) == "phone"
    assert tokens.names() == ["panel", "phone"]


@pytest.mark.parametrize("wrong", ["", "edge_", "panel", "\ud800", "é", "x" * 10_000])
def test_nothing_else_is_known(tmp_path: Path, wrong: str) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.create("panel")
    assert tokens.check(wrong) is None
    assert tokens.check(token + wrong) == ("panel" if not wrong else None)


def test_a_device_without_tokens_lets_nobody_in(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "none" / "tokens.json")
    assert tokens.check("edge_x") is None
    assert tokens.names() == []
    assert tokens.damage() is None
    assert not tokens.revoke("panel")


def test_file_holds_no_token_and_is_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "state" / "tokens.json"
    token = Tokens(file).create("panel")
    assert token.startswith(PREFIX)
    assert len(token) == len(PREFIX) + 43
    assert token.removeprefix(PREFIX) not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["tokens.json"]


def test_another_process_s_changes_are_seen_at_once(tmp_path: Path) -> None:
    running, command = Tokens(tmp_path / "tokens.json"), Tokens(tmp_path / "tokens.json")
    assert running.names() == []
    token = command.create("panel")
    assert running.check(token) == "panel"
    assert command.revoke("panel")
    assert running.check(token) is None


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.create("panel")
    with pytest.raises(TokenError, match="revoke it first"):
        tokens.create("panel")
    assert tokens.revoke("panel")
    assert not tokens.revoke("panel")
    assert tokens.create("panel") != token


@pytest.mark.parametrize("name", ["", " ", "-x", "a\nb", "x" * 65, "a/b"])
def test_a_name_must_be_printable_in_a_list(tmp_path: Path, name: str) -> None:
    with pytest.raises(TokenError, match="letters"):
        Tokens(tmp_path / "tokens.json").create(name)


DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    '{"tokens": 5}',
    '{"tokens": [{}]}',
    '{"tokens": [{"name": "x", "sha256": "short", "created": ""}]}',
    '{"tokens": [{"name": 5, "sha256": 5, "created": 5}]}',
    "[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_lets_nobody_in_and_says_so(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tokens.json"
    tokens = Tokens(file)
    token = tokens.create("panel")
    file.write_text(content, encoding="utf-8")
    with caplog.at_level(logging.ERROR, logger="edge.store"):
        assert [tokens.check(token) for _ in range(3)] == [None, None, None]
    assert [record.getMessage() for record in caplog.records] == [f"{file} is damaged: no token is accepted"]
    assert tokens.damage() == "is damaged"
    with pytest.raises(TokenError, match="move it away"):
        tokens.create("other")
    assert file.read_text(encoding="utf-8") == content


def test_a_folder_in_its_place_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "tokens.json").mkdir()
    tokens = Tokens(tmp_path / "tokens.json")
    assert tokens.check("edge_x") is None
    assert tokens.damage() == "cannot be read (Is a directory)"


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    made: list[str] = []
    threads = [threading.Thread(target=lambda i=i: made.append(Tokens(file).create(f"t{i}"))) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tokens = Tokens(file)
    assert sorted(tokens.check(token) or "" for token in made) == sorted(f"t{i}" for i in range(16))
    assert len(json.loads(file.read_text(encoding="utf-8"))["tokens"]) == 16
