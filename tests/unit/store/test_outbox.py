"""Cursors that are there after whatever happens."""

import random
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.health import Health
from edge.store.errors import StoreError
from edge.store.outbox import FLAG_ANEW, FLAG_WAITING, KEPT_S
from edge.store.outbox_file import ReaderState
from tests.support.clock import HandClock
from tests.support.disks import hog, mounted
from tests.support.outboxes import new_outbox, open_outbox

FILE = "deliveries.db"
HOOK = "webhook:a"
INSERT_WINDOW = "INSERT INTO window VALUES (?, ?, ?, ?, ?)"
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as disk:
        yield disk


def test_a_cursor_is_there_after_a_restart(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor("webhook:a") is None
        outbox.move("webhook:a", 7)
        outbox.move("mqtt", 9)
        outbox.move("webhook:a", 8)
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor("webhook:a") == 8
        assert outbox.cursor("mqtt") == 9
        assert outbox.cursor("program:x") is None


def test_what_only_had_to_be_passed_is_saved_with_the_next_or_at_the_end(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        outbox.move("mqtt", 5)
        outbox.move("mqtt", 6, save=False)
        with closing(sqlite3.connect(tmp_path / FILE)) as file:
            assert file.execute("SELECT event_id FROM reader").fetchall() == [(5,)]
        outbox.move("webhook:a", 7)
        with closing(sqlite3.connect(tmp_path / FILE)) as file:
            assert file.execute("SELECT event_id FROM reader ORDER BY name").fetchall() == [(6,), (7,)]
        outbox.move("mqtt", 8, save=False)
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor("mqtt") == 8


def test_a_new_reader_begins_at_the_newest_event(tmp_path: Path) -> None:
    with open_outbox(tmp_path, newest_id=40) as outbox:
        assert outbox.begin("mqtt") == 40
    with open_outbox(tmp_path, newest_id=50) as outbox:
        assert outbox.begin("mqtt") == 40
        assert outbox.begin("webhook:new") == 50


def test_a_cursor_beyond_a_log_that_was_put_back_is_taken_back(tmp_path: Path) -> None:
    with open_outbox(tmp_path, newest_id=40) as outbox:
        outbox.begin("mqtt")
    with open_outbox(tmp_path, newest_id=30) as outbox:
        assert outbox.begin("mqtt") == 30


def test_all_of_a_reader_is_kept_and_moving_on_ends_its_failure(tmp_path: Path) -> None:
    failing = ReaderState(event_id=3, attempts=4, failing_s=1_700_000_000, problem="refused", given_up=2)
    with open_outbox(tmp_path) as outbox:
        outbox.put("webhook:a", failing, given_up=2)
    with open_outbox(tmp_path) as outbox:
        assert outbox.state("webhook:a") == failing
        outbox.move("webhook:a", 4)
        assert outbox.state("webhook:a") == ReaderState(event_id=4, given_up=2)


def test_a_reader_that_left_the_settings_is_remembered_for_a_week(tmp_path: Path) -> None:
    clock = HandClock()
    with open_outbox(tmp_path, clock) as outbox:
        for reader in ("gone", "back", "stays"):
            outbox.move(reader, 5)
        outbox.keep(["stays"])
        clock.move(KEPT_S - 10)
        outbox.keep(["stays", "back"])
        assert outbox.cursor("gone") == 5
        clock.move(20)
        outbox.tidy()
        assert outbox.cursor("gone") is None
    with open_outbox(tmp_path, clock) as outbox:
        assert [outbox.cursor(reader) for reader in ("gone", "back", "stays")] == [None, 5, 5]


def test_a_week_is_not_counted_from_a_time_that_was_not_known(tmp_path: Path) -> None:
    clock = HandClock(now_us=1_000_000)
    clock.is_synced = False
    with open_outbox(tmp_path, clock) as outbox:
        outbox.move("gone", 5)
        outbox.keep([])
        clock.step(1_700_000_000)
        clock.is_synced = True
        outbox.tidy()
        assert outbox.cursor("gone") == 5
        clock.move(KEPT_S + 10)
        outbox.tidy()
        assert outbox.cursor("gone") is None


@pytest.mark.parametrize("kind", ["text", "middle", "foreign"])
def test_a_damaged_file_is_moved_aside_and_begun_at_the_newest_event(tmp_path: Path, kind: str) -> None:
    with open_outbox(tmp_path, newest_id=3) as outbox:
        for number in range(300):
            outbox.move(f"webhook:{number}", number)
    damaged = tmp_path / FILE
    if kind == "text":
        damaged.write_text("no database at all, " * 200)
    elif kind == "middle":
        body = bytearray(damaged.read_bytes())
        body[1024 : len(body)] = random.Random(1).randbytes(len(body) - 1024)
        damaged.write_bytes(body)
    else:
        with closing(sqlite3.connect(damaged)) as other:
            other.execute("PRAGMA application_id = 77")
    health = Health()
    with open_outbox(tmp_path, health=health, newest_id=900) as outbox:
        assert outbox.begin("webhook:5") == 900
    assert (tmp_path / f"{FILE}.bad-1").exists()
    assert "begun anew" not in str(health.snapshot().flags[FLAG_ANEW])
    assert "check the disk" in health.snapshot().flags[FLAG_ANEW]
    with open_outbox(tmp_path, newest_id=950) as outbox:
        assert outbox.begin("webhook:5") == 900


def test_damage_that_shows_while_it_runs_costs_no_cursor(tmp_path: Path) -> None:
    health = Health()
    with open_outbox(tmp_path, health=health) as outbox:
        outbox.move("mqtt", 5)
        outbox.move("webhook:a", 6)
        with closing(sqlite3.connect(tmp_path / FILE)) as other:  # what is written by another is read anew
            other.execute("UPDATE reader SET attempts = 1")
            other.commit()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            (tmp_path / FILE).write_bytes(b"junk" * 4000)
            outbox.move("mqtt", 7)
        assert FLAG_ANEW in health.snapshot().flags
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor("mqtt") == 7
        assert outbox.cursor("webhook:a") == 6


def test_a_full_disk_is_waited_out(small_disk: Path) -> None:
    health = Health()
    with open_outbox(small_disk, health=health) as outbox:
        outbox.move("mqtt", 1)
        big = hog(small_disk)
        for number in range(200):  # the WAL's own room is used up before the disk is in the way
            outbox.move("webhook:a", number)
            outbox.put(f"webhook:{number}", ReaderState(problem="x" * 900))
        assert "free some space" in health.snapshot().flags[FLAG_WAITING]
        assert outbox.cursor("webhook:a") == 199
        big.unlink()
        outbox.tidy()
        assert FLAG_WAITING not in health.snapshot().flags
    with open_outbox(small_disk) as outbox:
        assert outbox.cursor("webhook:a") == 199


def test_a_file_that_cannot_be_opened_leaves_no_event_out(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        outbox.move("mqtt", 5)
    (tmp_path / FILE).rename(tmp_path / "elsewhere")
    (tmp_path / FILE).mkdir()
    health = Health()
    outbox = new_outbox(tmp_path, health=health, newest_id=90)
    outbox.open()
    with pytest.raises(StoreError, match=FILE):
        outbox.begin("mqtt")
    assert FLAG_WAITING in health.snapshot().flags
    (tmp_path / FILE).rmdir()
    (tmp_path / "elsewhere").rename(tmp_path / FILE)
    assert outbox.begin("mqtt") == 5
    assert FLAG_WAITING not in health.snapshot().flags
    outbox.close()


def test_many_threads_move_their_cursors(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:

        def walk(reader: str) -> None:
            for event_id in range(1, 101):
                outbox.move(reader, event_id)

        threads = [threading.Thread(target=walk, args=(f"webhook:{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    with open_outbox(tmp_path) as outbox:
        assert {outbox.cursor(f"webhook:{number}") for number in range(8)} == {100}


def test_threads_that_write_rows_share_the_file_with_those_that_move_cursors(tmp_path: Path) -> None:
    """The file has one connection: two transactions on it at once are refused by SQLite, or end the process."""
    written: Counter[str] = Counter()
    with open_outbox(tmp_path) as outbox:

        def insert(*row: str | int) -> bool:
            return outbox.write(lambda file: file.execute(INSERT_WINDOW, row))

        def sums(reader: str) -> None:
            for number in range(150):
                written[reader] += insert(reader, f"channel-{number}", 0, 1, 1)

        def walk(reader: str) -> None:
            for event_id in range(1, 151):
                outbox.move(reader, event_id)
                outbox.give_up(reader, 1)

        readers = [f"webhook:{number}" for number in range(4)]
        threads = [threading.Thread(target=each, args=(reader,)) for reader in readers for each in (sums, walk)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert written == dict.fromkeys(readers, 150)
        assert outbox.read(lambda file: file.execute("SELECT count(*) FROM window").fetchone()) == (600,)
        assert {(outbox.cursor(each), outbox.state(each).given_up) for each in readers} == {(150, 150)}


def test_what_another_gives_up_meanwhile_is_counted_too_and_what_is_rolled_back_is_not(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        outbox.begin(HOOK)
        before = outbox.state(HOOK)
        outbox.give_up(HOOK, 3)
        outbox.put(HOOK, replace(before, attempts=1))
        assert outbox.change(HOOK, replace(before, event_id=9), lambda _: outbox.give_up(HOOK, 2), given_up=1)
        assert outbox.state(HOOK) == ReaderState(event_id=9, given_up=6)

        def fail(_file: sqlite3.Connection) -> None:
            outbox.give_up(HOOK, 100)
            raise sqlite3.OperationalError("the card is gone")

        assert not outbox.change(HOOK, replace(before, event_id=10), fail, given_up=1)
        assert outbox.state(HOOK) == ReaderState(event_id=9, given_up=6)
    with open_outbox(tmp_path) as outbox:
        assert outbox.begin(HOOK) == 0  # the newest event, as this test's log has none
        assert outbox.state(HOOK).given_up == 6


def test_a_change_is_seen_once_it_is_written_and_what_was_given_up_is_told_by_then(tmp_path: Path) -> None:
    class Told(Health):
        def raise_flag(self, name: str, text: str) -> None:
            seen.append((text.split(";", maxsplit=1)[0], outbox.state(HOOK).event_id))
            super().raise_flag(name, text)

    seen: list[tuple[str, int]] = []
    with open_outbox(tmp_path, health=Told()) as outbox:
        outbox.begin(HOOK)
        state = ReaderState(event_id=9)
        assert outbox.change(HOOK, state, lambda _: seen.append(("written", outbox.state(HOOK).event_id)), given_up=2)
        assert (outbox.cursor(HOOK), outbox.state(HOOK).given_up) == (9, 2)
        outbox.put(HOOK, ReaderState(event_id=10), given_up=1)
    assert seen == [
        ("written", 0),
        (f"given up since the start: 2 of {HOOK}", 0),
        (f"given up since the start: 3 of {HOOK}", 9),
    ]


def test_its_thread_saves_and_ends(tmp_path: Path) -> None:
    outbox = new_outbox(tmp_path)
    outbox.open()
    outbox.move("mqtt", 4, save=False)
    stop = threading.Event()
    stop.set()
    outbox.run(stop, lambda: None)
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        assert file.execute("SELECT event_id FROM reader").fetchall() == [(4,)]
    outbox.close()


def test_a_step_that_was_made_is_there_after_kill_9(tmp_path: Path) -> None:
    for kill in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.support.outboxes", str(tmp_path)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        ) as victim:
            assert victim.stdout is not None
            lines = [victim.stdout.readline() for _ in range(50 + 37 * kill)]
            victim.kill()
            lines += victim.stdout.readlines()
        told = max(int(line) for line in lines if line.endswith("\n"))
        with open_outbox(tmp_path) as outbox:
            reached = outbox.cursor("webhook:a")
        assert reached in (told, told + 1)
