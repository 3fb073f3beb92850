"""`edge events`: the event log of this device."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from edge.app.system import local_zone
from edge.cli.errors import CommandError
from edge.cli.facts import facts
from edge.cli.settings_file import add_config, load_settings
from edge.model.event import NO_OBJECT, StoredEvent
from edge.outputs import csv_rows
from edge.outputs.payload import event_json, local_time
from edge.outputs.rest.query import DEFAULT_LIMIT, BadParameter, events_query
from edge.settings import Settings
from edge.store.errors import StoreError
from edge.store.pages import pages
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
    parser.add_argument(
        "--limit", metavar="N", type=_count, help=f"the newest N (default: {DEFAULT_LIMIT}; with --csv all)"
    )
    parser.add_argument("--follow", action="store_true", help="go on with new events as they come")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="one JSON object a line, as REST answers it")
    forms.add_argument("--csv", action="store_true", help="a row of titles and one row an event, for spreadsheets")


def run(args: argparse.Namespace) -> int:
    """Print events, the oldest first."""
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
    return replace(query, limit=args.limit or (MOST if args.csv else DEFAULT_LIMIT))


def _print_all(viewer: Viewer, query: EventQuery, zone: tzinfo, args: argparse.Namespace) -> None:
    query = _from_newest(viewer, query)
    form = _form(args, zone)
    _write(form.title)
    last_id = query.since_id or 0
    for events in pages(viewer.select, query):
        _write(form.lines(events))
        last_id = events[-1].event_id
    while args.follow:
        time.sleep(POLL_S)
        for events in pages(viewer.select, replace(query, since_id=last_id, limit=MOST)):
            _write(form.lines(events))
            last_id = events[-1].event_id


def _from_newest(viewer: Viewer, query: EventQuery) -> EventQuery:
    """Return the same question from the first of its newest `limit` events on; only ids are kept in memory."""
    if query.limit >= MOST:
        return query
    first_id: int | None = None
    for events in pages(viewer.select, replace(query, newest_first=True)):
        first_id = events[-1].event_id
    return query if first_id is None else replace(query, since_id=first_id - 1)


@dataclass(frozen=True, slots=True)
class _Form:
    """How events are written: what stands above them, and their lines."""

    title: bytes
    lines: Callable[[Sequence[StoredEvent]], bytes]


def _form(args: argparse.Namespace, zone: tzinfo) -> _Form:
    if args.csv:
        return _Form(csv_rows.header(), lambda events: csv_rows.rows(events, zone))
    if args.json:
        return _Form(
            b"", lambda events: _text(json.dumps(event_json(each, zone), ensure_ascii=False) for each in events)
        )
    return _Form(_text([_columns(TITLES)]), lambda events: _text(_columns(_words(each, zone)) for each in events))


def _write(text: bytes) -> None:
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


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
