"""check-config, show-config and token as a user calls them: own processes, exit codes, one line for each mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MISTAKES = """\
device: {timezone: Europe/Berln}
stat_dir: /var/lib/edge
api:
  port: 99999
  auth: wrtes
  enabled: yes
channels:
  - name: Front door
    source:
      rtsp: {url: "rtsp://viewer:geheim@192.0.2.7/s"}
    rules:
      - line: Entrance
        points: [[0.5, 0.1], [0.5, 1.9]]
      - line: Exit
        points: [[0.5, 0.1], [0.6, 0.1]]
        min_size: 0.5
        max_size: 0.2
  - name: Front door
    source: {demo: {scene: strete}}
"""
LINES = [1, 2, 4, 5, 6, 10, 13, 17, 18, 19]


def edge(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "edge", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_ten_mistakes_get_ten_lines(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(MISTAKES, encoding="utf-8")
    result = edge("check-config", "--config", file)
    lines = result.stderr.splitlines()
    assert result.returncode == 1
    assert result.stdout == ""
    assert all(line.startswith(f"{file}:") for line in lines)
    assert [int(line.removeprefix(f"{file}:").partition(":")[0]) for line in lines] == LINES
    assert "geheim" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "right, but it has no channel: nothing will be watched", id="empty"),
        pytest.param(
            "channels: [{name: A, source: {demo: {}}, rules: [{line: L, points: [[0, 0], [1, 1]]}]}]",
            "right: 1 channel, 1 rule",
            id="one",
        ),
    ],
)
def test_a_right_file_gets_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(text, encoding="utf-8")
    result = edge("check-config", "--config", file)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{file}: {said}\n", "")


@pytest.mark.parametrize("command", [["check-config"], ["show-config"], ["token", "list"]], ids=" ".join)
def test_a_missing_file_gets_one_line_that_says_what_to_do(tmp_path: Path, command: list[str]) -> None:
    result = edge(*command, "--config", tmp_path / "none.yaml")
    assert result.returncode == 1
    assert result.stderr == (f"edge: there is no {tmp_path}/none.yaml; write one, or name another with --config FILE\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check-config", "--config"], 2),
        (["check-config", "--confi", "x"], 2),
        (["check-config", "extra"], 2),
        (["check-config", "--config", "/"], 1),
        (["check-config", "--config", "/dev/null/x"], 1),
        (["show-config", "--config", "/"], 1),
        (["show-config", "--all"], 2),
        (["token"], 2),
        (["token", "make"], 2),
        (["token", "create"], 2),
        (["token", "create", "a/b", "--config", "STATE"], 1),
        (["token", "revoke", "nobody", "--config", "STATE"], 1),
        (["token", "revoke"], 2),
        (["chek-config"], 2),
        ([], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_each_misuse_gets_one_line(tmp_path: Path, words: list[str], code: int) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(f"state_dir: {tmp_path}/state\n", encoding="utf-8")
    result = edge(*(str(file) if word == "STATE" else word for word in words))
    assert result.returncode == code
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("edge")


def test_shown_configuration_is_right_again_and_masked(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(
        "channels: [{name: A, source: {rtsp: {url: 'rtsp://h/x', username: u, password: geheim}}}]", encoding="utf-8"
    )
    shown = edge("show-config", "--config", file)
    assert shown.returncode == 0
    assert "geheim" not in shown.stdout
    file.write_text(shown.stdout, encoding="utf-8")
    assert edge("check-config", "--config", file).returncode == 0
    assert edge("show-config", "--config", file).stdout == shown.stdout


def test_show_config_tells_the_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text("api: {port: 0}", encoding="utf-8")
    result = edge("show-config", "--config", file)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        f"{file}:1: api.port: must be 1 to 65535, is 0",
        f"edge: {file} is not right; correct the lines above",
    ]


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(f"state_dir: {tmp_path}/state\n", encoding="utf-8")
    created = edge("token", "create", "panel", "--config", file)
    assert created.stdout.startswith("edge_")
    listed = edge("token", "list", "--config", file)
    assert listed.stdout.split()[1:] == ["panel"]
    assert created.stdout.strip() not in listed.stdout
    again = edge("token", "create", "panel", "--config", file)
    assert (again.returncode, again.stdout) == (1, "")
    assert edge("token", "revoke", "panel", "--config", file).returncode == 0
    assert edge("token", "list", "--config", file).stdout == ""


def test_a_damaged_token_file_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(f"state_dir: {tmp_path}\n", encoding="utf-8")
    (tmp_path / "tokens.json").write_text("{", encoding="utf-8")
    for action in (["list"], ["create", "x"], ["revoke", "x"]):
        result = edge("token", *action, "--config", file)
        assert result.returncode == 1
        assert len(result.stderr.splitlines()) == 1
        assert "damaged" in result.stderr


def test_masks_that_leave_nothing_are_right_but_told(tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    halves = "[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]", "[[0.5, 0], [1, 0], [1, 1], [0.5, 1]]"
    kinds = [f"{{kind: {kind}, polygon: {half}}}" for kind, half in zip(("exclude", "privacy"), halves, strict=True)]
    for masks, said in ((kinds, 'channel "A": its masks leave nothing'), (kinds[:1], "")):
        file.write_text(f"channels: [{{name: A, source: {{demo: {{}}}}, masks: [{', '.join(masks)}]}}]")
        result = edge("check-config", "--config", file)
        assert result.returncode == 0
        assert said in result.stderr
        assert bool(said) == bool(result.stderr)
