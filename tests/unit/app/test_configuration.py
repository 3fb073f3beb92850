from dataclasses import replace
from pathlib import Path

import pytest

from edge.app.configuration import FLAG, LAST_GOOD, TRIAL_S, Configuration, first_load
from edge.config.errors import ConfigErrors
from edge.health import Health, WorkerHealth
from edge.settings import DeviceSettings, Settings
from tests.support.clock import HandClock

GOOD = "device: {name: %s}\nstate_dir: %s\n"
BAD = "device: {nmae: x}\nstate_dir: %s\n"


class Rig:
    """A configuration file with everything that hangs on it; `applied` are the names in force, in order."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.path = folder / "edge.yaml"
        self.write("one")
        self.clock = HandClock()
        self.health = Health()
        self.applied: list[str] = []
        self.configuration = Configuration(
            self.path, first_load(self.path), health=self.health, clock=self.clock, apply=self.apply
        )

    def apply(self, before: Settings, after: Settings) -> None:
        assert before != after
        self.applied.append(after.device.name)

    def write(self, name: str) -> None:
        self.path.write_text(GOOD % (name, self.state))

    def pass_trial(self) -> None:
        self.clock.move(TRIAL_S + 1)
        self.configuration.tick()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_changed_file_is_applied_once(rig: Rig) -> None:
    rig.write("two")
    rig.configuration.reload()
    rig.configuration.reload()
    assert rig.applied == ["two"]
    assert rig.configuration.current.device.name == "two"


def test_a_file_that_does_not_validate_changes_nothing_and_is_told(rig: Rig) -> None:
    rig.path.write_text(BAD % rig.state)
    rig.configuration.reload()
    assert rig.applied == []
    assert "did you mean name" in rig.health.snapshot().flags[FLAG].replace("'", "")
    rig.write("one")
    rig.configuration.reload()
    assert FLAG not in rig.health.snapshot().flags


def test_a_vanished_file_changes_nothing(rig: Rig) -> None:
    rig.path.unlink()
    rig.configuration.reload()
    assert rig.configuration.current.device.name == "one"
    assert FLAG in rig.health.snapshot().flags


def test_a_healthy_minute_keeps_a_copy(rig: Rig) -> None:
    rig.configuration.tick()
    assert not (rig.state / LAST_GOOD).exists()
    rig.pass_trial()
    assert (rig.state / LAST_GOOD).read_text() == GOOD % ("one", rig.state)


def test_an_unhealthy_minute_rolls_back_to_the_last_good_and_says_so(rig: Rig) -> None:
    rig.pass_trial()
    rig.write("two")
    rig.configuration.reload()
    rig.health.set_worker("rest", WorkerHealth(running=False, error="the port is taken"))
    rig.pass_trial()
    assert rig.applied == ["two", "one"]
    fault = rig.health.snapshot().flags[FLAG]
    assert "rest failed" in fault
    assert "rolled back" in fault
    assert (rig.state / LAST_GOOD).read_text() == GOOD % ("one", rig.state)


def test_a_start_that_does_badly_goes_back_to_what_did_well_before_it(rig: Rig) -> None:
    rig.pass_trial()
    rig.write("two")
    health = Health()
    health.set_worker("rest", WorkerHealth(running=False, error="the port is taken"))
    started = Configuration(rig.path, first_load(rig.path), health=health, clock=rig.clock, apply=rig.apply)
    assert started.current.device.name == "two"
    rig.clock.move(TRIAL_S + 1)
    started.tick()
    assert started.current.device.name == "one"
    assert rig.applied == ["one"]
    assert "rolled back" in health.snapshot().flags[FLAG]


def test_a_start_with_a_broken_file_uses_the_last_good_copy(rig: Rig) -> None:
    rig.pass_trial()
    rig.path.write_text(BAD % rig.state)
    loaded = first_load(rig.path)
    assert loaded.settings.device.name == "one"
    assert "edge.yaml:1" in loaded.fault
    health = Health()
    Configuration(rig.path, loaded, health=health, clock=rig.clock, apply=rig.apply)
    assert "last good" in health.snapshot().flags[FLAG]


def test_a_start_with_a_broken_file_and_no_copy_names_the_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(BAD % (tmp_path / "none"))
    with pytest.raises(ConfigErrors, match="nmae"):
        first_load(path)


def test_what_is_adapted_holds_until_the_file_is_read_anew(rig: Rig) -> None:
    rig.configuration.adapt(lambda settings: settings)
    assert rig.applied == []
    rig.configuration.adapt(lambda settings: replace(settings, device=DeviceSettings(name="other")))
    assert rig.configuration.current.device.name == "other"
    rig.pass_trial()
    assert "name: one" in (rig.state / LAST_GOOD).read_text(), "what is kept is the file"
    rig.configuration.reload()
    assert rig.applied == ["other", "one"]
