"""A restored device's trial with the real program: a good one is kept at its end, a bad one is taken back."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.app.configuration import TRIAL_VARIABLE
from edge.backup.folder import RestoreFolder
from tests.support.appliance import start, until
from tests.support.backups import Site, backed_up, edge
from tests.support.ports import free_port

SHORT_S = "3"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def restored(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Site:
    """South, which is to become north; north listens at `port`."""
    monkeypatch.setenv(TRIAL_VARIABLE, SHORT_S)
    north = Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 7)
    north.config.write_text(north.config.read_text().replace("48462", str(port)))
    south = Site(tmp_path / "south").set_up("south", "bbbbbbbbbbbb", 5)
    south.config.write_text(south.config.read_text().replace("48462", str(free_port())))
    done = edge("restore", backed_up(north, tmp_path / "x.backup"), "--config", south.config, "--replace")
    assert done.code == 0, done.err
    return south


@contextmanager
def taken(port: int) -> Iterator[None]:
    """The port is somebody else's: the worker of the API fails for as long."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


def test_one_that_does_well_is_kept_and_what_was_before_is_removed(restored: Site) -> None:
    folder = RestoreFolder(restored.state)
    assert folder.applied() is not None
    with start(["run", "--config", str(restored.config)], restored.folder / "log") as process:
        until("the trial is over", lambda: folder.applied() is None)
        until("what was before is removed", lambda: not list(folder.path.iterdir()))
        assert process.poll() is None
        process.terminate()
        assert process.wait(60) == 0
    assert "does well" in (restored.folder / "log").read_text()
    assert (restored.state / "device-id").read_text() == "aaaaaaaaaaaa\n"
    assert restored.ids()[:7] == list(range(1, 8))  # behind them what the start has closed


def test_one_whose_api_does_not_come_up_ends_the_program_and_the_next_start_is_as_before(
    restored: Site, port: int
) -> None:
    folder = RestoreFolder(restored.state)
    with taken(port), start(["run", "--config", str(restored.config)], restored.folder / "log") as process:
        process.wait(60)
    assert "rest failed" in (restored.folder / "log").read_text()
    assert folder.pending() is not None
    with start(["run", "--config", str(restored.config)], restored.folder / "log2") as process:
        until("it is taken back", lambda: folder.pending() is None and "name: south" in restored.config.read_text())
        until("it is told", lambda: "restore" in edge("status", "--config", restored.config).out)
        process.terminate()
        assert process.wait(60) == 0
    assert (restored.state / "device-id").read_text() == "bbbbbbbbbbbb\n"
    assert restored.ids()[:5] == list(range(1, 6))
