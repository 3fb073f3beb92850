"""Tracks as they are written, kept, bounded and read."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.geometry import Box
from edge.model.origin import Origin
from edge.model.scene import Scene, Sighting, Track
from edge.settings import RetentionSettings
from edge.store import track_log
from edge.store.eras import Moment
from edge.store.errors import StoreError
from edge.store.query import EventQuery
from edge.store.replayed_scenes import unpack
from edge.store.retention import TRACKS_SHARE
from edge.store.track_file import FILE_NAME, Chunk, TrackFile, TrackReader
from edge.store.track_log import TrackLog
from tests.support.clock import START_US, HandClock, TestClock
from tests.support.disks import hog, mounted
from tests.support.events import crossing, open_log

DAY = RetentionSettings()
FOREVER = 2**62
NOW = Moment(1_700_000_000_000_000, 100.0, synced=True, started_us=0, boot="first", age_s=1_700_000_000)


def scene(number: int, channel_id: str = "gate", *, aspect: float = 1.5, objects: int = 1) -> Scene:
    """The scene of one of ten frames a second, with somebody who walks."""
    now_s = number / 10
    box = Box(0.1 + number % 700 / 1000, 0.2, 0.2 + number % 700 / 1000, 0.6)
    seen = Track(1, box, Origin.PEDESTRIAN, 1.0, 0.0, now_s, (Sighting(now_s, box),))
    tracks = tuple(replace(seen, object_id=each) for each in range(1, objects + 1))
    return Scene(channel_id, 1_700_000_000_000_000 + number * 100_000, now_s, aspect, tracks)


def chunks(folder: Path, channel_id: str = "gate") -> list[Chunk]:
    return list(TrackReader(folder).chunks(channel_id, -FOREVER, FOREVER))


def times(folder: Path, channel_id: str = "gate") -> list[list[float]]:
    """Return the stream's seconds of every scene, a list a stream."""
    found: dict[int, list[float]] = {}
    for chunk in chunks(folder, channel_id):
        found.setdefault(chunk.stream, []).extend(each.stream_s for each in unpack(channel_id, chunk.body))
    return list(found.values())


def test_what_was_added_is_read_in_its_order(tmp_path: Path) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    for number in range(5):
        log.add(scene(number))
        log.add(scene(number, "yard"))
        if number == 2:
            log.write()
    log.write()
    assert times(tmp_path) == times(tmp_path, "yard") == [[0.0, 0.1, 0.2, 0.3, 0.4]]
    assert [chunk.ended for chunk in chunks(tmp_path)] == [False, False]
    assert TrackReader(tmp_path).spans() == dict.fromkeys(
        ("gate", "yard"), (1_700_000_000_000_000, 1_700_000_000_400_000)
    )


@pytest.mark.parametrize("written_before", [False, True])
def test_a_stream_that_ends_is_marked(tmp_path: Path, *, written_before: bool) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    log.add(scene(0))
    if written_before:
        log.write()
    log.end("gate")
    log.end("nobody")
    log.add(scene(1))
    log.write()
    assert [chunk.ended for chunk in chunks(tmp_path)] == [True, False]
    assert times(tmp_path) == [[0.0], [0.1]]


@pytest.mark.parametrize("after", [scene(3), scene(2), scene(9, aspect=1.2)])
def test_what_does_not_go_on_is_a_stream_of_its_own(tmp_path: Path, after: Scene) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    log.add(scene(3))
    log.add(after)
    log.write()
    assert times(tmp_path) == [[0.3], [after.stream_s]]


def test_streams_of_another_run_are_others_though_the_clock_stands(tmp_path: Path) -> None:
    clock = HandClock()
    for number in range(2):
        log = TrackLog(tmp_path, clock, DAY)
        log.add(scene(number))
        log.write()
        clock.move(0.000001)
    assert times(tmp_path) == [[0.0], [0.1]]


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    clock = HandClock()
    log = TrackLog(tmp_path, clock, RetentionSettings(tracks_h=1))
    log.add(scene(0))
    log.write()
    clock.move(3500)
    log.add(scene(1))
    log.write()
    clock.move(200)
    log.write()
    assert times(tmp_path) == [[0.1]]


def test_the_file_keeps_to_its_share_and_the_oldest_go(tmp_path: Path) -> None:
    bound = 2**20
    file = TrackFile(tmp_path / "tracks.db")
    assert file.open() == ""
    for number in range(40):
        file.put([Chunk("gate", 1, number, number, ended=False, body=os.urandom(100_000))], (), NOW)
        file.trim(NOW, 3600, bound)
    file.close()
    assert (tmp_path / "tracks.db").stat().st_size <= 1.1 * bound
    kept = [chunk.since_us for chunk in chunks(tmp_path)]
    assert len(kept) >= 5
    assert kept == list(range(40 - len(kept), 40))


def test_the_log_trims_to_a_share_of_what_is_allowed(tmp_path: Path) -> None:
    file = TrackFile(tmp_path / "tracks.db")
    assert file.open() == ""
    file.put([Chunk("gate", 1, n, n, ended=False, body=os.urandom(10**6)) for n in range(6)], (), NOW)
    file.close()
    log = TrackLog(tmp_path, HandClock(), RetentionSettings(max_mb=8))
    log.add(scene(0))
    log.write()
    assert (tmp_path / "tracks.db").stat().st_size <= 8 * 2**20 * TRACKS_SHARE
    assert chunks(tmp_path)[-1].stream > 1


def test_none_are_kept_where_none_are_asked_for(tmp_path: Path) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    log.add(scene(0))
    log.write()
    log.retain(RetentionSettings(tracks_h=0))
    log.add(scene(1))
    log.write()
    assert not (tmp_path / "tracks.db").exists()
    with pytest.raises(StoreError, match="tracks_h"):
        TrackReader(tmp_path).spans()
    log.retain(DAY)
    log.add(scene(2))
    log.write()
    assert times(tmp_path)[-1] == [0.2]


@pytest.mark.parametrize("damaged", ["text", "foreign"])
def test_a_file_that_is_damaged_or_not_ours_is_begun_anew(
    tmp_path: Path, damaged: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tracks.db"
    if damaged == "text":
        path.write_bytes(b"no database at all" * 400)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (id)")
    log = TrackLog(tmp_path, HandClock(), DAY)
    log.add(scene(0))
    with caplog.at_level(logging.ERROR, "edge.store"):
        log.write()
    assert "begun anew" in caplog.text
    assert times(tmp_path) == [[0.0]]


def test_damage_that_shows_while_it_runs_costs_what_waits_only(tmp_path: Path) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    for number in range(1200):
        log.add(scene(number, objects=9))
    log.write()
    with (tmp_path / "tracks.db").open("r+b") as file:
        file.write(b"\xff" * 8192)
    for number in range(1200, 1210):
        log.add(scene(number))
        log.write()
    assert times(tmp_path)[-1][-1] == 120.9


def test_what_cannot_be_written_is_let_go_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tracks.db").mkdir()
    log = TrackLog(tmp_path, HandClock(), DAY)
    with caplog.at_level(logging.WARNING, "edge.store"):
        for number in range(3):
            log.add(scene(number))
            log.write()
        (tmp_path / "tracks.db").rmdir()
        log.add(scene(3))
        log.add(scene(4))
        log.write()
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "tracks are not kept",
        "tracks are kept again; 3 frames of them were not",
    ]
    assert log.lost == 3
    assert times(tmp_path) == [[0.3, 0.4]]


def test_no_more_waits_than_there_is_room_for(tmp_path: Path) -> None:
    log = TrackLog(tmp_path, HandClock(), DAY)
    for number in range(700):
        log.add(scene(number, objects=99))
    assert log.lost == 100
    log.write()
    log.add(scene(700))
    log.write()
    assert [len(stream) for stream in times(tmp_path)] == [600, 1]


def test_its_thread_writes_by_time_by_number_and_at_the_end(tmp_path: Path) -> None:
    clock = HandClock()
    log = TrackLog(tmp_path, clock, DAY)
    stop, beaten = threading.Event(), threading.Semaphore(0)
    thread = threading.Thread(target=log.run, args=(stop, beaten.release))
    thread.start()
    try:
        for number in range(210):
            log.add(scene(number, objects=99))
        _until(beaten, lambda: is_begun(tmp_path) and sum(map(len, times(tmp_path))) >= 200)
        log.add(scene(300))
        clock.move(track_log.WRITE_S + 1)
        _until(beaten, lambda: times(tmp_path)[0][-1] == 30.0)
        log.add(scene(301))
    finally:
        stop.set()
        thread.join(30)
    assert times(tmp_path)[0][-1] == 30.1


def test_a_file_that_is_being_made_has_no_tracks_yet(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(StoreError, match="there are no tracks"):
        chunks(tmp_path)


def is_begun(folder: Path) -> bool:
    try:
        TrackReader(folder).spans()
    except StoreError as error:
        assert "there are no tracks" in str(error)  # noqa: PT017 - which error it is
        return False
    return True


def _until(beaten: threading.Semaphore, found: Callable[[], bool]) -> None:
    """Ask at each turn of the thread until the answer is true."""
    while not found():
        assert beaten.acquire(timeout=30), "it has stopped"


def test_on_a_full_disk_tracks_go_before_any_event(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk, open_log(disk) as log:
        tracks = TrackLog(disk, TestClock(), RetentionSettings())
        log.append([crossing()], START_US)
        assert log.flush(10)
        tracks.add(scene(0))
        tracks.write()
        assert (disk / "tracks.db").exists()
        big = hog(disk, leave=2_000_000)
        tracks.add(scene(1))
        tracks.write()
        assert not (disk / "tracks.db").exists()
        assert tracks.lost == 1
        assert len(log.select(EventQuery())) == 1
        big.unlink()
        tracks.add(scene(2))
        tracks.write()
        assert (disk / "tracks.db").exists()
