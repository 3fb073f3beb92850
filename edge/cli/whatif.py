"""`edge whatif`: what edited rules would have counted, beside what was counted."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from edge.app.system import local_zone
from edge.cli.errors import CommandError
from edge.cli.settings_file import load_settings
from edge.cli.whatif_judge import NOT_JUDGED, Judge, Window
from edge.model.event import Event, StoredEvent
from edge.outputs.payload import JsonObject, local_time
from edge.outputs.rest.query import BadParameter, events_query
from edge.settings import ChannelSettings
from edge.store.errors import StoreError
from edge.store.query import EventQuery
from edge.store.track_file import TrackReader
from edge.store.viewer import Viewer

BEFORE_US = 900_000_000
"""Rules look at so much before the window: who is in a zone when it begins has come before."""
AFTER_US = 60_000_000
"""And at so much after it: a Leave is told later than it became true."""
SECONDS = 19
_PAGE = 10_000
_FOREVER = 2**62

Key = tuple[str, str, str]
"""Type, name of the rule, direction."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One channel: what its rules would have told in a window that tracks cover, and what the log has of it."""

    channel: ChannelSettings
    window: Window
    frames: int
    would: Counter[Key]
    counted: Counter[Key]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--rules", type=Path, required=True, metavar="FILE", help="configuration file with the edited rules"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="the device's state_dir (default: that of FILE)")
    parser.add_argument("--since", metavar="TIME", help="from this time on, e.g. 2026-05-31T16:22 (default: all kept)")
    parser.add_argument("--until", metavar="TIME", help="before this time")
    parser.add_argument("--channel", metavar="NAME", help="this channel only")
    parser.add_argument("--json", action="store_true", help="one JSON object a channel")


def run(args: argparse.Namespace) -> int:
    """Judge what was tracked by the rules of the file; a device may be running meanwhile."""
    settings = load_settings(args.rules)
    zone = local_zone(settings.device.timezone)
    state = args.state or Path(settings.state_dir)
    channels = [channel for channel in settings.channels if args.channel in (None, channel.name)]
    if not channels:
        raise CommandError(f'there is no channel "{args.channel}" in {args.rules}')
    window = _window(args, zone)
    try:
        done = [_tell(channel, window, state, zone, as_json=args.json) for channel in channels]
    except (StoreError, ValueError) as error:
        raise CommandError(str(error)) from error
    if not any(done):
        raise CommandError(f"there are no tracks of any of these channels in {state}; --state names another folder")
    return 0


def _tell(channel: ChannelSettings, window: Window, state: Path, zone: tzinfo, *, as_json: bool) -> bool:
    """Write what a channel's rules would have counted; False where there are no tracks of it."""
    spans, names = TrackReader(state).spans(), Viewer(state).channel_names()
    kept = _kept(channel, spans, names)
    if kept is None:
        known = ", ".join(names.get(each, each) for each in spans) or "none"
        sys.stderr.write(f"{channel.name}: there are no tracks of it; there are some of {known}\n")
        return False
    since_us, until_us = spans[kept]
    found = _compare(replace(channel, id=kept), window.cut(since_us, until_us + 1), state, zone)
    sys.stdout.write(_json(found, zone) if as_json else _table(found, zone))
    return True


def _window(args: argparse.Namespace, zone: tzinfo) -> Window:
    times = {"sinceTime": args.since, "untilTime": args.until}
    try:
        query = events_query({name: text for name, text in times.items() if text is not None}, zone=zone)
    except BadParameter as wrong:
        option = "--since" if wrong.parameter == "sinceTime" else "--until"
        raise CommandError(f"{option}: {wrong.text}") from None
    return Window(query.since_us or -_FOREVER, query.until_us or _FOREVER)


def _kept(channel: ChannelSettings, spans: Iterable[str], names: dict[str, str]) -> str | None:
    """Return the id under which a channel's tracks are kept: its own, else that of a channel of its name."""
    if channel.id in spans:
        return channel.id
    return next((kept for kept in spans if names.get(kept) == channel.name), None)


def _compare(channel: ChannelSettings, window: Window, state: Path, zone: tzinfo) -> Comparison:
    judge = Judge(channel, zone)
    chunks = TrackReader(state).chunks(channel.id, window.since_us - BEFORE_US, window.until_us + AFTER_US)
    would = Counter(_key(event) for event in judge.events(chunks) if window.holds(event.time_us))
    return Comparison(channel, window, judge.frames, would, _counted(Viewer(state), channel.id, window))


def _counted(viewer: Viewer, channel_id: str, window: Window) -> Counter[Key]:
    """Return what the log has: by the true times of events, not by the windows of sums that they were moved to."""
    counts: Counter[Key] = Counter()
    query = EventQuery(channel_id=channel_id, since_us=window.since_us, limit=_PAGE)
    while events := viewer.select(query):
        counts.update(_key(stored.event) for stored in events if window.holds(_true_us(stored)))
        query = replace(query, since_id=events[-1].event_id)
    return counts


def _true_us(stored: StoredEvent) -> int:
    return stored.event.time_us if stored.true_time_us is None else stored.true_time_us


def _key(event: Event) -> Key:
    return event.type.value, event.rule_name, "" if event.direction is None else event.direction.value


def _table(found: Comparison, zone: tzinfo) -> str:
    since, until = (_time(us, zone) for us in (found.window.since_us, found.window.until_us))
    lines = [f"{found.channel.name}: {since} to {until}, {found.frames} frames", "  would have  counted"]
    for key in _keys(found):
        would = "-" if key[0] in NOT_JUDGED else str(found.would[key])
        lines.append(f"  {would:>10}  {found.counted[key]:>7}  {'  '.join(filter(None, key))}")
    lines.append(f"  not judged, since no pictures are kept: {', '.join(sorted(NOT_JUDGED))}")
    return "\n".join(lines) + "\n"


def _json(found: Comparison, zone: tzinfo) -> str:
    body: JsonObject = {
        "channel_id": found.channel.id,
        "channel_name": found.channel.name,
        "since": local_time(found.window.since_us, zone),
        "until": local_time(found.window.until_us, zone),
        "frames": found.frames,
        "rows": [_row(found, key) for key in _keys(found)],
        "not_judged": [kind.value for kind in sorted(NOT_JUDGED)],
    }
    return json.dumps(body, ensure_ascii=False) + "\n"


def _row(found: Comparison, key: Key) -> JsonObject:
    kind, rule_name, direction = key
    row: JsonObject = {"type": kind, "rule_name": rule_name, "counted": found.counted[key]}
    if direction:
        row["direction"] = direction
    if kind not in NOT_JUDGED:
        row["would_have"] = found.would[key]
    return row


def _keys(found: Comparison) -> list[Key]:
    return sorted(found.would.keys() | found.counted.keys())


def _time(time_us: int, zone: tzinfo) -> str:
    return local_time(time_us, zone)[:SECONDS].replace("T", " ")
