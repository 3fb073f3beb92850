"""`edge COMMAND`: finds the command, runs it, turns a stated failure into one line."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

from edge import __version__
from edge.cli.errors import CommandError
from edge.cli.leave import leave
from edge.cli.streams import drop_output, fill_closed, reason

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("edge.cli.run", "the appliance, in the foreground"),
    "demo": ("edge.cli.demo", "the appliance with the built-in camera"),
    "replay": ("edge.cli.replay", "a video file through the same pipeline, as fast as possible"),
    "whatif": ("edge.cli.whatif", "what edited rules would have counted, beside what was counted"),
    "cameras": ("edge.cli.cameras", "find cameras, or test one"),
    "check-config": ("edge.cli.check_config", "validate a configuration file"),
    "show-config": ("edge.cli.show_config", "print the effective configuration, secrets masked"),
    "events": ("edge.cli.events", "the event log of this device"),
    "test-alarm": ("edge.cli.test_alarm", "a marked event to all who get those of a rule"),
    "status": ("edge.cli.status", "health of the running device"),
    "deliveries": ("edge.cli.deliveries", "what is on its way out: list it, send what was given up again"),
    "backup": ("edge.cli.backup", "settings, identity and events of this device in one file"),
    "restore": ("edge.cli.restore", "become what is in such a file"),
    "openapi": ("edge.cli.openapi", "the definition of the REST API"),
    "first-boot": ("edge.cli.first_boot", "take settings from the boot partition; systemd calls it"),
    "update": ("edge.cli.update", "install an update of the appliance, or say how it stands"),
    "update-service": ("edge.cli.update_service", "take updates; systemd calls it"),
    "token": ("edge.cli.token", "create, list and revoke API tokens"),
}
"""Command -> its module and its line in the help. A module is imported when its command is called, no sooner."""


LIBRARIES = {
    "OPENCV_FOR_THREADS_NUM": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENCV_IPP": "disabled",
    "OPENCV_LOG_LEVEL": "ERROR",
}
"""Read by OpenCV and numpy as they are loaded. Our pictures are small: to wake a pool of threads for each step costs
more than it saves, and takes the cores from the cameras' threads; IPP (x86 only) takes 4 MB and saves nothing, and at
its absence OpenCV would warn at each start."""


class Command(Protocol):
    """What a command's module offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""
        ...


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the call in one line."""

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with the code for wrong usage."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message} (see '{self.prog} --help')\n")


def program() -> NoReturn:
    """Be the process `edge`."""
    leave(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    for name, value in LIBRARIES.items():
        os.environ.setdefault(name, value)
    words = list(sys.argv[1:] if argv is None else argv)
    fill_closed()
    try:
        return _call(words)
    except CommandError as failure:
        sys.stderr.write(f"edge: {failure}\n")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read the output has enough
        drop_output()
        return 0
    except OSError as failure:
        drop_output()
        sys.stderr.write(f"edge: {reason(failure)}\n")
        return EXIT_FAILED


def _call(words: Sequence[str]) -> int:
    """Run the command; all of its output is out when this returns, or the failure is told here."""
    try:
        args = _parser(words).parse_args(words)
        return _module(args.command).run(args)
    finally:
        sys.stdout.flush()


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser with all commands' names; only the one that is called has its arguments."""
    name = next((word for word in words if not word.startswith("-")), "")
    parser = OneLineParser(prog="edge", description="Camera analytics: video in, events out.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"edge {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command, (_, line) in COMMANDS.items():
        sub = subparsers.add_parser(command, help=line, description=f"{line[0].upper()}{line[1:]}.", allow_abbrev=False)
        if command == name:
            _module(command).configure(sub)
    return parser


def _module(command: str) -> Command:
    return cast(Command, importlib.import_module(COMMANDS[command][0]))
