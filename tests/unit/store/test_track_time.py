"""Tracks of before the clock was set: they get their right times, and are as old as they are."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.settings import RetentionSettings
from edge.store.replayed_scenes import unpack
from edge.store.track_file import FILE_NAME, Chunk, TrackReader
from edge.store.track_log import TrackLog
from tests.support.clock import HandClock
from tests.unit.store.test_track_log import scene

WRONG_US = 1_577_836_800_000_000
STEP_S = 203_000_000.0
HOUR_S = 3600.0
FOREVER = 2**62
DAY = RetentionSettings(tracks_h=24)


def unset(now_us: int = WRONG_US) -> HandClock:
    clock = HandClock(now_us)
    clock.is_synced = False
    return clock


def set_right(clock: HandClock) -> None:
    clock.step(STEP_S)
    clock.is_synced = True


def see(log: TrackLog, clock: HandClock, number: int, *, ago_s: float = 0.0) -> None:
    """One frame a tenth of a second."""
    clock.move(0.1)
    log.add(replace(scene(number), time_us=clock.now_us() - round(ago_s * 1e6)))


def chunks(folder: Path) -> list[Chunk]:
    return list(TrackReader(folder).chunks("gate", -FOREVER, FOREVER))


def seen_us(folder: Path) -> list[int]:
    return [each.time_us for chunk in chunks(folder) for each in unpack("gate", chunk.body, chunk.shift_us)]


def right(clock: HandClock, *ago_s: float) -> list[int]:
    return [clock.now_us() - round(each * 1e6) for each in ago_s]


def test_what_was_written_before_the_clock_was_set_is_kept_and_gets_its_right_time(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    log.write()
    assert seen_us(tmp_path) == right(clock, 0)
    set_right(clock)
    clock.move(1.0)
    log.write()
    assert seen_us(tmp_path) == right(clock, 1.0)
    (chunk,) = chunks(tmp_path)
    assert TrackReader(tmp_path).spans() == {"gate": (clock.now_us() - 1_000_000,) * 2}
    assert (chunk.since_us, chunk.until_us) == TrackReader(tmp_path).spans()["gate"]
    assert list(TrackReader(tmp_path).chunks("gate", clock.now_us() - 2_000_000, clock.now_us())) == [chunk]
    assert not list(TrackReader(tmp_path).chunks("gate", WRONG_US, WRONG_US + 10_000_000))


def test_what_waits_when_the_clock_is_set_is_told_by_both_clocks_and_one_stream(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    see(log, clock, 1)
    set_right(clock)
    see(log, clock, 2)
    log.write()
    assert seen_us(tmp_path) == right(clock, 0.2, 0.1, 0.0)
    assert [chunk.stream for chunk in chunks(tmp_path)] == [chunks(tmp_path)[0].stream] * 2


def test_a_frame_of_just_before_the_step_that_comes_after_it_is_right_too(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    set_right(clock)
    see(log, clock, 1, ago_s=STEP_S)
    see(log, clock, 2)
    log.write()
    assert seen_us(tmp_path) == right(clock, 0.2, 0.1, 0.0)


def test_a_clip_with_a_clock_of_its_own_keeps_its_times_and_is_as_old_as_it_is(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    clip = scene(0)
    log.add(clip)
    log.write()
    set_right(clock)
    log.write()
    assert seen_us(tmp_path) == [clip.time_us]
    clock.move(25 * HOUR_S)
    log.write()
    assert not chunks(tmp_path)


def test_age_counts_from_when_it_was_however_the_clock_was_set(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    log.write()
    clock.move(23 * HOUR_S)
    see(log, clock, 1)
    log.write()
    set_right(clock)
    clock.move(0.5 * HOUR_S)
    log.write()
    assert len(chunks(tmp_path)) == 2
    clock.move(1.0 * HOUR_S)
    log.write()
    assert [chunk.since_us for chunk in chunks(tmp_path)] == right(clock, 1.5 * HOUR_S)
    clock.move(23 * HOUR_S)
    log.write()
    assert not chunks(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        assert file.execute("SELECT (SELECT count(*) FROM era), (SELECT count(*) FROM told)").fetchone() == (0, 0)


def test_a_clock_that_nobody_set_and_that_is_years_ahead_deletes_nothing_but_its_own(tmp_path: Path) -> None:
    clock = HandClock()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    log.write()
    clock.reboot(clock.now_us() + round(STEP_S * 1e6), "second")
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 1)
    log.write()
    assert len(chunks(tmp_path)) == 2
    clock.move(25 * HOUR_S)
    see(log, clock, 2)
    log.write()
    assert [chunk.since_us for chunk in chunks(tmp_path)] == right(clock, 0)


@pytest.mark.parametrize("restart", ["the program", "the machine"])
def test_a_new_start_of_the_program_changes_nothing_and_one_of_the_machine_hides_the_time(
    tmp_path: Path, restart: str
) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    log.write()
    told_us = clock.now_us()
    if restart == "the machine":
        clock.reboot(WRONG_US, "second")
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 1)
    log.write()
    set_right(clock)
    see(log, clock, 2)
    log.write()
    first_us = told_us if restart == "the machine" else clock.now_us() - 200_000
    assert seen_us(tmp_path) == [first_us, *right(clock, 0.1, 0.0)]
    clock.move(23 * HOUR_S)
    log.write()
    assert len(chunks(tmp_path)) == 3
    clock.move(2 * HOUR_S)
    log.write()
    assert not chunks(tmp_path)


def test_a_clock_set_twice_before_it_is_right_makes_both_right(tmp_path: Path) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    clock.step(86_400.0)
    see(log, clock, 1)
    log.write()
    clock.step(-7_200.0)
    see(log, clock, 2)
    set_right(clock)
    log.write()
    assert seen_us(tmp_path) == right(clock, 0.2, 0.1, 0.0)


def older(path: Path) -> None:
    """Make the file what a program made that knew no eras."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript("DROP TABLE told; DROP TABLE era")


@pytest.mark.parametrize("change", [older, lambda path: path.unlink()], ids=["of before", "gone"])
def test_a_file_of_before_and_one_that_is_gone_are_gone_on_with(tmp_path: Path, change: Callable[[Path], None]) -> None:
    clock = unset()
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 0)
    log.write()
    log.retain(RetentionSettings(tracks_h=24))
    stop_us = clock.now_us()
    change(tmp_path / FILE_NAME)
    if (tmp_path / FILE_NAME).exists():
        assert seen_us(tmp_path) == [stop_us]
    log = TrackLog(tmp_path, clock, DAY)
    see(log, clock, 1)
    log.write()
    set_right(clock)
    log.write()
    assert seen_us(tmp_path)[-1:] == right(clock, 0.0)
