"""Asking the device that runs here, over its control socket."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config, load_settings
from edge.outputs.control import SOCKET_NAME, TALK_TIMEOUT_S, ask

SYSTEM_RUN_DIR = Path("/run/edge")


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which device: `--config FILE` or `--state DIR`."""
    add_config(parser)
    parser.add_argument("--state", type=Path, metavar="DIR", help="the device's state_dir, instead of --config")


def state_dir_of(args: argparse.Namespace) -> Path:
    """Return the device's state_dir. Raises CommandError."""
    return Path(args.state or load_settings(args.config).state_dir)


def ask_device(
    args: argparse.Namespace, request: Mapping[str, object], timeout_s: float = TALK_TIMEOUT_S
) -> dict[str, object]:
    """Return what the running device replies. Raises CommandError, also where it replies with an error."""
    reply = ask_if_running(args, request, timeout_s)
    if reply is None:
        socket = state_dir_of(args) / SOCKET_NAME
        raise CommandError(f"no device is running here (nobody answers at {socket}); start it with edge run")
    return reply


def ask_if_running(
    args: argparse.Namespace, request: Mapping[str, object], timeout_s: float = TALK_TIMEOUT_S
) -> dict[str, object] | None:
    """Return what the running device replies, None where none runs. Raises CommandError."""
    state_dir = state_dir_of(args)
    folders = [state_dir] if args.state else [SYSTEM_RUN_DIR, state_dir]
    reply = _first_reply([folder / SOCKET_NAME for folder in folders], request, timeout_s)
    if reply is not None and "error" in reply:
        raise CommandError(str(reply["error"]))
    return reply


def _first_reply(sockets: Sequence[Path], request: Mapping[str, object], timeout_s: float) -> dict[str, object] | None:
    for path in sockets:
        try:
            return ask(path, request, timeout_s)
        except PermissionError:
            raise CommandError(f"may not speak to the device at {path}; run this as root or as its user") from None
        except (OSError, ValueError):
            continue
    return None
