import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.model.event import NO_OBJECT, EventType
from edge.outputs.csv_rows import COLUMNS
from edge.store.pages import PAGE
from tests.support.clock import START_US
from tests.support.events import CHANNEL, appear, closing, crossing, open_log, opening, running

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edge.yaml"
    path.write_text(f"device: {{timezone: Europe/Berlin}}\nstate_dir: {tmp_path}\n", "utf-8")
    return path


@pytest.fixture
def filled(config: Path) -> Path:
    with open_log(config.parent) as log:
        log.append([appear(7), crossing(7)], START_US)
        log.append([crossing(8, time_us=START_US + 60_000_000)], START_US + 60_000_000)
    return config


def test_columns(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--config", str(filled)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "1", "2", "3"]
    assert " ".join(lines[2].split()) == "2 2025-06-15 17:06:40.000 Gate TripwireCrossed 7 Pedestrian Line 1 a_to_b"


def test_what_else_an_event_says(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    join = opening(EventType.REGION_JOIN, 7)
    leave = replace(closing(join, START_US), dwell_seconds=12.44)
    dark = replace(appear(NO_OBJECT), type=EventType.SABOTAGE, reason="dark")
    with open_log(config.parent) as log:
        log.append([join, leave, opening(EventType.CROWD_ON), dark], START_US)
    assert main(["events", "--config", str(config)]) == 0
    lines = [" ".join(line.split()[4:]) for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == [
        "RegionJoin 7 Vehicle Yard",
        "RegionLeave 7 Vehicle Yard 12.4 s",
        "CrowdOn Unknown Yard 6 inside",
        "Sabotage Pedestrian dark",
    ]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--since", "2025-06-15T17:07"], [3]),
        (["--until", "2025-06-15T15:07Z"], [1, 2]),
        (["--limit", "2"], [2, 3]),
    ],
)
def test_json_of_some(filled: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], ids: list[int]) -> None:
    assert main(["events", "--json", "--config", str(filled), *arguments]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event_id"] for event in events] == ids
    assert {event["channel_id"] for event in events} == {CHANNEL}


def test_a_state_folder_in_place_of_a_configuration(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--json", "--state", str(filled.parent), "--limit", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["event_id"] == 3


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ([], ["1", "2", "3"]),
        (["--limit", "2"], ["2", "3"]),
        (["--since", "2025-06-15T17:07"], ["3"]),
        (["--since", "2025-06-15T17:08"], []),
        (["--since", "2025-06-15T17:08", "--limit", "1"], []),
    ],
)
def test_csv(filled: Path, capsysbinary: pytest.CaptureFixture[bytes], arguments: list[str], ids: list[str]) -> None:
    assert main(["events", "--csv", "--config", str(filled), *arguments]) == 0
    text = capsysbinary.readouterr().out.decode()
    title, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(title) == COLUMNS
    assert [row[0] for row in rows] == ids
    assert text.count("\r\n") == text.count("\n") == len(ids) + 1


def test_csv_has_all_and_the_columns_the_newest_hundred(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_log(config.parent) as log:
        log.append([crossing(7)] * (2 * PAGE + 1), START_US)
    for arguments, first, last in (["--csv"], 1, 2 * PAGE + 1), ([], 2 * PAGE - 98, 2 * PAGE + 1):
        assert main(["events", "--config", str(config), *arguments]) == 0
        numbers = [int(re.split("[, ]", line.strip())[0]) for line in capsys.readouterr().out.splitlines()[1:]]
        assert numbers == list(range(first, last + 1))


def test_csv_and_json_together_are_no_form(filled: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["events", "--csv", "--json", "--config", str(filled)])
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--since", "noon"], "--since: must be"),
        (["--until", "2025-13-01"], "--until: is not in the calendar"),
    ],
)
def test_misuse_is_one_line(filled: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str) -> None:
    assert main(["events", "--config", str(filled), *arguments]) == 1
    errors = capsys.readouterr().err
    assert text in errors
    assert errors.count("\n") == 1


def test_without_a_log_it_says_where_it_looked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--config", str(config)]) == 1
    assert f"there is no event log at {config.parent / 'events.db'}" in capsys.readouterr().err


def test_follow_shows_what_comes_while_the_device_runs(filled: Path) -> None:
    command = [sys.executable, "-m", "edge", "events", "--config", str(filled), "--follow", "--json"]
    with (
        open_log(filled.parent) as log,
        running(log),
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as reader,
    ):
        assert reader.stdout is not None
        shown = [json.loads(reader.stdout.readline())["event_id"] for _ in range(4)]
        log.append([crossing(9)], START_US)
        shown.append(json.loads(reader.stdout.readline())["event_id"])
        reader.kill()
    assert shown == [1, 2, 3, 4, 5]
