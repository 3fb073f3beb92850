"""How long a camera that hangs is left alone."""

import threading
from pathlib import Path

import pytest

from edge.capture.hangs import FILE_NAME, Hangs, boot_id
from tests.support.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_a_row_of_hangs_grows_over_processes_up_to_a_quarter_of_an_hour(tmp_path: Path, clock: HandClock) -> None:
    waits = []
    for _ in range(8):
        process = Hangs(clock, tmp_path / FILE_NAME, "this start")
        waits.append(process.left_s("porch"))
        clock.move(waits[-1])
        assert process.left_s("porch") == 0.0
        process.note("porch")
    assert waits == [0.0, 10.0, 30.0, 90.0, 270.0, 810.0, 900.0, 900.0]
    assert Hangs(clock, tmp_path / FILE_NAME, "this start").left_s("yard") == 0.0


def test_the_time_goes_on_while_other_cameras_restart_the_program(tmp_path: Path, clock: HandClock) -> None:
    hung(clock, tmp_path, 4)
    clock.move(100.0)
    assert Hangs(clock, tmp_path / FILE_NAME, "this start").left_s("porch") == 170.0


def test_a_new_start_of_the_machine_begins_anew(tmp_path: Path, clock: HandClock) -> None:
    hung(clock, tmp_path, 4)
    anew = Hangs(clock, tmp_path / FILE_NAME, "the next start")
    assert anew.left_s("porch") == 0.0
    assert not anew.is_away("porch")


@pytest.mark.parametrize(("hangs", "enough_s"), [(1, 60.0), (4, 270.0)])
def test_it_is_forgotten_once_the_camera_has_worked_for_as_long_as_it_was_left_alone(
    tmp_path: Path, clock: HandClock, hangs: int, enough_s: float
) -> None:
    rows = hung(clock, tmp_path, hangs)
    rows.works("porch", 1.0)
    assert rows.is_away("porch")
    rows.works("porch", enough_s - 1.0)
    assert not rows.is_away("porch")
    rows.note("porch")
    assert rows.left_s("porch") == min(900.0, 10.0 * 3**hangs), "the row goes on"
    rows.works("porch", 3.0 * enough_s)
    assert Hangs(clock, tmp_path / FILE_NAME, "this start").left_s("porch") == 0.0


def test_who_has_seen_to_it_need_not_wait(tmp_path: Path, clock: HandClock) -> None:
    rows = hung(clock, tmp_path, 3)
    rows.note("yard")
    rows.forget("porch")
    assert (rows.left_s("porch"), rows.left_s("yard")) == (0.0, 10.0)
    rows.forget()
    assert Hangs(clock, tmp_path / FILE_NAME, "this start").left_s("yard") == 0.0


def test_nothing_is_written_while_nothing_changes(tmp_path: Path, clock: HandClock) -> None:
    rows = Hangs(clock, tmp_path / FILE_NAME, "this start")
    rows.works("porch", 100.0)
    rows.forget()
    rows.forget("porch")
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[]",
        '{"porch": 3}',
        '{"porch": {"hangs": "many", "until_s": 1, "boot": "this start"}}',
        '{"porch": {"hangs": 3, "until_s": 1, "boot": "this start", "more": 1}}',
    ],
)
def test_a_damaged_file_costs_only_the_wait(tmp_path: Path, clock: HandClock, damaged: str) -> None:
    (tmp_path / FILE_NAME).write_text(damaged)
    rows = Hangs(clock, tmp_path / FILE_NAME, "this start")
    assert rows.left_s("porch") == 0.0
    rows.note("porch")
    assert rows.left_s("porch") == 10.0


def test_a_file_that_cannot_be_written_costs_only_the_wait(tmp_path: Path, clock: HandClock) -> None:
    rows = Hangs(clock, tmp_path / "none" / FILE_NAME, "this start")
    rows.note("porch")
    assert rows.left_s("porch") == 10.0


def test_people_are_told_meanwhile_and_a_stop_ends_the_wait(tmp_path: Path, clock: HandClock) -> None:
    rows, stop, said = hung(clock, tmp_path, 6), threading.Event(), list[str]()

    def turn(text: str) -> None:
        said.append(text)
        stop.set()

    rows.leave_alone("porch", stop, turn)
    assert len(said) == 1
    assert said[0].startswith("it hung 6 times in a row, the program was each time started anew to get it back; it is")
    assert "tried again in 15 minutes, so that the other cameras run meanwhile" in said[0]


def test_the_machine_has_an_id_of_its_start() -> None:
    assert boot_id() == boot_id() != ""


def hung(clock: HandClock, folder: Path, times: int) -> Hangs:
    rows = Hangs(clock, folder / FILE_NAME, "this start")
    for _ in range(times):
        rows.note("porch")
    return rows
