"""`edge status`: health of the running device."""

import argparse
import json
import sys
from pathlib import Path

from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config, load_settings
from edge.outputs.control import SOCKET_NAME, ask

SYSTEM_RUN_DIR = Path("/run/edge")
EXIT_UNHEALTHY = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--state", type=Path, metavar="DIR", help="the device's state_dir, instead of --config")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print how the device is; 0 only when it is healthy."""
    state_dir = args.state or Path(load_settings(args.config).state_dir)
    folders = [state_dir] if args.state else [SYSTEM_RUN_DIR, state_dir]
    document = _ask([folder / SOCKET_NAME for folder in folders])
    sys.stdout.write((json.dumps(document, indent=2) if args.json else in_words(document)) + "\n")
    return 0 if document.get("healthy") is True else EXIT_UNHEALTHY


def in_words(document: dict[str, object]) -> str:
    """Return the document as lines for people."""
    state = "healthy" if document.get("healthy") is True else "not healthy"
    lines = [f"{document.get('name')} (edge {document.get('version')}): {state}"]
    channels = document.get("channels")
    for channel in channels if isinstance(channels, list) else []:
        detail = f" - {channel['detail']}" if channel["detail"] else ""
        lines.append(f"  camera {channel['name']}: {channel['status']}, {channel['fps']} fps{detail}")
    programs = document.get("programs")
    lines += [_program(program) for program in (programs if isinstance(programs, list) else [])]
    for title, key in (("worker", "workers"), ("fault", "faults")):
        entries = document.get(key)
        lines += [f"  {title} {name}: {text}" for name, text in (entries if isinstance(entries, dict) else {}).items()]
    lines.append(f"  {document.get('waiting')} clients waiting, last event {document.get('last_event_id')}")
    return "\n".join(lines)


def _program(program: dict[str, object]) -> str:
    """Return one program's line: how its runs ended, as far as there were such."""
    told = ", ".join(
        f"{program[key]} {word}"
        for key, word in (
            ("failed", "failed"),
            ("timed_out", "ended at the time limit"),
            ("not_started", "not started"),
            ("passed_over", "passed over"),
            ("waiting", "waiting"),
        )
        if program[key]
    )
    return f"  program {program['number']} ({program['command']}): {program['well']} runs well{told and ', ' + told}"


def _ask(sockets: list[Path]) -> dict[str, object]:
    for path in sockets:
        try:
            return ask(path, {"call": "status"})
        except PermissionError:
            raise CommandError(f"may not speak to the device at {path}; run this as root or as its user") from None
        except (OSError, ValueError):
            continue
    raise CommandError(f"no device is running here (nobody answers at {sockets[-1]}); start it with edge run")
