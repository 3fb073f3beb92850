"""`edge backup` and `edge restore`: the commands, on real devices and real disks."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest

from edge.store.database import connect_reader
from edge.store.query import EventQuery
from edge.store.schema import MIGRATIONS
from edge.store.tokens import Tokens
from tests.support.appliance import appliance, start, until
from tests.support.backups import ROOT, Site, altered, backed_up, content, edge, members_of, packed
from tests.support.clock import RealClock
from tests.support.disks import hog, mounted
from tests.support.events import crossing, open_log
from tests.support.receivers import Receiver
from tests.support.walkers import write_walk

STRIDE = int(os.environ.get("EDGE_KILL_STRIDE", "7"))
"""Every so many steps of a restore it is killed; 1 takes minutes."""


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("north")).set_up("north", "aaaaaaaaaaaa", 30)


@pytest.fixture(scope="module")
def backup(north: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backed_up(north, tmp_path_factory.mktemp("backup") / "north.backup")


@pytest.fixture
def south(tmp_path: Path) -> Site:
    return Site(tmp_path / "south").set_up("south", "bbbbbbbbbbbb", 10, "other")


def test_a_log_under_load_is_backed_up_at_one_moment_and_goes_on_elsewhere(tmp_path: Path, south: Site) -> None:
    site = Site(tmp_path / "busy").set_up("busy", "cccccccccccc", 1)
    words = [sys.executable, "-m", "tests.support.store_load", str(site.state)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None
            shown = [int(writer.stdout.readline()) for _ in range(500)]
            file = backed_up(site, tmp_path / "busy.backup")
            after = [int(writer.stdout.readline()) for _ in range(500)]
        finally:
            writer.kill()
    done = edge("restore", file, "--config", south.config, "--replace")
    assert done.code == 0, done.err
    restored, original = south.rows(), site.rows()
    assert set(shown) <= set(south.ids())
    assert restored == original[: len(restored)]
    assert len(restored) == len(set(south.ids()))
    assert after[-1] > south.ids()[-1]
    last = site.ids()[-1]
    with open_log(south.state, RealClock()) as log:  # closes what was open at that moment
        log.append([crossing()], RealClock().now_us())
        assert log.flush(60)
        fresh = [each.event_id for each in log.select(EventQuery(since_id=south.ids()[len(restored) - 1], limit=10**6))]
        assert fresh
        assert min(fresh) > last


def test_everything_of_a_device_comes_along_where_it_is_replaced(north: Site, backup: Path, south: Site) -> None:
    tokens = Tokens(south.state / "tokens.json").names() + Tokens(north.state / "tokens.json").names()
    done = edge("restore", backup, "--config", south.config, "--replace")
    assert done.code == 0, done.err
    told = done.out
    assert "backup of edge-aaaaaa (id aaaaaaaaaaaa)" in told
    assert "must never run again" in told
    assert south.rows() == north.rows()
    assert (south.state / "device-id").read_text() == "aaaaaaaaaaaa\n"
    text = south.config.read_text()
    assert text.startswith("# set up by hand")
    assert f'state_dir: "{south.state}"' in text
    assert f"password_file: {south.config.parent}/secrets/cam1" in text
    assert (south.config.parent / "secrets" / "cam1").read_text() == "pw\n"
    assert sorted(Tokens(south.state / "tokens.json").names()) == sorted(tokens)
    pictures = {path.name for path in (north.state / "snapshots").rglob("*.jpg")}
    assert {path.name for path in (south.state / "snapshots").rglob("*.jpg")} == pictures
    assert south.reserved() >= north.reserved() + 1_000_000
    assert edge("check-config", "--config", south.config).code == 0


def test_a_device_stays_who_it_is_unless_it_is_told_otherwise(north: Site, backup: Path, south: Site) -> None:
    given = south.reserved()
    before = Tokens(south.state / "tokens.json").names()
    done = edge("restore", backup, "--config", south.config)
    assert done.code == 0, done.err
    assert "keeps its id (bbbbbbbbbbbb)" in done.out
    assert (south.state / "device-id").read_text() == "bbbbbbbbbbbb\n"
    assert Tokens(south.state / "tokens.json").names() == before
    assert south.rows() == north.rows()
    assert not (south.state / "deliveries.db").exists()
    assert south.reserved() >= max(given, north.reserved())


def test_going_back_gives_no_id_twice_and_no_token_back(tmp_path: Path) -> None:
    site = Site(tmp_path / "site").set_up("site", "dddddddddddd", 12)
    file = backed_up(site, tmp_path / "site.backup")
    tokens = Tokens(site.state / "tokens.json")
    tokens.revoke("site")
    tokens.create("later")
    with open_log(site.state, RealClock()) as log:
        log.append([crossing() for _ in range(5)], RealClock().now_us())
        assert log.flush(60)
    (site.config.parent / "secrets" / "cam1").unlink()
    newest = site.ids()[-1]
    done = edge("restore", file, "--config", site.config)
    assert done.code == 0, done.err
    assert "goes back to that moment" in done.out
    assert len(site.ids()) == 12
    assert tokens.names() == ["later"]
    assert (site.config.parent / "secrets" / "cam1").read_text() == "pw\n"
    with open_log(site.state, RealClock()) as log:
        log.append([crossing()], RealClock().now_us())
        assert log.flush(60)
    assert site.ids()[-1] > newest


def test_without_secrets_and_pictures(north: Site, tmp_path: Path) -> None:
    north.config.write_text(f"{north.config.read_text()}mqtt: {{host: 192.0.2.9}}\n")
    file = backed_up(north, tmp_path / "open.backup", "--without-secrets", "--without-pictures")
    names = set(members_of(file))
    assert not [name for name in names if "secrets" in name or "snapshots" in name or "tokens" in name]
    assert {"config/edge.yaml", "state/device-id", "state/events.db"} <= names
    south = Site(tmp_path / "south").set_up("south", "bbbbbbbbbbbb", 3)
    done = edge("restore", file, "--config", south.config, "--check")
    assert done.code == 0, done.err
    assert "made without secrets" in done.out
    assert "no pictures" in done.out


def program(*words: object, stdin: bytes = b"", stdout: int | BinaryIO = subprocess.PIPE) -> tuple[int, bytes, str]:
    """Run a command as a process of its own: its exit code, its output, what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "edge", *map(str, words)],
        cwd=ROOT, input=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr.decode()


def test_through_pipes_and_only_readable_for_its_owner(north: Site, tmp_path: Path, south: Site) -> None:
    file = backed_up(north, tmp_path / "a.backup", "--without-pictures")
    assert file.stat().st_mode & 0o777 == 0o600
    code, piped, said = program("backup", "-", "--config", north.config, "--without-pictures")
    assert code == 0, said
    assert "it holds passwords" in said
    before = content(south)
    code, _, said = program("restore", "-", "--check", "--config", south.config, stdin=piped)
    assert code == 0, said
    assert content(south) == before
    assert list((south.state / "restore").iterdir()) == []
    assert not list(north.state.glob(".edge-backup-*"))
    with Path("/dev/full").open("wb") as full:
        code, _, said = program("backup", "-", "--config", north.config, stdout=full)
    assert code == 1
    assert said.splitlines()[-1].startswith("edge: ")


def of_schema(version: int) -> Callable[[dict[str, bytes], Path], None]:
    def change(members: dict[str, bytes], folder: Path) -> None:
        changed = altered(members["state/events.db"], folder, f"PRAGMA user_version = {version}")
        members["state/events.db"] = changed

    return change


def with_sql(*sql: str) -> Callable[[dict[str, bytes], Path], None]:
    def change(members: dict[str, bytes], folder: Path) -> None:
        members["state/events.db"] = altered(members["state/events.db"], folder, *sql)

    return change


def with_head(before: bytes, after: bytes) -> Callable[[dict[str, bytes], Path], None]:
    def change(members: dict[str, bytes], _folder: Path) -> None:
        assert before in members["backup.json"]
        members["backup.json"] = members["backup.json"].replace(before, after)

    return change


def with_member(name: str, text: bytes) -> Callable[[dict[str, bytes], Path], None]:
    return lambda members, _folder: members.update({name: text})


def without(name: str) -> Callable[[dict[str, bytes], Path], None]:
    def change(members: dict[str, bytes], _folder: Path) -> None:
        del members[name]

    return change


REFUSED: dict[str, tuple[Callable[[dict[str, bytes], Path], None], str]] = {
    "newer form": (with_head(b'"format": 1', b'"format": 2'), "this program reads form 1"),
    "no device": (with_head(b"aaaaaaaaaaaa", b"../../etc/aa"), "cannot be read"),
    "other count": (with_head(b'"events": 30', b'"events": 31'), "does not hold the events"),
    "no settings": (without("config/edge.yaml"), "has no settings"),
    "wrong settings": (with_member("config/edge.yaml", b"chanels: []\n"), "did you mean channels?"),
    "settings in latin-1": (with_member("config/edge.yaml", b"# \xe4\n"), "not UTF-8"),
    "tokens": (with_member("state/tokens.json", b"[]"), "tokens in this backup cannot be read"),
    "no database": (with_member("state/events.db", b"SQLite format 3\0" + bytes(4096)), "event log in this backup"),
    "newer log": (of_schema(len(MIGRATIONS) + 1), "install the newer program"),
    "trigger": (
        with_sql("CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END"),
        "trigger t that is not ours",
    ),
    "view": (with_sql("DROP TABLE block", "CREATE VIEW block AS SELECT 1"), "view block that is not ours"),
    "another program's": (with_sql("PRAGMA application_id = 7"), "another program's database"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_changes_nothing(name: str, backup: Path, south: Site, tmp_path: Path) -> None:
    change, says = REFUSED[name]
    members = members_of(backup)
    change(members, tmp_path)
    file = tmp_path / "changed.backup"
    file.write_bytes(packed(members))
    before = content(south)
    done = edge("restore", file, "--config", south.config, "--replace")
    assert done.code == 1
    assert says in done.err
    assert "Traceback" not in done.err
    assert content(south) == before
    assert list((south.state / "restore").iterdir()) == []


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_a_file_cut_short_changes_nothing(cut: float, backup: Path, south: Site, tmp_path: Path) -> None:
    file = tmp_path / "short.backup"
    file.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * cut)])
    before = content(south)
    done = edge("restore", file, "--config", south.config)
    assert done.code == 1
    assert "damaged or was cut short" in done.err
    assert content(south) == before
    assert list((south.state / "restore").iterdir()) == []


def test_damage_that_the_packing_does_not_show_is_found_by_the_manifest(
    backup: Path, south: Site, tmp_path: Path
) -> None:
    plain = bytearray(zlib.decompress(backup.read_bytes(), wbits=31))
    plain[plain.index(b"\xff\xd8picture") + 2] ^= 1
    file = tmp_path / "changed.backup"
    file.write_bytes(zlib.compress(bytes(plain), wbits=31))
    done = edge("restore", file, "--config", south.config)
    assert done.code == 1
    assert "not what its manifest lists" in done.err


def test_an_outbox_that_cannot_be_used_is_left_out_and_told(backup: Path, south: Site, tmp_path: Path) -> None:
    file = tmp_path / "changed.backup"
    file.write_bytes(packed({**members_of(backup), "state/deliveries.db": b"no database"}))
    done = edge("restore", file, "--config", south.config, "--replace")
    assert done.code == 0, done.err
    assert "go on at the newest event" in done.out
    assert not (south.state / "deliveries.db").exists()


def test_while_the_program_runs_nothing_is_restored(backup: Path, south: Site) -> None:
    with open_log(south.state, RealClock()):
        done = edge("restore", backup, "--config", south.config)
    assert done.code == 1
    assert "the program runs" in done.err
    assert not (south.state / "restore").exists()


def test_a_full_disk_is_told_and_left_as_it_was(north: Site, backup: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        done = edge("backup", disk / "x.backup", "--config", north.config)
        assert done.code == 1
        assert "MB of room for a while" in done.err
        site = Site(disk / "site").set_up("small", "eeeeeeeeeeee", 3)
        before = content(site)
        hog(disk)
        done = edge("restore", backup, "--config", site.config)
        assert done.code == 1
        assert "no room to unpack it" in done.err or "No space left" in done.err
        assert content(site) == before


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: what is killed there waits for no disk."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("way", "words"), [("do", ["--replace"]), ("do", []), ("undo", ["--replace"])], ids=["replace", "as-new", "undo"]
)
def test_killed_anywhere_a_device_is_as_it_was_or_as_it_is_restored(way: str, words: list[str], memory: Path) -> None:
    site = Site(memory / "site").set_up("south", "bbbbbbbbbbbb", 4, "other")
    north = Site(memory / "north").set_up("north", "aaaaaaaaaaaa", 5)
    file = backed_up(north, memory / "north.backup")
    shutil.copytree(site.folder, memory / "template")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_restore", memory / "template", file, way, str(STRIDE), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["differ"]
    assert found["kills"] >= 60 / STRIDE
    assert found["after"] > 0


def test_a_restored_device_counts_on_and_sends_no_webhook_twice(tmp_path: Path) -> None:
    write_walk(tmp_path / "walk.mp4", there_and_back=True)
    gate = (
        f"  - name: Gate\n    source: {{file: {{path: {tmp_path}/walk.mp4, loop: true, realtime: false}}}}\n"
        "    rules: [{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}]\n"
    )
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "x.backup"
    first.mkdir()
    (second / "state").mkdir(parents=True)
    with Receiver() as receiver:
        more = f'webhooks:\n  - {{url: "{receiver.url}", events: [TripwireCrossed]}}\n'
        with appliance(first, gate, more=more) as running:
            running.serve()
            until("events are delivered", lambda: len(receiver.received) > 5)
            done = edge("backup", file, "--config", running.config)
            assert done.code == 0, done.err
            assert running.stop() == 0
        done = edge("restore", file, "--config", second / "edge.yaml", "--state", second / "state", "--replace")
        assert done.code == 0, done.err
        site = Site(second)
        last, delivered = site.ids()[-1], cursor(site)
        assert delivered > 0
        with start(["run", "--config", str(second / "edge.yaml")], second / "log") as process:
            until("new events are delivered", lambda: [each for each in receiver.received if each.event_id > 10**6])
            process.terminate()
            assert process.wait(60) == 0
        times = Counter(each.event_id for each in receiver.received)
        assert [event_id for event_id, count in times.items() if count > 1 and event_id <= delivered] == []
        with open_log(site.state, RealClock()) as log:
            crossed = [each.event_id for each in log.select(EventQuery(limit=10**6)) if each.event.direction]
        assert {each for each in crossed if each <= last} <= set(times)
        assert [event_id for event_id in site.ids() if last < event_id <= last + 10**6] == []


def cursor(site: Site) -> int:
    """Return the last event that the one webhook is done with."""
    with closing(connect_reader(site.state / "deliveries.db")) as connection:
        ((event_id,),) = connection.execute("SELECT event_id FROM reader WHERE name LIKE 'webhook%'")
        return int(event_id)
