from pathlib import Path

from edge.settings import RetentionSettings
from edge.store.query import EventQuery
from edge.store.retention import Limits
from tests.support.clock import START_US, TestClock
from tests.support.events import CHANNEL, crossing, open_log

DAY_US = 86_400_000_000
EVERYTHING = EventQuery(limit=10**6)


def test_old_events_go_and_ids_go_on(tmp_path: Path) -> None:
    clock = TestClock()
    with open_log(tmp_path, clock, retention=RetentionSettings(events_days=1)) as log:
        log.append([crossing(number) for number in range(1, 301)], START_US)
        assert log.flush(10)
        clock.wall_us += 2 * DAY_US
        clock.ahead_s += 60
        log.append([crossing(9)], START_US)
        assert log.flush(10)
        assert [stored.event_id for stored in log.select(EVERYTHING)] == [301]
    clock.wall_us += 2 * DAY_US
    with open_log(tmp_path, clock, retention=RetentionSettings(events_days=1)) as log:
        assert (log.last_event_id(), log.last_object_id(CHANNEL)) == (301, 300)


def test_a_clip_of_long_ago_is_kept_as_long_as_any(tmp_path: Path) -> None:
    clock = TestClock()
    with open_log(tmp_path, clock) as log:
        for _ in range(3):
            clock.ahead_s += 60
            log.append([crossing(time_us=START_US - 4000 * DAY_US)], START_US - 4000 * DAY_US)
            assert log.flush(10)
        assert len(log.select(EVERYTHING)) == 3


def test_a_clock_that_was_not_set_makes_nothing_old(tmp_path: Path) -> None:
    clock = TestClock(wall_us=0, is_synced=False)
    with open_log(tmp_path, clock) as log:
        log.append([crossing()], 0)
        assert log.flush(10)
    clock.wall_us, clock.is_synced, clock.boot_name = START_US, True, "second"
    with open_log(tmp_path, clock) as log:
        clock.ahead_s += 60
        log.append([crossing()], START_US)
        assert log.flush(10)
        assert len(log.select(EVERYTHING)) == 2
        assert [stored.clock_synced for stored in log.select(EVERYTHING)] == [False, True]


def test_the_file_stays_within_its_size(tmp_path: Path) -> None:
    clock = TestClock()
    with open_log(tmp_path, clock, retention=RetentionSettings(max_mb=1)) as log:
        for _ in range(80):
            log.append([crossing(number) for number in range(500)], START_US)
            clock.ahead_s += 60
            assert log.flush(30)
        kept = log.select(EVERYTHING)
        assert kept[0].event_id > 1
        assert kept[-1].event_id == 40_000
        assert (tmp_path / "events.db").stat().st_size < 1_300_000


def test_pictures_go_with_their_events_and_by_size(tmp_path: Path) -> None:
    clock = TestClock()
    jpeg = b"\xff\xd8" + bytes(100_000) + b"\xff\xd9"
    with open_log(tmp_path, clock, retention=RetentionSettings(events_days=1, snapshots_mb=1)) as log:
        for number in range(30):
            log.append([crossing(number)], START_US, jpeg)
            assert log.flush(10)
        there = [number for number in range(1, 31) if log.snapshot(number) is not None]
        assert there == list(range(31 - len(there), 31))
        assert 8 <= len(there) <= 10
        assert log.select(EVERYTHING)[0].snapshot_path == "/v1/snapshots/1.jpg"
        clock.wall_us += 2 * DAY_US
        clock.ahead_s += 60
        log.append([crossing()], START_US)
        assert log.flush(10)
        assert not list((tmp_path / "snapshots").iterdir())


def test_no_snapshots_where_none_are_wanted(tmp_path: Path) -> None:
    with open_log(tmp_path, retention=RetentionSettings(snapshots_mb=0)) as log:
        log.append([crossing()], START_US, b"\xff\xd8\xff\xd9")
        assert log.flush(10)
        assert log.select(EVERYTHING)[0].snapshot_path == ""
        assert log.snapshot(1) is None


def test_a_torn_picture_counts_as_missing_and_one_without_event_goes(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8picture\xff\xd9"
    with open_log(tmp_path) as log:
        log.append([crossing()], START_US, jpeg)
        assert log.flush(10)
        (tmp_path / "snapshots" / "000000" / "1.jpg").write_bytes(jpeg[:5])
        assert log.snapshot(1) is None
    stray = tmp_path / "snapshots" / "000000" / "2.jpg"
    stray.write_bytes(jpeg)
    with open_log(tmp_path) as log:
        assert not stray.exists()
        log.append([crossing()], START_US)
        assert log.flush(10)
        assert log.snapshot(2) is None


def test_other_limits_count_while_running(tmp_path: Path) -> None:
    clock = TestClock()
    jpeg = b"\xff\xd8picture\xff\xd9"
    with open_log(tmp_path, clock) as log:
        log.append([crossing()], START_US, jpeg)
        assert log.flush(10)
        clock.wall_us += 3 * DAY_US
        log.retain(RetentionSettings(events_days=1, snapshots_mb=0))
        log.append([crossing()], START_US, jpeg)
        assert log.flush(10)
        assert [stored.event_id for stored in log.select(EVERYTHING)] == [2]
        assert (log.snapshot(1), log.snapshot(2)) == (None, None)


def test_tracks_count_against_the_size_but_never_above_their_share() -> None:
    limits = Limits(days=1, max_bytes=1000)
    assert [limits.beside(size).max_bytes for size in (0, 100, 250, 9000)] == [1000, 900, 750, 750]
