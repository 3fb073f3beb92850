"""A restored device on trial: kept after a good minute, taken back where it does not do well."""

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from edge.app.backup import subject_of
from edge.app.configuration import TRIAL_S
from edge.app.restore import FLAG, MOST_STARTS, RestartNeeded, RestoreTrial, resume
from edge.backup.desk import Desk
from edge.backup.errors import BackupError
from edge.backup.folder import RestoreFolder
from edge.health import Health, WorkerHealth
from tests.support.backups import Site, backed_up, content, edge
from tests.support.clock import HandClock, RealClock
from tests.support.events import crossing, open_log


@pytest.fixture
def south(tmp_path: Path) -> Site:
    return Site(tmp_path / "south").set_up("south", "bbbbbbbbbbbb", 5)


@pytest.fixture
def restored(south: Site, tmp_path: Path) -> Site:
    """A device that is on trial after a restore."""
    north = Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 7, "other")
    (south.config.parent / "secrets" / "cam2").write_text("stays\n")
    done = edge("restore", backed_up(north, tmp_path / "x.backup"), "--config", south.config, "--replace")
    assert done.code == 0, done.err
    return south


def worker(health: Health, *, runs: bool) -> None:
    health.set_worker("rest", WorkerHealth(running=runs))


def settle(trial: RestoreTrial, clock: HandClock) -> None:
    """Let the minute pass, and what is removed then be removed."""
    clock.move(TRIAL_S + 1)
    assert trial.tick()
    for thread in [each for each in threading.enumerate() if each.name == "restore-tidy"]:
        thread.join(10)


class Then:
    """A file in whose midst something happens."""

    def __init__(self, file: BinaryIO, happens: Callable[[], None]) -> None:
        self._file = file
        self._happens = happens
        self._reads = 0

    def read(self, count: int, /) -> bytes:
        self._reads += 1
        if self._reads == 3:
            self._happens()
        return self._file.read(min(count, 1000))


def test_a_good_minute_settles_it(restored: Site) -> None:
    resume(restored.config)
    clock, health = HandClock(), Health()
    worker(health, runs=True)
    trial = RestoreTrial(restored.state, clock, health)
    clock.move(TRIAL_S - 1)
    assert trial.tick()
    folder = RestoreFolder(restored.state)
    assert folder.applied() is not None
    settle(trial, clock)
    assert list(folder.path.iterdir()) == []
    resume(restored.config)
    assert len(restored.ids()) == 7


def test_what_is_uploaded_within_that_minute_can_be_restored_after_it(restored: Site, tmp_path: Path) -> None:
    resume(restored.config)
    clock, health = HandClock(), Health()
    worker(health, runs=True)
    trial = RestoreTrial(restored.state, clock, health)
    east = Site(tmp_path / "east").set_up("east", "cccccccccccc", 3)
    desk = Desk(restored.config, restored.state, lambda: subject_of(restored.config), lambda: None)
    with backed_up(east, tmp_path / "e.backup").open("rb") as backup:
        offer = desk.take(Then(backup, lambda: settle(trial, clock)))
    with backed_up(east, tmp_path / "e2.backup").open("rb") as backup:
        later = desk.take(backup)
    settle(trial, clock)
    with pytest.raises(BackupError, match="meanwhile"):
        desk.restore(replace_it=True, offer=offer)
    desk.restore(replace_it=True, offer=later)
    resume(restored.config)
    assert len(restored.ids()) == 3


def test_a_bad_minute_ends_the_program_and_the_next_start_takes_it_back(south: Site, restored: Site) -> None:
    resume(restored.config)
    given = restored.reserved()
    clock, health = HandClock(), Health()
    worker(health, runs=False)
    trial = RestoreTrial(restored.state, clock, health)
    clock.move(TRIAL_S + 1)
    assert not trial.tick()
    resume(restored.config)
    assert (south.state / "device-id").read_text() == "bbbbbbbbbbbb\n"
    assert "name: south" in south.config.read_text()
    assert (south.config.parent / "secrets" / "cam1").read_text() == "pw\n"
    assert (south.config.parent / "secrets" / "cam2").read_text() == "stays\n"
    assert len(south.ids()) == 5
    assert south.reserved() >= given
    told = Health()
    again = RestoreTrial(south.state, clock, told)
    assert "rest failed" in told.snapshot().flags[FLAG]
    assert "is as it was before" in told.snapshot().flags[FLAG]
    clock.move(TRIAL_S + 1)
    assert again.tick()
    later = Health()
    RestoreTrial(south.state, clock, later)
    assert later.snapshot().flags == {}
    with open_log(south.state, RealClock()) as log:
        log.append([crossing()], RealClock().now_us())
        assert log.flush(60)
    assert south.ids()[-1] > given


def test_a_device_that_never_gets_through_a_minute_is_taken_back(south: Site, restored: Site) -> None:
    for _ in range(MOST_STARTS):
        resume(restored.config)
        assert len(restored.ids()) == 7
    resume(restored.config)
    assert len(south.ids()) == 5
    assert "3 times" in RestoreFolder(south.state).outcome()


def test_a_second_restore_settles_the_first(restored: Site, tmp_path: Path) -> None:
    now = content(restored)
    east = Site(tmp_path / "east").set_up("east", "cccccccccccc", 3)
    assert edge("restore", backed_up(east, tmp_path / "e.backup"), "--config", restored.config, "--replace").code == 0
    folder = RestoreFolder(restored.state)
    order = folder.applied()
    assert order is not None
    folder.order(order.taken_back("a test"))
    resume(restored.config)
    assert content(restored) == now


def test_notes_that_name_what_no_backup_has_are_not_followed(south: Site) -> None:
    folder = RestoreFolder(south.state)
    folder.make()
    for names in (["../../etc/passwd"], ["lock"], [7]):
        (folder.path / "pending.json").write_text(f'{{"act": "apply", "put": {names}}}'.replace("'", '"'))
        assert folder.pending() is None
    before = content(south)
    resume(south.config)
    assert content(south) == before


def test_where_the_settings_cannot_be_written_nothing_is_restored(south: Site, tmp_path: Path) -> None:
    """A folder stands where the settings file is written beside: nobody can write there, root neither."""
    north = Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 7, "other")
    file = backed_up(north, tmp_path / "x.backup")
    blocked = south.config.with_name("edge.yaml.new")
    (blocked / "x").mkdir(parents=True)
    before = content(south)
    done = edge("restore", file, "--config", south.config, "--replace")
    assert done.code == 1
    assert "cannot be written" in done.err
    shutil.rmtree(blocked)
    before.pop("etc/edge.yaml.new/x", None)
    assert content(south) == before


def test_where_only_root_can_put_the_settings_back_its_unit_has_the_next_turn(restored: Site) -> None:
    folder = RestoreFolder(restored.state)
    order = folder.applied()
    assert order is not None
    folder.on_trial(replace(order, starts=MOST_STARTS))
    blocked = restored.config.with_name("edge.yaml.new")
    (blocked / "x").mkdir(parents=True)
    with pytest.raises(RestartNeeded):
        resume(restored.config)
    assert len(restored.ids()) == 7
    shutil.rmtree(blocked)
    assert edge("restore", "--settings", "--config", restored.config).code == 0
    assert "name: south" in restored.config.read_text()
    resume(restored.config)
    assert len(restored.ids()) == 5


def test_without_that_unit_the_state_is_taken_back_all_the_same(restored: Site) -> None:
    folder = RestoreFolder(restored.state)
    order = folder.applied()
    assert order is not None
    folder.on_trial(replace(order, starts=MOST_STARTS))
    (restored.config.with_name("edge.yaml.new") / "x").mkdir(parents=True)
    with pytest.raises(RestartNeeded):
        resume(restored.config)
    resume(restored.config)
    assert len(restored.ids()) == 5
    assert "but not its settings" in folder.outcome()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may replace what the program cannot read")
def test_root_replaces_nothing_that_the_program_may_not_read(tmp_path: Path) -> None:
    north = Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 3)
    north.config.write_text(north.config.read_text().replace("secrets/cam1", "tls/device.pem"))
    (north.config.parent / "tls").mkdir()
    (north.config.parent / "tls" / "device.pem").write_text("theirs\n")
    south = Site(tmp_path / "south").set_up("south", "bbbbbbbbbbbb", 3)
    private = south.config.parent / "tls" / "device.pem"
    private.parent.mkdir()
    private.write_text("own\n")
    private.chmod(0o600)
    os.chown(south.config.parent, 0, 12345)
    done = edge("restore", backed_up(north, tmp_path / "x.backup"), "--config", south.config, "--replace")
    assert done.code == 1
    assert "may not read" in done.err
    assert private.read_text() == "own\n"
    assert len(south.ids()) == 3
    assert "name: south" in south.config.read_text()
