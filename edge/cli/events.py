"""`edge events`: the event log of this device."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from edge.app.system import local_zone
from edge.cli.errors import CommandError
from edge.cli.facts import facts
from edge.cli.settings_file import add_config, load_settings
from edge.model.event import NO_OBJECT, StoredEvent
from edge.outputs.payload import event_json, local_time
from edge.outputs.rest.query import BadParameter, events_query
from edge.settings import Settings
from edge.store.errors import StoreError
from edge.store.query import EventQuery
from edge.store.viewer import Viewer

POLL_S = 0.5
MILLISECONDS = 23
MOST = 2**31
WIDTHS = (8, 23, 20, 18, 6, 10, 20)
TITLES = ("id", "time", "channel", "type", "object", "origin", "rule", "")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--state", type=Path, metavar="DIR", help="the device's state_dir, instead of --config")
    parser.add_argument("--since", metavar="TIME", help="from this time on, e.g. 2026-05-31T16:22")
    parser.add_argument("--until", metavar="TIME", help="before this time")
    parser.add_argument("--limit", metavar="N", type=_count, default=100, help="the newest N (default: %(default)s)")
    parser.add_argument("--follow", action="store_true", help="go on with new events as they come")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, as REST answers it")
    parser.add_argument("--csv", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Print events, the oldest first."""
    if args.csv:
        raise CommandError("CSV is not available in this version; use --json, one object a line")
    settings = Settings() if args.state else load_settings(args.config)
    zone = local_zone(settings.device.timezone)
    query = _query(args, zone)
    try:
        _print_all(Viewer(args.state or Path(settings.state_dir)), query, zone, args)
    except StoreError as error:
        raise CommandError(str(error)) from error
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of events, 1 or more")
    return min(int(text), MOST)


def _query(args: argparse.Namespace, zone: tzinfo) -> EventQuery:
    times = {"sinceTime": args.since, "untilTime": args.until}
    try:
        query = events_query({name: text for name, text in times.items() if text is not None}, zone=zone)
    except BadParameter as wrong:
        option = "--since" if wrong.parameter == "sinceTime" else "--until"
        raise CommandError(f"{option}: {wrong.text}") from None
    return replace(query, limit=args.limit, newest_first=True)


def _print_all(viewer: Viewer, query: EventQuery, zone: tzinfo, args: argparse.Namespace) -> None:
    events = viewer.select(query)[::-1]
    if not args.json:
        sys.stdout.write(_columns(TITLES) + "\n")
    _print(events, zone, as_json=args.json)
    last_id = events[-1].event_id if events else 0
    while args.follow:
        time.sleep(POLL_S)
        events = viewer.select(replace(query, since_id=last_id, newest_first=False))
        _print(events, zone, as_json=args.json)
        last_id = events[-1].event_id if events else last_id


def _print(events: Sequence[StoredEvent], zone: tzinfo, *, as_json: bool) -> None:
    for stored in events:
        line = json.dumps(event_json(stored, zone), ensure_ascii=False) if as_json else _columns(_words(stored, zone))
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _words(stored: StoredEvent, zone: tzinfo) -> tuple[str, ...]:
    event = stored.event
    return (
        str(stored.event_id),
        local_time(event.time_us, zone)[:MILLISECONDS].replace("T", " "),
        event.channel_name,
        event.type.value,
        "" if event.object_id == NO_OBJECT else str(event.object_id),
        event.origin.value,
        event.rule_name,
        facts(event),
    )


def _columns(words: Sequence[str]) -> str:
    return "  ".join([*(f"{word:<{width}}" for word, width in zip(words, WIDTHS, strict=False)), words[-1]]).rstrip()
