from pathlib import Path

import pytest

from edge.outputs.mqtt.kept import (
    Announced,
    Problems,
    read_announced,
    read_problems,
    write_announced,
    write_problems,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    announced = Announced("homeassistant/device/x/config", {"a": "sensor"}, ("edge/x/status", "edge/x/a"))
    write_announced(tmp_path / "mqtt.json", announced)
    assert read_announced(tmp_path / "mqtt.json") == announced


def test_at_first_there_is_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_announced(tmp_path / "mqtt.json") == Announced()
    assert caplog.records == []


@pytest.mark.parametrize("text", ["", "null", "{", "[]", '{"platforms": []}', '{"platforms": {}, "topics": 1}', "\x00"])
def test_a_damaged_file_is_nothing_and_said_once(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "mqtt.json").write_text(text)
    assert read_announced(tmp_path / "mqtt.json") == Announced()
    assert len(caplog.records) == 1


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "mqtt.json.new").mkdir()
    write_announced(tmp_path / "mqtt.json", Announced())
    assert "cannot keep what is announced" in caplog.text


def test_problems_that_are_written_are_read_and_a_damaged_file_is_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "problems.json"
    assert read_problems(path) == Problems()
    write_problems(path, Problems(9, {"gate": 7}))
    assert read_problems(path) == Problems(9, {"gate": 7})
    assert caplog.records == []
    for text in ("", "[]", '{"read_id": 1}', '{"read_id": 1, "spoilt": ["gate"]}'):
        path.write_text(text)
        assert read_problems(path) == Problems()
    assert caplog.text.count("cannot be read") == 4
    (tmp_path / "problems.json.new").mkdir()
    write_problems(path, Problems())
    assert "cannot keep" in caplog.text
