"""Totals by rule = by type = rows of the CSV file = events as JSON = the log = sums of webhooks, in any history."""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.model.event import NO_RULE, StoredEvent
from edge.model.scene import Origin
from edge.outputs.payload import event_json, utc_time
from edge.outputs.rest.app import all_routes, build_app
from edge.outputs.rest.context import RestContext
from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.histories import CHANNELS, NEAR_S, Clock, Happens, PowerFails, Site, Step, histories
from tests.support.rest import Device, context_of, resting
from tests.support.summing import DAILY, HOURLY, Ledger, ledger, us
from tests.support.typed import AggregateHook
from tests.support.wsgi import get

BERLIN = ZoneInfo("Europe/Berlin")
ALL = EventQuery(limit=100_000)
ORIGINS = ("Pedestrian", "Vehicle", "Unknown")


@settings(max_examples=25, deadline=None)
@given(histories(25), st.lists(st.tuples(*(st.integers(0, 99) for _ in range(4))), min_size=6, max_size=6))
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
    app = app_of(played.context)
    events = played.context.log.select(ALL)
    agree(app, events, {})
    for pick in picks:
        agree(app, events, parameters(events, pick))


def app_of(context: RestContext) -> Callable[..., Any]:
    return build_app(context, all_routes(context))


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


NIGHTS = ("2026-03-28T20:10:00+01:00", "2026-10-24T21:10:00+02:00", "2026-06-30T20:10:00+02:00")
FIRST = [Happens(channel, None, (2,), Origin.UNKNOWN, 0.0) for channel in range(len(CHANNELS))]


SET_BACK_AFTER_A_SUM = [Clock(5400.0), Clock(-3600.0), Happens(1, 2, (5, 5), Origin.UNKNOWN, 4000.0)]


@settings(max_examples=20, deadline=None)
@example(SET_BACK_AFTER_A_SUM, NIGHTS[0])
@given(histories(20, NEAR_S), st.sampled_from(NIGHTS))
def test_sums_of_webhooks_agree_with_them(history: Sequence[Step], now: str) -> None:
    site, clock = Site(us(now)), HandClock(us(now))
    left = [*FIRST, *history]
    with tempfile.TemporaryDirectory() as name:
        while left:
            with ledger(Path(name), "", BERLIN, hooks=[HOURLY, DAILY], channels=site.channels(), clock=clock) as book:
                while left and not isinstance(step := left.pop(0), PowerFails):
                    summed_step(book, site, step)
                if not left:
                    book.pass_time(50 * 3600, 1800)
                    sums_agree(book, Path(name))


def summed_step(book: Ledger, site: Site, step: Step) -> None:
    events = site.step(step)
    book.settings = replace(book.settings, channels=site.channels())
    book.clock.step((site.now_us - book.clock.now_us()) / 1e6)
    book.log.append(events, site.now_us)
    assert book.log.flush(30.0)
    waiting = -1
    while waiting < len(book.bodies()):
        waiting = len(book.bodies())
        book.maker.close_due()


def sums_agree(book: Ledger, folder: Path) -> None:
    """Each window holds what REST and the CSV file have in it; all windows of a kind hold all there is."""
    app = app_of(context_of(book.log, book.outbox, book.clock, folder, BERLIN))
    for daily in False, True:
        sums = [each for each in book.sums() if (each.until_time - each.since_time > timedelta(hours=2)) == daily]
        assert len({(each.channel_id, each.since_time) for each in sums}) == len(sums)
        for each in [each for each in sums if any(row.event_count for row in each.event_type_aggregate)]:
            asked = {
                "channelId": each.channel_id,
                "sinceTime": each.since_time.isoformat(),
                "untilTime": each.until_time.isoformat(),
            }
            assert summed([each]) == totalled(app, asked)
        assert summed(sums) == totalled(app, {})


Sums = tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]


def summed(sums: Sequence[AggregateHook]) -> Sums:
    """Return how many events of each type, and of each rule, a channel had by the webhooks."""
    types: Counter[tuple[str, str]] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for each in sums:
        for count, rows in (types, each.event_type_aggregate), (rules, each.rule_id_aggregate):
            for row in rows:
                count[each.channel_id, row.key] += row.event_count
    return +types, +rules


def totalled(app: Callable[..., Any], asked: dict[str, str]) -> Sums:
    """Return the same by REST and, as it must be, by the rows of the CSV file."""
    rows = table(get(app, "/v1/csv/events", asked).body)
    by_type = get(app, "/v1/json/events/totals/type", asked).json
    by_rule = [row for row in get(app, "/v1/json/events/totals/rule", asked).json if row["rule_id"] != NO_RULE]
    types = Counter({(row["channel_id"], row["type"]): row["type_count"] for row in by_type})
    rules = Counter({(row["channel_id"], row["rule_id"]): row["rule_count"] for row in by_rule})
    assert types == counted(rows, "type")
    assert rules == counted([row for row in rows if row["rule_id"] != NO_RULE], "rule_id")
    return types, rules
