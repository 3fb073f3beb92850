"""Devices on disk, to be backed up and restored, and what of them can be compared."""

import hashlib
import io
import sqlite3
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.backup.archive import Member, pack
from edge.cli.main import main
from edge.store.database import connect_reader
from edge.store.ids import IdReserve
from edge.store.tokens import Tokens
from tests.support.clock import RealClock
from tests.support.events import appear, crossing, open_log

ROOT = Path(__file__).parents[2]
JPEG = b"\xff\xd8" + b"picture" * 100 + b"\xff\xd9"
SETTINGS = """# set up by hand
state_dir: {state}
api: {{host: 127.0.0.1, port: 48462}}
channels:
  - name: {name}
    enabled: false
    source: {{rtsp: {{url: "rtsp://192.0.2.1/x", username: viewer, password_file: {folder}/secrets/cam1}}}}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """One device: its settings file and its state below `folder`."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "etc" / "edge.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def set_up(self, name: str, device_id: str, events: int, password: str = "pw") -> "Site":
        """Write settings, identity, a token and so many events, each with a picture; its outbox has one reader."""
        (self.config.parent / "secrets").mkdir(parents=True)
        self.config.write_text(SETTINGS.format(state=self.state, name=name, folder=self.config.parent))
        (self.config.parent / "secrets" / "cam1").write_text(f"{password}\n")
        self.state.mkdir()
        (self.state / "device-id").write_text(f"{device_id}\n")
        (self.state / "cameras.json").write_text('{"cameras": {}}')
        Tokens(self.state / "tokens.json").create(name)
        now_us = RealClock().now_us()
        with open_log(self.state, RealClock()) as log:
            log.append([appear(10**6, time_us=now_us)], now_us)
            for number in range(1, events):
                log.append([crossing(number, time_us=now_us)], now_us, JPEG)
            assert log.flush(60)
        return self

    def ids(self) -> list[int]:
        """Return the ids of all events."""
        with closing(connect_reader(self.state / "events.db")) as connection:
            return [int(row[0]) for row in connection.execute("SELECT event_id FROM event ORDER BY event_id")]

    def rows(self) -> list[tuple[object, ...]]:
        """Return all events as they are in the file."""
        with closing(connect_reader(self.state / "events.db")) as connection:
            return connection.execute("SELECT * FROM event ORDER BY event_id").fetchall()

    def reserved(self) -> int:
        """Return up to which id ids may have been given."""
        return IdReserve(self.state / "event_ids").read()


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def edge(*words: object) -> Said:
    """Run a command of the program, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


def backed_up(site: Site, target: Path, *more: str) -> Path:
    """Return a backup of a site, made by the command."""
    done = edge("backup", target, "--config", site.config, *more)
    assert done.code == 0, done.err
    return target


def content(site: Site) -> dict[str, str]:
    """Return what makes a device: each file with its hash; of the log its events, of the ids nothing."""
    aside = {"restore", "lock", "ballast", "event_ids", "events.db", "events.db-wal", "events.db-shm"}
    found = {
        path.relative_to(site.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.folder.rglob("*"))
        if path.is_file() and not aside & set(path.relative_to(site.folder).parts)
    }
    if (site.state / "events.db").exists():
        found["events"] = hashlib.sha256(repr(site.rows()).encode()).hexdigest()
    return found


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return a well-made backup file of these members."""
    return b"".join(pack((Member(name, len(text), io.BytesIO(text)) for name, text in members.items()), 1_780_000_000))


def members_of(path: Path) -> dict[str, bytes]:
    """Return the members of a backup, without its manifest, as any tar program reads them."""
    with tarfile.open(path) as file:
        found = {each.name: file.extractfile(each) for each in file.getmembers()}
        return {name: one.read() for name, one in found.items() if one is not None and name != "manifest.json"}


def tarred(entries: Iterable[tarfile.TarInfo], form: Literal[0, 1, 2] = tarfile.USTAR_FORMAT) -> bytes:
    """Return a gzipped tar of any entries, each with as many zeros as it says it has."""
    plain = b"".join(
        each.tobuf(form) + bytes(each.size if each.isreg() else 0) + bytes(-each.size % 512) for each in entries
    )
    return zlib.compress(plain + bytes(1024), wbits=31)


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    """Return an entry of a tar file."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size
    return made


def altered(database: bytes, folder: Path, *sql: str) -> bytes:
    """Return a database after some statements, as somebody with ill intent would make it."""
    path = folder / "altered.db"
    path.write_bytes(database)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        for each in sql:
            connection.execute(each)
    return path.read_bytes()
