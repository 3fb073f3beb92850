"""`edge demo`: the appliance with the built-in camera, to look at."""

import argparse
import os
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

from edge.app.configuration import first_load
from edge.app.run import run_appliance
from edge.cli.errors import CommandError
from edge.cli.settings_file import reading
from edge.outputs.rest.server import ListenError, listen
from edge.settings import ApiSettings, Settings
from edge.store.errors import StoreError

LOWEST_PORT, HIGHEST_PORT = 1, 65535


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--port", type=_port, metavar="N", help="port of the page and the API (default: 48462)")
    parser.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        default=default_state(),
        help="where events are kept (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo until told to stop."""

    def adjust(settings: Settings) -> Settings:
        api = settings.api if args.port is None else replace(settings.api, port=args.port)
        return replace(settings, state_dir=str(args.state), api=api)

    with resources.as_file(resources.files("edge.cli") / "demo.yaml") as path, reading(path):
        loaded = first_load(path)
        loaded = replace(loaded, settings=adjust(loaded.settings))
        _try_port(loaded.settings.api)
        sys.stderr.write(f"Open http://localhost:{loaded.settings.api.port}/ in a browser; Ctrl-C ends.\n")
        try:
            return run_appliance(path, loaded, adjust=adjust)
        except StoreError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"cannot use {args.state} ({error.strerror}); name another with --state") from None


def _try_port(api: ApiSettings) -> None:
    """Say at once that the port is taken: a device would go on and try again, but somebody sits here and waits."""
    try:
        for each in listen(api.host, api.port):
            each.close()
    except ListenError:
        raise CommandError(f"port {api.port} is taken by another program; name another with --port") from None


def default_state() -> Path:
    """Return the user's own place for state."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "edge-demo"


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not LOWEST_PORT <= port <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from {LOWEST_PORT} to {HIGHEST_PORT}")
    return port
