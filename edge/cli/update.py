"""`edge update`: how this device stands with updates; a bundle from a file or a URL."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.cli.errors import CommandError
from edge.update.bundle import Stream
from edge.update.client import SOCKET, send_bundle
from edge.update.errors import UpdateError
from edge.update.status import read_status


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", nargs="?", metavar="FILE|URL", help="the bundle; without: say how it stands")
    parser.add_argument(
        "--restart", choices=("now", "later"), default="now", help="when the new system is tried (default: now)"
    )
    parser.add_argument("--socket", type=Path, default=SOCKET, metavar="FILE", help="default: %(default)s")


def run(args: argparse.Namespace) -> int:
    """Install the bundle, or say how it stands."""
    if args.source is None:
        sys.stdout.write(in_words())
        return 0
    try:
        with _opened(args.source) as bundle:
            done = send_bundle(bundle, "edge update", restart=args.restart == "now", path=args.socket, told=_told)
    except UpdateError as error:
        _clear()
        raise CommandError(str(error)) from None
    _clear()
    sys.stdout.write(f"{done.text}\n")
    return 0


def in_words() -> str:
    """Return the state as lines for people."""
    status = read_status()
    where = f", slot {status.slot}" if status.slot else ""
    board = f" on {status.board}" if status.board else ""
    return "".join(f"{line}\n" for line in (f"edge {status.version}{board}{where}", status.text()) if line)


@contextmanager
def _opened(source: str) -> Iterator[Stream]:
    if source.startswith(("http://", "https://")):
        from edge.update.fetch import opened  # noqa: PLC0415 - ssl and urllib, which a file does not need

        with opened(source) as body:
            yield body
    else:
        with Path(source).open("rb") as file:
            yield file


def _told(phase: str, percent: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{phase} {percent} %        ")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
