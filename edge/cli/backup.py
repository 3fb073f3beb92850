"""`edge backup`: settings, identity and events of this device in one file, also while it runs."""

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import BinaryIO

from edge.app.backup import subject_of
from edge.backup.errors import BackupError
from edge.backup.make import Backup, Wanted, begin_backup
from edge.backup.texts import described
from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config, reading

STDOUT = "-"
MB = 2**20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="where to write it; - is standard output")
    parser.add_argument("--without-secrets", action="store_true", help="no passwords and no tokens: for others to see")
    parser.add_argument("--without-pictures", action="store_true", help="no pictures of events: much smaller")
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Write the backup; nothing is at FILE before it is whole."""
    logging.getLogger("edge").addHandler(logging.NullHandler())  # what is wrong is said here, once
    wanted = Wanted(secrets=not args.without_secrets, pictures=not args.without_pictures)
    with reading(args.config):
        subject, fault = subject_of(args.config)
    if fault:
        sys.stderr.write(f"{fault.partition(';')[0]}; the last good configuration is backed up\n")
    target = None if args.file == STDOUT else Path(args.file)
    work = subject.state_dir if target is None else target.absolute().parent
    try:
        backup = begin_backup(subject, wanted, work=work, time_s=int(time.time()))
        size = _to_stdout(backup) if target is None else _to_file(backup, target)
    except BackupError as error:
        raise CommandError(str(error)) from None
    secret = "it holds passwords: keep it where nobody else reads it" if wanted.secrets else "it holds no passwords"
    sys.stderr.write(f"{described(backup.head)}; {size / MB:.1f} MB; {secret}\n")
    for path in backup.head.left_out if wanted.secrets else ():
        sys.stderr.write(f"not in it: {path} (not in reach, or not beside the settings file)\n")
    return 0


def _to_stdout(backup: Backup) -> int:
    if sys.stdout.isatty():
        raise CommandError("a backup is no text for a terminal: name a FILE, or pipe it on")
    return _write(backup, sys.stdout.buffer)


def _to_file(backup: Backup, target: Path) -> int:
    """Write beside the file, then put it in its place: a backup of before stays until the new one is whole."""
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as out:
            size = _write(backup, out)
            out.flush()
            os.fsync(file)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CommandError(f"cannot write {target} ({error.strerror})") from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size


def _write(backup: Backup, out: BinaryIO) -> int:
    return sum(out.write(piece) for piece in backup.pieces)
