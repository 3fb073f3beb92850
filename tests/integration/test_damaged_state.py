"""Every file of the state destroyed, each in every way: the program starts, says what was wrong, and counts on.

All files at once for each way; with EDGE_DAMAGE=each also one after the other, which takes some minutes.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.appliance import Appliance, appliance, until

STREET = "  - {name: Street, source: {demo: {scene: street}}, detector: {kind: motion}}\n"
MQTT = "mqtt: {host: 127.0.0.1, port: 9}\n"
LOGS = ("events.db", "deliveries.db", "tracks.db")
FILES = (*LOGS, "event_ids", "device-id", "tokens.json", "last-good.yaml", "wear.json", "ballast", "lock", "snapshots")


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(5000))


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def half(path: Path) -> None:
    whole = path.read_bytes() if path.is_file() else b"\x00" * 64
    path.write_bytes(whole[: len(whole) // 2])


def folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("?")


def unreadable(path: Path) -> None:
    """Neither to be opened nor to be written: for root too."""
    path.symlink_to(path.name)


WAYS: dict[str, Callable[[Path], None]] = {
    "garbage": garbage,
    "nothing": nothing,
    "half": half,
    "a folder": folder,
    "unreadable": unreadable,
}
CASES: list[tuple[tuple[str, ...], str]] = [(FILES, way) for way in WAYS]
if os.environ.get("EDGE_DAMAGE") == "each":
    CASES += [((file,), way) for file in FILES for way in WAYS]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a device that has run."""
    home = tmp_path_factory.mktemp("used")
    with appliance(home, STREET, more=MQTT) as device:
        device.serve()
        until("an event", lambda: device.get("/v1/json/events?limit=1&timeout=5"))
        device.stop()
    return home / "state"


def destroy(path: Path, way: str) -> None:
    for companion in ("-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    if WAYS[way] is half and path.is_file():
        half(path)
        return
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    WAYS[way](path)


def last_id(device: Appliance) -> int:
    newest = device.get("/v1/json/events?limit=1&order=DESC")
    return int(newest[0]["event_id"]) if newest else 0


@pytest.mark.parametrize(("files", "way"), CASES, ids=[f"{'+'.join(files)[:40]}-{way}" for files, way in CASES])
def test_it_starts_says_so_and_goes_on(tmp_path: Path, used: Path, files: tuple[str, ...], way: str) -> None:
    shutil.copytree(used, tmp_path / "state", symlinks=True)
    for name in files:
        destroy(tmp_path / "state" / name, way)
    with appliance(tmp_path, STREET, more=MQTT) as device:
        device.serve()
        device.hear("READY=1")
        status = device.get("/v1/status")
        begun = last_id(device)
        until("an event", lambda: last_id(device) > begun)
        assert device.process.poll() is None
        assert not [each for each in status["faults"] if "does not run" in each["text"]], status["faults"]
        if "events.db" in files and way != "nothing":
            told = " ".join(each["text"] for each in status["faults"])
            assert "event log was damaged" in told or "events.db.odd-1" in told
        assert device.stop() == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
