"""What goes wrong with disks and files."""

import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.health import Health
from edge.model.event import EventType
from edge.settings import RetentionSettings
from edge.store.check import IntegrityCheck
from edge.store.errors import StoreError
from edge.store.event_log import EventLog
from edge.store.inbox import Appended, Inbox
from edge.store.query import EventQuery
from edge.store.schema import MIGRATIONS, migrate
from tests.support.clock import START_US, TestClock
from tests.support.disks import hog, mounted
from tests.support.events import appear, crossing, disappear, new_log, open_log, running

EVERYTHING = EventQuery(limit=10**6)


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def fill(folder: Path, count: int, *, retention: RetentionSettings | None = None) -> None:
    with open_log(folder, retention=retention) as log:
        for number in range(count):
            log.append([crossing(number)], START_US)
        assert log.flush(30)


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match=r"version 99.*install the newer program"):
        new_log(tmp_path).open()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection, connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="another program's database"):
        new_log(tmp_path).open()


def test_an_older_version_is_brought_up_keeping_its_rows(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    connection = sqlite3.connect(tmp_path / "events.db", isolation_level=None)

    def add_column(opened: sqlite3.Connection) -> None:
        opened.execute("ALTER TABLE event ADD COLUMN weather TEXT")

    migrate(connection, (*MIGRATIONS, add_column))
    migrate(connection, (*MIGRATIONS, add_column))
    assert connection.execute("SELECT count(*), count(weather) FROM event").fetchone() == (3, 0)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    connection.close()


def test_a_failed_step_leaves_the_version_before_it(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)

    def broken(opened: sqlite3.Connection) -> None:
        opened.execute("CREATE TABLE half (a)")
        opened.execute("nonsense")

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, broken))
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    connection.close()


def test_an_empty_file_is_a_new_log(tmp_path: Path) -> None:
    (tmp_path / "events.db").touch()
    fill(tmp_path, 1)


def test_a_file_that_is_no_database_is_put_aside_and_ids_are_not_given_again(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    (tmp_path / "events.db").write_bytes(b"no database" * 1000)
    health = Health()
    with open_log(tmp_path, health=health) as log:
        assert "0 events saved" in health.snapshot().flags["event_log_repaired"]
        log.append([crossing()], START_US)
        assert log.flush(5)
        assert log.select(EVERYTHING)[0].event_id > 5
    assert (tmp_path / "events.db.bad-1").read_bytes().startswith(b"no database")


def test_a_deleted_file_does_not_bring_ids_back(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    (tmp_path / "events.db").unlink()
    with open_log(tmp_path) as log:
        assert log.last_event_id() >= 5


def test_junk_in_the_middle_costs_only_what_lay_there(tmp_path: Path) -> None:
    fill(tmp_path, 4000)
    path = tmp_path / "events.db"
    pages = path.stat().st_size // 1024
    with path.open("r+b") as file:
        for page in (pages // 3, pages // 2):
            file.seek(page * 1024)
            file.write(random.Random(page).randbytes(1024))
    health = Health()
    with open_log(tmp_path, health=health) as log:
        assert "saved" in health.snapshot().flags["event_log_repaired"]
        kept = log.select(EVERYTHING)
        assert len(kept) > 3000
        assert all(stored.event.object_id == stored.event_id - 1 for stored in kept)
        assert log.last_event_id() >= 4000
        log.append([crossing()], START_US)
        assert log.flush(5)
        assert log.select(EVERYTHING)[-1].event_id > 4000
    assert (tmp_path / "events.db.bad-1").exists()


def test_damage_found_while_running_is_repaired(tmp_path: Path) -> None:
    fill(tmp_path, 3000)
    health = Health()
    with open_log(tmp_path, health=health) as log, running(log):
        path = tmp_path / "events.db"
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2 // 1024 * 1024)
            file.write(bytes(range(256)) * 16)
        with pytest.raises(StoreError):
            log.select(EVERYTHING)
        until(lambda: "event_log_repaired" in health.snapshot().flags)
        until(lambda: log.flush(1))
        assert len(log.select(EVERYTHING)) > 2000


def test_only_two_bad_files_are_kept(tmp_path: Path) -> None:
    for _ in range(4):
        (tmp_path / "events.db").write_bytes(b"no database" * 1000)
        fill(tmp_path, 1)
    assert sorted(path.name for path in tmp_path.glob("*.bad-*")) == ["events.db.bad-3", "events.db.bad-4"]


def test_a_repair_cut_short_is_finished_at_the_next_start(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    shutil.copy(tmp_path / "events.db", tmp_path / "events.db.repaired")
    (tmp_path / "events.db").write_bytes(b"no database" * 1000)
    with open_log(tmp_path) as log:
        assert len(log.select(EVERYTHING)) == 3


def test_two_processes_cannot_share_a_folder(tmp_path: Path) -> None:
    with open_log(tmp_path), pytest.raises(StoreError, match="another edge uses"):
        new_log(tmp_path).open()


def test_a_lock_held_by_another_program_only_delays(tmp_path: Path) -> None:
    health = Health()
    with open_log(tmp_path, health=health) as log, running(log):
        other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        log.append([crossing()], START_US)
        until(lambda: "locked" in health.snapshot().flags.get("event_log_waiting", ""))
        other.execute("ROLLBACK")
        other.close()
        assert log.flush(30)
        until(lambda: not health.snapshot().flags)
        assert len(log.select(EVERYTHING)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as disk:
        yield disk


def append_until_waiting(log: EventLog, health: Health) -> int:
    count = 0
    deadline = time.monotonic() + 60
    while "event_log_waiting" not in health.snapshot().flags:
        assert time.monotonic() < deadline
        for _ in range(50):
            count += 1
            log.append([appear(count), crossing(count)], START_US, b"\xff\xd8\xff\xd9")
        time.sleep(0.02)
    return count


def test_a_full_disk_delays_events_and_loses_none(small_disk: Path) -> None:
    health = Health()
    with open_log(small_disk, health=health) as log, running(log):
        log.append([crossing(0)], START_US)
        assert log.flush(10)
        big = hog(small_disk)
        count = append_until_waiting(log, health)
        committed = len(log.select(EVERYTHING))
        assert committed >= 1
        assert log.pending()
        assert not log.flush(0.1)
        big.unlink()
        assert log.flush(60)
        until(lambda: not health.snapshot().flags)
        ids = [stored.event_id for stored in log.select(EVERYTHING)]
        assert ids == list(range(1, 2 * count + 2))


def test_a_device_starts_on_a_full_disk_and_loses_nothing_of_what_it_has(small_disk: Path) -> None:
    fill(small_disk, 50)
    assert (small_disk / "ballast").exists()
    hog(small_disk)
    with open_log(small_disk) as log:
        assert len(log.select(EVERYTHING)) == 50


def test_a_disk_without_any_room_is_told(small_disk: Path) -> None:
    fill(small_disk, 50)
    (small_disk / "ballast").unlink()
    hog(small_disk)
    with pytest.raises(StoreError, match="the disk is full"), open_log(small_disk):
        pass


def test_a_full_disk_does_not_keep_old_events_from_going(small_disk: Path) -> None:
    clock = TestClock()
    with open_log(small_disk, clock, retention=RetentionSettings(events_days=1)) as log:
        for number in range(200):
            log.append([crossing(number)], START_US)
        assert log.flush(30)
        hog(small_disk)
        clock.wall_us += 2 * 86_400_000_000
        for number in range(20):
            clock.ahead_s += 60
            log.append([crossing(number)], START_US)
            log.flush(1)
        assert not log.select(EventQuery(until_id=201))
        assert len(log.select(EventQuery(since_id=200))) == 20


def events_and_pictures(log: EventLog, clock: TestClock, count: int) -> None:
    for number in range(count):
        log.append([crossing(number)], clock.wall_us, b"\xff\xd8" + bytes(100_000) + b"\xff\xd9")
        assert log.flush(10)


def pictures_of(disk: Path) -> list[int]:
    return sorted(int(path.stem) for path in (disk / "snapshots").glob("*/*.jpg"))


def test_on_a_full_disk_the_oldest_pictures_go_first_and_no_event(small_disk: Path) -> None:
    clock, health = TestClock(), Health()
    with open_log(small_disk, clock, health=health) as log:
        events_and_pictures(log, clock, 40)
        assert pictures_of(small_disk) == list(range(1, 41))
        big = hog(small_disk, leave=1_000_000)
        clock.ahead_s += 60
        log.flush(1)
        left = pictures_of(small_disk)
        assert left == list(range(41 - len(left), 41)), "the newest are left"
        assert len(left) < 40
        assert "pictures of events are deleted, the oldest first" in health.snapshot().notices["disk_full"]
        events_and_pictures(log, clock, 10)
        assert [stored.event_id for stored in log.select(EVERYTHING)] == list(range(1, 51))
        assert health.snapshot().flags == {}
        big.unlink()
        clock.ahead_s += 60
        events_and_pictures(log, clock, 1)
        clock.ahead_s += 60
        log.flush(1)
        assert health.snapshot().notices == {}
        assert pictures_of(small_disk)[-1] == 51


def test_where_a_disk_stays_full_the_oldest_events_make_room_for_the_newest(small_disk: Path) -> None:
    health = Health()
    with open_log(small_disk, health=health) as log, running(log):
        for number in range(8000):
            log.append([crossing(number)], START_US)
        assert log.flush(60)
        hog(small_disk)
        for number in range(8000, 19_500):
            log.append([crossing(number)], START_US)
        until(lambda: log.first_event_id() > 1 or log.pending() == 0, 60)
        until(lambda: log.pending() < 11_000, 60)
        assert log.lost() == 0
        ids = [stored.event_id for stored in log.select(EVERYTHING)]
        assert ids == list(range(ids[0], ids[-1] + 1)), "without a gap"


def test_what_cannot_be_kept_is_counted_and_stays_balanced() -> None:
    inbox = Inbox(max_events=2)
    for event in (appear(1), appear(2), appear(3), crossing(1), disappear(3), disappear(1), disappear(2)):
        inbox.put(Appended((event,), START_US, 0.0))
    taken = [appended.events[0] for appended in inbox.take(100)]
    assert [(event.type, event.object_id) for event in taken] == [
        (EventType.OBJECT_APPEAR, 1),
        (EventType.OBJECT_APPEAR, 2),
        (EventType.OBJECT_DISAPPEAR, 1),
        (EventType.OBJECT_DISAPPEAR, 2),
    ]
    assert inbox.lost == 3


def test_the_daily_check_finds_damage_and_has_it_repaired(tmp_path: Path) -> None:
    fill(tmp_path, 3000)
    health = Health()
    with open_log(tmp_path, health=health) as log, running(log):
        path = tmp_path / "events.db"
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2 // 1024 * 1024)
            file.write(bytes(range(256)) * 16)
        stop, beats = threading.Event(), list[int]()
        check = IntegrityCheck(log, first_s=0.0, every_s=3600.0)
        thread = threading.Thread(target=check.run, args=(stop, lambda: beats.append(1)))
        thread.start()
        until(lambda: "event_log_repaired" in health.snapshot().flags)
        stop.set()
        thread.join(30)
        assert not thread.is_alive()
        assert beats
        until(lambda: len(log.select(EVERYTHING)) > 2000)


def test_a_sound_file_passes_the_check(tmp_path: Path) -> None:
    fill(tmp_path, 300)
    with open_log(tmp_path) as log:
        assert log.check(lambda: True) == ""
