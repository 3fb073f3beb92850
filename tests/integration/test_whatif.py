"""`edge whatif` over real video: the same rules give what the log has, moved ones what a replay with them gives."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from edge.app.system import SystemClock
from edge.cli.main import main
from edge.config.loader import load
from edge.health import Health
from edge.model.event import Event
from edge.model.scene import Scene
from edge.rules.table import make_rules
from edge.settings import RetentionSettings
from edge.store.event_log import EventLog
from edge.store.track_log import TrackLog
from tests.support.appliance import appliance, until
from tests.support.recorded import record
from tests.support.shared_data import shared
from tests.support.walkers import write_walk

ROOT = Path(__file__).resolve().parents[2]
CLIP_S = 45.0
RULES = """
state_dir: STATE
device: {timezone: UTC}
channels:
  - name: Street
    source: {file: {path: clip.avi}}
    rules:
      - {line: Across, points: [[0.2, LINE], [0.8, LINE]], tailgating: {}}
      - {line: Down, points: [[0.5, 0.1], [0.5, 0.9]], direction: a_to_b}
      - zone: Yard
        polygon: [[0.2, 0.3], [ZONE, 0.3], [ZONE, 0.9], [0.2, 0.9]]
        join_leave: true
        motion: {}
        loitering: {seconds: 4}
        crowd: {size: 3, on_s: 1}
"""
Key = tuple[str, str, str]


def rules(folder: Path, name: str, *, line: float = 0.5, zone: float = 0.8) -> Path:
    path = folder / name
    path.write_text(
        RULES.replace("LINE", str(line)).replace("ZONE", str(zone)).replace("STATE", str(folder / "state")), "utf-8"
    )
    return path


def key(event: Event) -> Key:
    return event.type.value, event.rule_name, "" if event.direction is None else event.direction.value


class Beside:
    """Other rules that judge the same scenes while they happen, as a replay with them would."""

    def __init__(self, path: Path) -> None:
        self._rules = make_rules(load(path).channels[0], UTC)
        self._last: Scene | None = None
        self.counts: Counter[Key] = Counter()

    def see(self, scene: Scene) -> None:
        self._last = scene
        told = [each for rule in self._rules for each in rule.update(scene)]
        self.counts.update(key(each) for each in told if isinstance(each, Event))

    def close(self) -> None:
        assert self._last is not None
        for rule in self._rules:
            self.counts.update(map(key, rule.close(self._last.time_us, self._last.stream_s)))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Beside]:
    """A device's folder after vtest.avi, and what the moved rules counted meanwhile."""
    folder = tmp_path_factory.mktemp("recorded")
    clip = shared("data/video/vtest.avi")
    channel = load(rules(folder, "edge.yaml")).channels[0]
    beside = Beside(rules(folder, "moved.yaml", line=0.6, zone=0.6))
    state = folder / "state"
    log = EventLog(state, SystemClock(), timezone=UTC, retention=RetentionSettings(), health=Health())
    log.open()
    record(clip, channel, log, TrackLog(state, SystemClock(), RetentionSettings()), beside.see, until_s=CLIP_S)
    beside.close()
    log.close()
    return folder, beside


def whatif(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:  # noqa: ANN401 - JSON
    assert main(["whatif", "--rules", str(path), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def would_have(body: Any) -> Counter[Key]:  # noqa: ANN401 - JSON
    return Counter(
        {(row["type"], row["rule_name"], row.get("direction", "")): row["would_have"] for row in body["rows"]}
    )


def test_the_same_rules_give_what_the_log_has(
    recorded: tuple[Path, Beside], capsys: pytest.CaptureFixture[str]
) -> None:
    body = whatif(recorded[0] / "edge.yaml", capsys)
    assert body["frames"] > 400
    assert {row["type"] for row in body["rows"]} >= {"TripwireCrossed", "ObjectAppear", "ObjectDisappear"}
    assert [row for row in body["rows"] if row["would_have"] != row["counted"]] == []


def test_moved_rules_give_what_a_replay_with_them_gives(
    recorded: tuple[Path, Beside], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, beside = recorded
    body = whatif(folder / "moved.yaml", capsys)
    assert +would_have(body) == beside.counts
    assert any(row["would_have"] != row["counted"] for row in body["rows"])


def test_two_halves_add_up_to_the_whole(recorded: tuple[Path, Beside], capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded[0] / "edge.yaml"
    whole = whatif(path, capsys)
    middle = whole["since"][:17] + f"{(int(whole['since'][17:19]) + 20) % 60:02d}"
    if middle < whole["since"]:
        middle = whole["until"][:17] + "00"
    first, second = whatif(path, capsys, "--until", middle), whatif(path, capsys, "--since", middle)
    assert would_have(first) + would_have(second) == +would_have(whole)


def test_the_table_for_people(recorded: tuple[Path, Beside], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whatif", "--rules", str(recorded[0] / "moved.yaml")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Street: ")
    assert lines[1].split() == ["would", "have", "counted"]
    assert "not judged, since no pictures are kept: AbandonedObject, CameraDisconnected, Sabotage" in lines[-1]


def test_a_channel_is_found_by_its_name_where_its_id_is_another(
    recorded: tuple[Path, Beside], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "edge.yaml"
    text = (recorded[0] / "edge.yaml").read_text("utf-8")
    path.write_text(text.replace("name: Street", "name: Street\n    id: another"), "utf-8")
    assert would_have(whatif(path, capsys)) == would_have(whatif(recorded[0] / "edge.yaml", capsys))
    path.write_text(text.replace("name: Street", "name: Elsewhere"), "utf-8")
    assert main(["whatif", "--rules", str(path)]) == 1
    told = capsys.readouterr().err
    assert "Elsewhere: there are no tracks of it; there are some of Street" in told
    assert "there are no tracks of any of these channels" in told


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--channel", "Nobody"], 'there is no channel "Nobody"'),
        (["--since", "noon"], "--since: must be"),
        (["--state", "/nowhere"], "there are no tracks at /nowhere/tracks.db"),
    ],
)
def test_misuse_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str) -> None:
    assert main(["whatif", "--rules", str(rules(tmp_path, "edge.yaml")), *words]) == 1
    told = capsys.readouterr().err
    assert text in told
    assert told.count("\n") == 1


def test_a_whole_device_keeps_tracks_that_can_be_judged(tmp_path: Path) -> None:
    clip = tmp_path / "walk.mp4"
    write_walk(clip, there_and_back=True)
    channels = f"""
  - name: Cam
    source: {{file: {{path: {clip}, loop: false, realtime: false}}}}
    rules: [{{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}}]
"""
    with appliance(tmp_path, channels) as running:
        running.serve()
        gone = "/v1/json/events/totals/type"
        until("somebody came and went", lambda: "ObjectDisappear" in str(running.get(gone)))
        assert running.stop() == 0
    judged = _answer([sys.executable, "-m", "edge", "whatif", "--rules", str(running.config), "--json"])
    assert any(row["would_have"] for row in judged["rows"])
    assert [row for row in judged["rows"] if row["would_have"] != row["counted"]] == []


def _answer(command: list[str]) -> Any:  # noqa: ANN401 - JSON
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None
