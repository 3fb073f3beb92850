"""`edge update-service`: what systemd calls for updates: a connection, a USB stick, how the last one ended."""

import argparse
import logging
import socket
import sys
import time
from pathlib import Path

from edge.cli.errors import CommandError
from edge.update.attempt import Attempts, judge, this_boot
from edge.update.client import SOCKET
from edge.update.errors import UpdateError
from edge.update.slots import Slots
from edge.update.stick import install_from

LOG = logging.getLogger("edge.update")
ASK_AGAIN_S = 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="serve|stick|outcome", required=True)
    serve = actions.add_parser("serve", help="one connection, on standard input", allow_abbrev=False)
    stick = actions.add_parser("stick", help="the bundle of a USB stick", allow_abbrev=False)
    stick.add_argument("folder", type=Path, metavar="DIR", help="where it is mounted")
    stick.add_argument("--socket", type=Path, default=SOCKET, metavar="FILE", help="default: %(default)s")
    outcome = actions.add_parser("outcome", help="wait until it is known how the last update ended", allow_abbrev=False)
    for each in (serve, outcome):
        each.add_argument("--run", type=Path, metavar="DIR", help="where progress is told")
        each.add_argument("--state", type=Path, metavar="DIR", help="where attempts are remembered")
        each.add_argument("--key", type=Path, metavar="FILE", help="public key of bundles")
        each.add_argument("--os-release", type=Path, metavar="FILE", help="what this device is")
        each.add_argument("--slots", type=Path, metavar="FILE", help="edge-slot, started directly")
        each.add_argument("--restart", type=Path, metavar="FILE", help="what restarts the device")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    if args.action == "stick":
        return _stick(args)
    from edge.update.service import Places, serve  # noqa: PLC0415 - the signatures' library, which a stick does not need

    given = {name: getattr(args, name) for name in ("run", "state", "key", "os_release") if getattr(args, name)}
    if args.slots:
        given |= {"slots": (str(args.slots),), "program": args.slots}
    if args.restart:
        given["restart"] = (str(args.restart),)
    places = Places(**given)
    if args.action == "outcome":
        return _outcome(Attempts(places.state), Slots(places.slots))
    with socket.socket(fileno=sys.stdin.fileno()) as connection:
        serve(connection, places)
        connection.detach()
    return 0


def _stick(args: argparse.Namespace) -> int:
    if not args.folder.is_mount():
        raise CommandError(
            "the stick cannot be read here (mount says why, above); format it as FAT32 or exFAT and copy the file anew"
        )
    try:
        said = install_from(args.folder, args.socket)
    except UpdateError as error:
        raise CommandError(str(error)) from None
    LOG.info("%s", said)
    return 0


def _outcome(attempts: Attempts, slots: Slots) -> int:
    """Watch the newest attempt until its end is known; the trial takes some minutes."""
    while attempt := attempts.open():
        try:
            now = judge(attempt, slots.state(), this_boot())
        except UpdateError as error:
            raise CommandError(str(error)) from None
        if now.stage in {"good", "rolled back", "interrupted"}:
            attempts.end(now)
            LOG.log(logging.INFO if now.stage == "good" else logging.WARNING, "%s", now.text())
        elif now != attempt:
            attempts.begin(now)
        else:
            time.sleep(ASK_AGAIN_S)
    return 0
