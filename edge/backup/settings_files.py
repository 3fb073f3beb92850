"""The part of a restore outside of `state_dir`: the settings file and the password files beside it.

On a device the program may not write there; then a unit of its own does this part as root, before the program starts.
It reads what another user has made: plain files only, none behind a link, and writes under names that backups have.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from edge.backup.errors import BackupError
from edge.backup.folder import RestoreFolder
from edge.backup.members import CONFIG, MB, SETTINGS, most_bytes
from edge.store.durable import replace_durably

FOR_THE_SERVICE = 0o640
_NAME = SETTINGS.removeprefix(CONFIG)


def put_settings(folder: RestoreFolder, settings_file: Path) -> None:
    """Put the settings and password files of `new` in place; what was there goes to `old`. May be broken off anywhere.

    Raises BackupError where a file cannot be written; what was put by then is taken back by `take_back_settings`.
    """
    new = folder.new / CONFIG
    try:
        for place in sorted(_places(new), key=lambda each: each == _NAME):  # the settings last: they name the others
            target = _target(settings_file, place)
            _keep(target, folder, place, settings_file.parent)
            replace_durably(target, _plain(new / place), FOR_THE_SERVICE)
            (new / place).unlink()
    except OSError as error:
        raise BackupError(f"{error.filename or settings_file} cannot be written ({error.strerror})") from error


def take_back_settings(folder: RestoreFolder, settings_file: Path) -> None:
    """Put what was there before in place again, as far as it differs. May be broken off anywhere.

    Raises BackupError where a file cannot be written, after all others are as they were.
    """
    old = folder.old / CONFIG
    failed: list[OSError] = []
    for place in [*_places(folder.absent), *_places(old)]:
        try:
            _take_back(_target(settings_file, place), old / place)
            (old / place).unlink(missing_ok=True)
            (folder.absent / place).unlink(missing_ok=True)
        except OSError as error:
            failed.append(error)
    if failed:
        raise BackupError(f"{failed[0].filename or settings_file} cannot be written ({failed[0].strerror})")


def _take_back(target: Path, old: Path) -> None:
    if not old.exists():
        target.unlink(missing_ok=True)
        return
    text = _plain(old)
    if not target.exists() or target.read_bytes() != text:
        replace_durably(target, text, FOR_THE_SERVICE)


def _target(settings_file: Path, place: str) -> Path:
    return settings_file if place == _NAME else settings_file.parent / place


def _keep(target: Path, folder: RestoreFolder, place: str, config_dir: Path) -> None:
    """Keep what is there, or that nothing is; once: the second time the new file would be taken for the old one."""
    old, absent = folder.old / CONFIG / place, folder.absent / place
    if old.exists() or absent.exists():
        return
    if target.exists():
        _check_ours(target, config_dir)
        replace_durably(old, target.read_bytes(), 0o600)
    else:
        replace_durably(absent, b"", 0o600)


def _check_ours(target: Path, config_dir: Path) -> None:
    """Refuse to replace, and to give the program, what it may not read: such as the private key of HTTPS."""
    found = target.stat()
    readable = found.st_mode & stat.S_IRGRP and found.st_gid == config_dir.stat().st_gid
    if os.geteuid() == 0 and config_dir.stat().st_gid != 0 and not (readable or found.st_mode & stat.S_IROTH):
        raise PermissionError(errno.EPERM, "the program may not read what is there", str(target))


def _places(folder: Path) -> Iterator[str]:
    """Yield the files below a folder by their path in it, as far as a backup may have them there."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from (f"{path.name}/{below}" for below in _places(path))
        elif most_bytes(f"{CONFIG}{path.name}") is not None:
            yield path.name


def _plain(path: Path) -> bytes:
    """Return the bytes of a plain file that nobody else has under another name."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > MB:
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        return opened.read(MB)
