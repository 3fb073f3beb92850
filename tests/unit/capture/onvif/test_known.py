import logging
from pathlib import Path

import pytest

from edge.capture.onvif.known import KnownCameras


def test_what_is_learnt_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    KnownCameras(path).learn("c1", "192.0.2.7", "urn:uuid:1")
    KnownCameras(path).learn("c2", "192.0.2.7", "urn:uuid:2")
    known = KnownCameras(path)
    assert (known.endpoint("c1", "192.0.2.7"), known.endpoint("c2", "192.0.2.7")) == ("urn:uuid:1", "urn:uuid:2")


def test_with_another_host_it_is_another_camera(tmp_path: Path) -> None:
    known = KnownCameras(tmp_path / "cameras.json")
    known.learn("c1", "192.0.2.7", "urn:uuid:1")
    assert known.endpoint("c1", "192.0.2.8") == ""
    known.learn("c1", "192.0.2.8", "urn:uuid:2")
    assert known.endpoint("c1", "192.0.2.7") == ""


@pytest.mark.parametrize("text", ["", "[1]", '{"c1 h": 5}', "{", "\x00"])
def test_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cameras.json"
    path.write_text(text)
    known = KnownCameras(path)
    assert known.endpoint("c1", "h") == ""
    known.learn("c1", "h", "urn:uuid:1")
    assert KnownCameras(path).endpoint("c1", "h") == "urn:uuid:1"


def test_what_cannot_be_written_is_known_until_the_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    known = KnownCameras(tmp_path / "missing" / "cameras.json")
    known.learn("c1", "h", "urn:uuid:1")
    assert known.endpoint("c1", "h") == "urn:uuid:1"
    assert "cannot write" in caplog.text
