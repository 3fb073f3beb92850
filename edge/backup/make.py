"""Making a backup: copies of the databases at one moment, then everything as one stream."""

import fcntl
import io
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge import __version__
from edge.backup.archive import Member, pack
from edge.backup.errors import BackupError
from edge.backup.head import Head, head_text
from edge.backup.members import (
    CONFIG,
    HEAD,
    IDS,
    LOG,
    MB,
    OUTBOX,
    PICTURES,
    SETTINGS,
    STATE,
    STATE_MEMBERS,
    TOKENS,
    most_bytes,
)
from edge.backup.secret_files import SecretFiles, secret_files
from edge.config.show import show
from edge.settings import Settings
from edge.store.copies import LogFacts, copy_database, log_facts, size_of
from edge.store.errors import StoreError

WORK = ".edge-backup-"
STALE_S = 60.0
LEFT_FREE = 32 * MB
"""So much room is left to the device beside the copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The device that is backed up. `settings_file` is where `text` was read from, `settings` what it says."""

    settings: Settings
    text: str
    settings_file: Path
    state_dir: Path
    device_id: str
    device_name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be in it."""

    secrets: bool = True
    pictures: bool = True


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that begins: what it is, and its bytes, which are read as they are taken."""

    head: Head
    pieces: Iterator[bytes]


def begin_backup(
    subject: Subject, wanted: Wanted, *, work: Path, time_s: int, go_on: Callable[[], bool] = lambda: True
) -> Backup:
    """Copy the databases into a folder below `work`, open them, and return the backup.

    The copies have no name any more when this returns: nothing is left behind however the process ends. Raises
    BackupError where there is no room for them, and where something cannot be read.
    """
    try:
        _sweep(work)
        _check_room(subject.state_dir, work)
        with _folder(work) as folder:
            facts, databases = _databases(subject.state_dir, folder, go_on)
        secrets = secret_files(subject.settings, subject.settings_file.parent)
        files, missing = _secrets(subject.settings_file.parent, secrets) if wanted.secrets else ([], [])
        head = _head(subject, wanted, facts, secrets, missing, time_s)
        plain = _state_files(subject.state_dir, wanted)
    except StoreError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        where = error.filename or work
        raise BackupError(f"the backup cannot be made: {where}: {error.strerror}") from error
    text = (subject.text if wanted.secrets else show(subject.settings)).encode()
    members = [_given(HEAD, head_text(head)), _given(SETTINGS, text), *files, *plain, *databases]
    return Backup(head, pack(_all(members, subject.state_dir, facts, wanted), time_s))


def _all(members: Sequence[Member], state_dir: Path, facts: LogFacts, wanted: Wanted) -> Iterator[Member]:
    yield from members
    if wanted.pictures:
        yield from _pictures(state_dir / PICTURES, facts.last_id)


@contextmanager
def _folder(work: Path) -> Iterator[Path]:
    """Lend a folder for the copies, locked for as long as it is in use."""
    folder = work / f"{WORK}{os.getpid()}-{os.urandom(4).hex()}"
    folder.mkdir(0o700)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(work: Path) -> None:
    """Remove the copies of a backup that was killed."""
    for folder in work.glob(f"{WORK}*"):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if time.time() - folder.stat().st_mtime > STALE_S:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _check_room(state_dir: Path, work: Path) -> None:
    needed = sum(size_of(state_dir / name) for name in (LOG, OUTBOX)) + LEFT_FREE
    free = shutil.disk_usage(work).free
    if free < needed:
        raise BackupError(
            f"a backup needs {-(-needed // MB)} MB of room for a while in {work}, where {free // MB} MB are free: "
            "free some space, or have `edge backup` write to another disk"
        )


def _databases(state_dir: Path, folder: Path, go_on: Callable[[], bool]) -> tuple[LogFacts, list[Member]]:
    """Copy the log, then how far it was delivered: what a copy knows as delivered was so."""
    facts, members = LogFacts(), []
    for name in (LOG, OUTBOX):
        if (state_dir / name).exists():
            copy_database(state_dir / name, folder / name, go_on)
            if name == LOG:
                facts = log_facts(folder / name)
            members.append(_opened(f"{STATE}{name}", folder / name))
    return facts, members


def _state_files(state_dir: Path, wanted: Wanted) -> list[Member]:
    names = [each.name for each in STATE_MEMBERS if each.most_bytes and each.name not in (LOG, OUTBOX, PICTURES, IDS)]
    names += [IDS, *([TOKENS] if wanted.secrets else [])]
    return [_opened(f"{STATE}{name}", state_dir / name) for name in names if (state_dir / name).is_file()]


def _secrets(folder: Path, secrets: SecretFiles) -> tuple[list[Member], list[str]]:
    """Return the files, and the paths of those that are not there or cannot be read."""
    members: list[Member] = []
    missing = list(secrets.outside)
    for named, place in secrets.inside.items():
        name = f"{CONFIG}{place}"
        try:
            fit = most_bytes(name) is not None and name != SETTINGS
            found = [_opened(name, folder / place)] if fit else []
        except OSError:
            found = []
        members += found
        missing += [] if found else [named]
    return members, missing


def _head(
    subject: Subject, wanted: Wanted, facts: LogFacts, secrets: SecretFiles, missing: Sequence[str], time_s: int
) -> Head:
    return Head(
        device_id=subject.device_id,
        device_name=subject.device_name,
        version=__version__,
        time_s=time_s,
        events=facts.events,
        last_event_id=facts.last_id,
        state_dir=str(subject.state_dir),
        config_dir=str(subject.settings_file.parent),
        secrets=wanted.secrets,
        pictures=wanted.pictures,
        secret_files=dict(secrets.inside),
        left_out=tuple(missing) if wanted.secrets else (*secrets.inside, *secrets.outside),
    )


def _pictures(folder: Path, last_id: int) -> Iterator[Member]:
    """Yield the pictures of the events that are in the copy; one that is deleted meanwhile is passed over."""
    for shard in sorted(folder.iterdir() if folder.is_dir() else ()):
        for path in sorted(shard.glob("*.jpg")):
            name = f"{STATE}{PICTURES}/{shard.name}/{path.name}"
            if most_bytes(name) is None or int(path.stem) > last_id:
                continue
            try:
                yield _opened(name, path)
            except FileNotFoundError:
                continue


def _opened(name: str, path: Path) -> Member:
    file = path.open("rb")
    return Member(name, os.fstat(file.fileno()).st_size, file)


def _given(name: str, text: bytes) -> Member:
    return Member(name, len(text), io.BytesIO(text))
