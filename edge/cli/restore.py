"""`edge restore`: this device becomes what is in a backup."""

import argparse
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from edge.app.configuration import configured_state_dir
from edge.backup.apply import begin, choice_of, go_on, own_id, stopped
from edge.backup.errors import BackupError
from edge.backup.folder import RestoreFolder
from edge.backup.settings_files import put_settings, take_back_settings
from edge.backup.texts import consequence, described
from edge.backup.unpack import unpack
from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config
from edge.store.durable import make_folders

STDIN = "-"
LOG = logging.getLogger("edge.backup")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="the backup; - is standard input")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--as-new", action="store_true",
        help="a backup of another device: this one keeps its own identity, the other may go on running (default)",
    )  # fmt: skip
    whose.add_argument(
        "--replace", action="store_true",
        help="a backup of another device: this one takes its place and identity; the other must never run again",
    )  # fmt: skip
    parser.add_argument("--check", action="store_true", help="only say what would happen")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the state_dir, where --config does not say it")
    parser.add_argument(
        "--settings", action="store_true", help="the part that takes root of a restore asked for on the page; systemd"
    )
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Check the file, say what it makes of this device, do it."""
    if (args.file is None) is not args.settings:
        raise CommandError("name the backup: edge restore FILE")
    folder = RestoreFolder((args.state or configured_state_dir(args.config)).absolute())
    settings_file: Path = args.config.absolute()
    try:
        if args.settings:
            return _settings(folder, settings_file)
        make_folders(folder.state_dir)
        with stopped(folder.state_dir):
            if args.file == STDIN:
                return _restore(args, sys.stdin.buffer, folder, settings_file)
            with Path(args.file).open("rb") as stream:
                return _restore(args, stream, folder, settings_file)
    except BackupError as error:
        raise CommandError(str(error)) from None


def _restore(args: argparse.Namespace, stream: BinaryIO, folder: RestoreFolder, settings_file: Path) -> int:
    unpacked = unpack(stream, folder, settings_file)
    own = own_id(folder.state_dir)
    choice = choice_of(unpacked.head, own, replace_it=args.replace)
    notes = [f"note: {note}" for note in unpacked.notes]
    for line in (described(unpacked.head, unpacked.pictures), consequence(choice, unpacked.head, own), *notes):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    if args.check:
        folder.tidy()
        return 0
    begin(folder, unpacked.head, choice)
    try:
        go_on(folder, settings_file)
    except BackupError:
        with suppress(BackupError):
            go_on(folder, settings_file)  # what was begun is undone
            folder.told()
        raise
    sys.stdout.write(
        "Restored. Start the program (systemctl start edge): what was before is kept until it has run well for a "
        "minute, and comes back by itself where it does not.\n"
    )
    return 0


def _settings(folder: RestoreFolder, settings_file: Path) -> int:
    """Put settings in place, or take them back, as the program has ordered; it does the rest when it starts."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO)
    order = folder.pending()
    if order is None:
        return 0
    with stopped(folder.state_dir):
        LOG.info("settings of the backup of %s: %s", order.of_device, order.act)
        if order.act == "apply":
            put_settings(folder, settings_file)
        else:
            take_back_settings(folder, settings_file)
    return 0
