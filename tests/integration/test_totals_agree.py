"""Totals by rule = totals by type = rows of the CSV file = events as JSON = the log, over random histories."""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.event import StoredEvent
from edge.outputs.payload import event_json, utc_time
from edge.outputs.rest.app import all_routes, build_app
from edge.store.query import EventQuery
from tests.support.histories import CHANNELS, PowerFails, Site, Step, histories
from tests.support.rest import Device, resting
from tests.support.wsgi import get

BERLIN = ZoneInfo("Europe/Berlin")
ALL = EventQuery(limit=100_000)
ORIGINS = ("Pedestrian", "Vehicle", "Unknown")


@settings(max_examples=25, deadline=None)
@given(histories(), st.lists(st.tuples(*(st.integers(0, 99) for _ in range(4))), min_size=6, max_size=6))
def test_they_agree(history: Sequence[Step], picks: Sequence[tuple[int, int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play(Path(folder), history, lambda played: check(played, picks))


def play(folder: Path, history: Sequence[Step], then: Callable[[Device], None]) -> None:
    """Let a history happen to a real log, which is opened anew where the power fails; then look."""
    site = Site()
    with ExitStack() as stack:
        running = stack.enter_context(powered(folder, site))
        for step in history:
            if isinstance(step, PowerFails):
                stack.pop_all().close()
                running = stack.enter_context(powered(folder, site))
            events = site.step(step)
            running.clock.wall_us = site.now_us
            running.commit(*events)
        then(running)


def powered(folder: Path, site: Site) -> Any:  # noqa: ANN401 - a context manager of a Device
    return resting(folder, zone=BERLIN, wall_us=site.now_us)


def check(played: Device, picks: Sequence[tuple[int, int, int, int]]) -> None:
    app = build_app(played.context, all_routes(played.context))
    events = played.context.log.select(ALL)
    agree(app, events, {})
    for pick in picks:
        agree(app, events, parameters(events, pick))


def parameters(events: Sequence[StoredEvent], pick: tuple[int, int, int, int]) -> dict[str, str]:
    """Return a question: channel and origin or none, from and to some event's time or open."""
    channel, origin, since, until = pick
    asked: dict[str, str] = {}
    if channel % 4 < len(CHANNELS):
        asked["channelId"] = CHANNELS[channel % 4]
    if origin % 4 < len(ORIGINS):
        asked["origin"] = ORIGINS[origin % 4]
    for name, number in ("sinceTime", since), ("untilTime", until):
        if events and number % 4:
            asked[name] = utc_time(events[number % len(events)].event.time_us)
    return asked


def agree(app: Callable[..., Any], events: Sequence[StoredEvent], asked: dict[str, str]) -> None:
    by_rule = get(app, "/v1/json/events/totals/rule", asked).json
    by_type = get(app, "/v1/json/events/totals/type", asked).json
    wanted = asked.get("origin")
    of_file = [row for row in table(get(app, "/v1/csv/events", asked).body) if wanted in (None, row["origin"])]
    of_log = [row for row in map(told, chosen(events, asked)) if wanted in (None, row["origin"])]
    assert [row["event_id"] for row in of_file] == [row["event_id"] for row in of_log]
    for rows in of_file, of_log:
        assert {(row["channel_id"], row["rule_id"]): row["rule_count"] for row in by_rule} == counted(rows, "rule_id")
        assert {(row["channel_id"], row["type"]): row["type_count"] for row in by_type} == counted(rows, "type")
    names = {(row["channel_id"], row["rule_id"]): row["rule_name"] for row in of_log}
    assert {(row["channel_id"], row["rule_id"]): row["rule_name"] for row in by_rule} == names
    for total, rows in (
        (sum(row["rule_count"] for row in by_rule), of_log),
        (sum(r["type_count"] for r in by_type), of_file),
    ):
        assert total == len(rows)


def chosen(events: Sequence[StoredEvent], asked: dict[str, str]) -> Sequence[StoredEvent]:
    """Return the log's events that are asked for, by their own values."""
    since, until, channel_id = asked.get("sinceTime", ""), asked.get("untilTime", "~"), asked.get("channelId")
    return [
        each
        for each in events
        if since <= utc_time(each.event.time_us) < until and channel_id in (None, each.event.channel_id)
    ]


def told(stored: StoredEvent) -> dict[str, str]:
    return {name: str(value) for name, value in event_json(stored, BERLIN).items()}


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def counted(rows: Sequence[dict[str, str]], key: str) -> Counter[tuple[str, str]]:
    return Counter((row["channel_id"], row[key]) for row in rows)
