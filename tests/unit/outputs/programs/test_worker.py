"""One program over a real log: what it is run for, what is passed over, and what is said of it."""

import json
import logging
from datetime import UTC
from pathlib import Path

import pytest

from edge.model.event import EventType, StoredEvent
from edge.outputs.payload import event_json
from edge.outputs.programs.backlog import MOST, OLDEST_S
from edge.outputs.programs.program import Program
from edge.outputs.programs.target import ProgramTarget
from edge.settings import ProgramSettings
from tests.support.clock import START_US, HandClock, TestClock
from tests.support.events import appear, crossing
from tests.support.programs import running, script, until


@pytest.fixture
def keeper(tmp_path: Path) -> str:
    """A program that keeps what it gets, one line an event."""
    return script(tmp_path / "keep", f"cat >> {tmp_path}/got")


def got(folder: Path) -> list[dict[str, object]]:
    path = folder / "got"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ids(folder: Path) -> list[object]:
    return [body["event_id"] for body in got(folder)]


def test_it_is_run_for_each_event_it_asks_for_in_order(tmp_path: Path, keeper: str) -> None:
    with running(tmp_path, TestClock(), keeper, events=(EventType.TRIPWIRE_CROSSED,)) as program:
        program.log.append([appear(1), crossing(1), appear(2), crossing(2)], START_US)
        until(lambda: len(got(tmp_path)) == 2)
        until(lambda: program.state.programs[1].well == 2)
    assert ids(tmp_path) == [2, 4]
    assert got(tmp_path)[0] == event_json(StoredEvent(2, crossing(1)), UTC)


def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path, keeper: str) -> None:
    clock = TestClock()
    with running(tmp_path, clock, keeper) as program:
        program.log.append([crossing(1)], START_US)
        until(lambda: program.state.programs[1].well == 1)
    with running(tmp_path, clock, keeper) as program:
        program.log.append([crossing(2)], START_US)
        until(lambda: program.state.programs[1].well == 1)
    assert ids(tmp_path) == [1, 2]


def test_one_in_whose_run_the_device_stops_comes_again(tmp_path: Path) -> None:
    hanging = script(tmp_path / "p", f"cat >> {tmp_path}/got; test -e {tmp_path}/free || exec sleep 1000")
    clock = TestClock()
    with running(tmp_path, clock, hanging, timeout_s=900) as program:
        program.log.append([crossing(1), crossing(2)], START_US)
        until(lambda: ids(tmp_path) == [1])
    (tmp_path / "free").touch()
    with running(tmp_path, clock, hanging, timeout_s=900):
        until(lambda: ids(tmp_path) == [1, 1, 2])


def test_what_is_hours_old_at_the_start_is_passed_over(
    tmp_path: Path, keeper: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock(START_US)
    hanging = script(tmp_path / "keep", "exec sleep 1000")
    with running(tmp_path, clock, hanging, timeout_s=900) as program:
        program.log.append([crossing(1)] * 3, START_US)
        program.log.append([crossing(2, time_us=START_US + 1_000_000_000)], START_US + 1_000_000_000)
        until(lambda: program.log.last_event_id() == 4)
    script(tmp_path / "keep", f"cat >> {tmp_path}/got")
    clock.move(OLDEST_S + 60)
    with running(tmp_path, clock, keeper, timeout_s=900) as program:
        until(lambda: program.state.programs[1].well == 1)
        until(lambda: not program.state.flags)
        assert program.state.programs[1].passed_over == 3
    assert ids(tmp_path) == [4]
    assert "program 1 (keep): falls behind; events are passed over" in caplog.text
    assert "program 1 (keep): has caught up; passed over so far: 3" in caplog.text


def test_more_than_the_queue_holds_is_passed_over_counted_and_said_at_once(tmp_path: Path) -> None:
    slow = script(tmp_path / "slow", f"cat >> {tmp_path}/got; while ! test -e {tmp_path}/free; do sleep 0.05; done")
    with running(tmp_path, TestClock(), slow, timeout_s=900) as program:
        program.log.append([crossing(1)], START_US)
        until(lambda: ids(tmp_path) == [1])
        program.log.append([crossing(2)] * (MOST + 20), START_US)
        until(lambda: program.state.programs[1].passed_over == 20)
        assert program.state.programs[1].waiting == MOST
        assert program.state.flags["program 1"].startswith("slow takes longer than events come: 20 were passed over")
        assert not program.state.healthy
        (tmp_path / "free").touch()
        until(lambda: not program.state.flags)
        assert program.state.programs[1].waiting == 0
    assert ids(tmp_path) == [1, *range(22, MOST + 22)]


def test_an_event_that_waits_for_an_hour_is_passed_over(tmp_path: Path) -> None:
    slow = script(tmp_path / "slow", f"cat >> {tmp_path}/got; while ! test -e {tmp_path}/free; do sleep 0.05; done")
    clock = HandClock(START_US)
    with running(tmp_path, clock, slow, timeout_s=3600) as program:
        program.log.append([crossing(1), crossing(2)], START_US)
        until(lambda: ids(tmp_path) == [1])
        until(lambda: program.state.programs[1].waiting == 1)
        clock.move(OLDEST_S + 1)
        program.log.append([crossing(3)], START_US)
        until(lambda: program.state.programs[1].waiting == 2)
        (tmp_path / "free").touch()
        until(lambda: ids(tmp_path) == [1, 3])
        until(lambda: program.state.programs[1].passed_over == 1)


def test_a_clock_that_jumps_by_years_keeps_no_fresh_event_from_its_run(tmp_path: Path, keeper: str) -> None:
    clock = HandClock(0)
    with running(tmp_path, clock, keeper) as program:
        program.log.append([crossing(1, time_us=0)], 0)
        clock.step(55 * 365 * 86_400)
        program.log.append([crossing(2, time_us=1)], 1)
        until(lambda: ids(tmp_path) == [1, 2])


def test_one_that_is_not_there_is_a_fault_until_it_is_installed(tmp_path: Path) -> None:
    name = tmp_path / "later"
    with running(tmp_path, TestClock(), str(name), "s3cr3t-argument") as program:
        assert "later cannot be started: there is no such program" in program.state.flags["program 1"]
        program.log.append([crossing(1)], START_US)
        until(lambda: program.state.programs[1].not_started == 1)
        assert "there is no such file" in program.state.flags["program 1"]
        assert "s3cr3t" not in program.state.flags["program 1"]
        script(name, "exit 0")
        program.log.append([crossing(2)], START_US)
        until(lambda: program.state.programs[1].well == 1)
        assert not program.state.flags


def test_failures_are_said_once_with_code_and_output(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fails = script(tmp_path / "fails", f"echo password: s3cr3t; test -e {tmp_path}/free || exit 7")
    caplog.set_level(logging.DEBUG, "edge.programs")
    with running(tmp_path, TestClock(), fails) as program:
        program.log.append([crossing(1), crossing(2)], START_US)
        until(lambda: program.state.programs[1].failed == 2)
        (tmp_path / "free").touch()
        program.log.append([crossing(3)], START_US)
        until(lambda: program.state.programs[1].well == 1)
        until(lambda: "works again" in caplog.text)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [text.partition(",")[0] for text in warnings] == [
        "program 1 (fails): event 1: ended with code 7",
        "program 1 (fails): password: ***",
    ]
    assert "s3cr3t" not in caplog.text


def test_the_time_limit_is_counted(tmp_path: Path) -> None:
    with running(tmp_path, TestClock(), "sleep", "1000", timeout_s=0.2) as program:
        program.log.append([crossing(1)], START_US)
        until(lambda: program.state.programs[1].timed_out == 1)


def target_of(*command: str, number: int = 1, events: tuple[EventType, ...] = ()) -> ProgramTarget:
    settings = ProgramSettings(command=command, events=events)
    return ProgramTarget(Program(number=number, settings=settings, reader="program:x"), UTC)


def test_a_program_is_a_target_of_test_alarms(tmp_path: Path, keeper: str) -> None:
    target = target_of(keeper, "x", number=2, events=(EventType.TRIPWIRE_CROSSED,))
    assert (target.name, target.address) == ("program 2", "keep")
    assert (target.wants(crossing()), target.wants(appear())) == (True, False)
    told = target.send(crossing(), 5.0)
    assert (told.delivered, told.text, told.http_status) == (True, "ended with code 0", None)
    (body,) = got(tmp_path)
    assert body["test"] is True
    assert "event_id" not in body
    assert body["rule_name"] == "Line 1"


def test_a_target_that_hangs_or_fails_says_so(tmp_path: Path) -> None:
    hangs = target_of("sleep", "1000")
    assert hangs.send(crossing(), 1.0).text == "had not ended after 0.4 s"
    fails = target_of("false")
    assert fails.send(crossing(), 5.0).text == "ended with code 1"
    none = target_of(str(tmp_path / "none"))
    assert none.send(crossing(), 5.0).text.startswith("cannot be started: there is no such file")
