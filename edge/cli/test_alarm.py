"""`edge test-alarm`: a marked event to all who would get those of a rule, and what came of it."""

import argparse
import json
import sys
from typing import Any, cast

from edge.cli.ask import add_device, ask_device
from edge.cli.errors import CommandError

TIMEOUT_S = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("rule", metavar="RULE", help="id or name of a rule; or of a channel, for what has no rule")
    parser.add_argument(
        "--channel", metavar="NAME", default="", help="the rule's channel, where several have this name"
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--url", metavar="N", type=_number, help="only the Nth webhook of the settings")
    only.add_argument("--target", metavar="NAME", default="", help="only this one: 'webhook N', mqtt, 'program N'")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    add_device(parser)


def run(args: argparse.Namespace) -> int:
    """Print a line for each target; raise CommandError where one has not got it, or where nobody would."""
    target = args.target if args.url is None else f"webhook {args.url}"
    asked = {"call": "test-alarm", "rule": args.rule, "channel": args.channel, "target": target}
    report = ask_device(args, asked, TIMEOUT_S)
    targets = cast(list[dict[str, Any]], report["targets"])
    if args.json:
        sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(_line(row) for row in targets)
    failed = sum(not row["delivered"] for row in targets)
    if failed:
        raise CommandError(f"{failed} of {len(targets)} did not get the test alarm")
    if not targets:
        raise CommandError("nobody gets events of this rule: see webhooks (sums have no test), mqtt and programs")
    return 0


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number, 1 or more")
    return int(text)


def _line(row: dict[str, Any]) -> str:
    status = f" (HTTP {row['http_status']})" if "http_status" in row else ""
    return f"{row['target']} ({row['address']}): {row['event_type']}: {row['text']}{status}, {row['seconds']:.1f} s\n"
