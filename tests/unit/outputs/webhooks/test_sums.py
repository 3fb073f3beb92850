"""Sums: exact local windows through every kind of night, each sent once, equal to what REST counts."""

import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.event import Event, EventType
from edge.outputs.webhooks.payload import Span
from edge.outputs.webhooks.watch import SHORTEST_GAP_US, gaps_between
from edge.settings import ChannelSettings, LineSettings, ZoneSettings
from edge.store.query import EventQuery, TotalsQuery
from tests.support.clock import HandClock
from tests.support.events import CHANNEL, appear, crossing, disappear
from tests.support.summing import DAILY, GATE, HOURLY, Ledger, ledger, us

BERLIN = ZoneInfo("Europe/Berlin")
SAMPLE = Path(__file__).with_name("aggregate_sample.json")
HOUR_S = 3600


def test_each_hour_is_summed_once_with_zeros_within_three_seconds(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:34:00+02:00", BERLIN) as book:
        book.append(crossing(1), appear(2))
        book.pass_time(26 * 60 - 1)
        assert book.windows() == []
        book.pass_time(3, 1.0)
        assert book.windows() == [("2026-06-01T12:00+02:00", "2026-06-01T13:00+02:00")]
        book.pass_time(HOUR_S)
        book.pass_time(HOUR_S)
        assert book.counts() == [2, 0, 0]
        first = book.sums()[0]
        assert [(row.name, row.event_count) for row in first.rule_id_aggregate] == [("Line 1", 1), ("Line 2", 0)]
        assert first.channel_name == "Gate"


@pytest.mark.parametrize(
    ("now", "hours", "windows"),
    [
        pytest.param(
            "2026-03-29T00:30:00+01:00",
            3,
            [("00:00+01:00", "01:00+01:00"), ("01:00+01:00", "03:00+02:00"), ("03:00+02:00", "04:00+02:00")],
            id="spring",
        ),
        pytest.param(
            "2026-10-25T01:30:00+02:00",
            3,
            [("01:00+02:00", "02:00+02:00"), ("02:00+02:00", "02:00+01:00"), ("02:00+01:00", "03:00+01:00")],
            id="autumn",
        ),
    ],
)
def test_hours_of_nights_on_which_the_clock_changes(
    tmp_path: Path, now: str, hours: int, windows: list[tuple[str, str]]
) -> None:
    with ledger(tmp_path, now, BERLIN) as book:
        for number in range(hours * 4):
            book.append(crossing(number))
            book.pass_time(HOUR_S / 4)
        assert [(since[11:], until[11:]) for since, until in book.windows()] == windows
        assert book.counts() == [2, 4, 4]


@pytest.mark.parametrize(("date", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-06-29", 24)])
def test_days_have_23_24_or_25_hours_also_over_the_end_of_a_month(tmp_path: Path, date: str, hours: int) -> None:
    offset = "+01:00" if date == "2026-03-28" else "+02:00"
    with ledger(tmp_path, f"{date}T22:00:00{offset}", BERLIN, hooks=[DAILY]) as book:
        for number in range(5 * 24):
            book.append(crossing(number))
            book.pass_time(HOUR_S, 1800)
        lengths = [each.until_time - each.since_time for each in book.sums()]
        assert lengths[:2] == [timedelta(hours=24), timedelta(hours=hours)]
        assert all(each.since_time.hour == each.until_time.hour == 0 for each in book.sums())
        assert book.counts()[1] == hours
        assert all(one.until_time == other.since_time for one, other in pairwise(book.sums()))


def test_a_jump_from_1970_to_now_sums_nothing_of_before(tmp_path: Path) -> None:
    clock = HandClock(us("1970-01-01T00:10:00+00:00"))
    clock.is_synced = False
    with ledger(tmp_path, "", BERLIN, hooks=[HOURLY, DAILY], clock=clock) as book:
        book.append(crossing(1))
        book.pass_time(2 * HOUR_S)
        book.append(crossing(2))
        assert book.bodies() == []
        clock.step(us("2026-06-01T12:10:00+02:00") / 1e6 - clock.now_us() / 1e6)
        clock.is_synced = True
        book.maker.close_due()
        book.append(crossing(3))
        book.pass_time(HOUR_S)
        assert book.windows() == [("2026-06-01T12:00+02:00", "2026-06-01T13:00+02:00")]
        assert book.counts() == [2], "the second was at 12:10, by a clock that was made right"


def unset(now: str) -> HandClock:
    clock = HandClock(us(now))
    clock.reboot(us(now), "dark")
    return clock


def set_right(clock: HandClock, now: str) -> None:
    clock.step((us(now) - clock.now_us()) / 1e6)
    clock.is_synced = True


def test_sums_wait_for_the_time_and_tell_of_the_hours_since(tmp_path: Path) -> None:
    clock = unset("2020-01-01T00:58:00+01:00")
    with ledger(tmp_path, "", BERLIN, clock=clock, clock_wait_s=600) as book:
        book.append(crossing(1))
        book.pass_time(5 * 60)
        book.append(crossing(2))
        assert book.bodies() == []
        set_right(clock, "2026-06-01T13:02:00+02:00")
        book.pass_time(HOUR_S)
        assert book.windows() == [
            ("2026-06-01T12:00+02:00", "2026-06-01T13:00+02:00"),
            ("2026-06-01T13:00+02:00", "2026-06-01T14:00+02:00"),
        ]
        assert book.counts() == [1, 1]


def test_hours_that_were_missed_while_the_power_was_off_are_told_once_the_time_is_known(tmp_path: Path) -> None:
    clock = HandClock(us("2026-06-01T09:10:00+02:00"))
    with ledger(tmp_path, "", BERLIN, clock=clock, clock_wait_s=600) as book:
        book.append(crossing(1))
    clock.reboot(us("2026-06-01T09:05:00+02:00"), "second")
    with ledger(tmp_path, "", BERLIN, clock=clock, clock_wait_s=600) as book:
        book.append(crossing(2))
        book.pass_time(9 * 60)
        assert book.bodies() == []
        set_right(clock, "2026-06-01T12:20:00+02:00")
        book.pass_time(HOUR_S)
        assert [since[11:16] for since, _ in book.windows()] == ["09:00", "10:00", "11:00", "12:00"]
        assert book.counts() == [1, 0, 0, 1]


def test_sums_told_by_a_clock_that_nobody_set_are_marked_and_the_jump_is_not_told(tmp_path: Path) -> None:
    clock = unset("2026-05-31T08:50:00+02:00")
    hooks = [replace(HOURLY, extended=True)]
    with ledger(tmp_path, "", BERLIN, clock=clock, hooks=hooks, clock_wait_s=600) as book:
        book.pass_time(2 * HOUR_S)
        assert [json.loads(body)["clock_synced"] for body in book.bodies()] == [False, False]
        book.append(crossing(1))
        set_right(clock, "2026-06-01T13:10:00+02:00")
        book.pass_time(HOUR_S)
        assert [since[8:16] for since, _ in book.windows()] == ["31T08:00", "31T09:00", "01T13:00"]
        assert [json.loads(body)["clock_synced"] for body in book.bodies()] == [False, False, True]


def test_a_clock_that_nobody_set_but_that_was_right_loses_no_hour(tmp_path: Path) -> None:
    clock = unset("2026-06-01T08:50:00+02:00")
    with ledger(tmp_path, "", BERLIN, clock=clock, clock_wait_s=600) as book:
        book.pass_time(2 * HOUR_S + 1200)
        set_right(clock, "2026-06-01T11:10:01+02:00")
        book.pass_time(HOUR_S)
        assert [since[11:16] for since, _ in book.windows()] == ["08:00", "09:00", "10:00", "11:00"]


def test_a_clock_that_was_set_to_when_the_program_was_built_sums_nothing_of_between(tmp_path: Path) -> None:
    clock = HandClock(us("2025-02-01T12:10:00+01:00"))
    clock.is_synced = False
    with ledger(tmp_path, "", BERLIN, clock=clock) as book:
        book.append(crossing(1))
        clock.step(us("2026-06-01T12:10:00+02:00") / 1e6 - clock.now_us() / 1e6)
        clock.is_synced = True
        book.pass_time(HOUR_S)
        assert book.windows() == [("2026-06-01T12:00+02:00", "2026-06-01T13:00+02:00")]


def test_a_clock_set_back_ten_minutes_sends_nothing_twice_and_changes_nothing_that_was_sent(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:50:00+02:00", BERLIN, hooks=[HOURLY, DAILY]) as book:
        book.append(crossing(1))
        book.pass_time(12 * 60)
        assert book.counts() == [1]
        book.clock.step(-600)
        book.append(crossing(2))
        (late,) = book.log.select(EventQuery(since_id=1))
        assert late.event.time_us == us("2026-06-01T13:00:00+02:00")
        assert late.true_time_us == us("2026-06-01T12:52:00+02:00")
        book.pass_time(20 * 60)
        assert book.counts() == [1]
        book.pass_time(HOUR_S)
        assert book.windows()[1:] == [("2026-06-01T13:00+02:00", "2026-06-01T14:00+02:00")]
        assert book.counts() == [1, 1]


def test_an_event_that_comes_late_counts_in_the_open_window(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:59:00+02:00", BERLIN) as book:
        book.append(crossing(1))
        book.pass_time(61.5)
        before_us = us("2026-06-01T12:59:59+02:00")
        book.log.append([crossing(2, time_us=before_us)], before_us)  # its frame was before the hour, too
        assert book.log.flush(10)
        (stored,) = book.log.select(EventQuery(since_id=1))
        assert stored.event.time_us == us("2026-06-01T13:00:00+02:00")
        book.pass_time(HOUR_S)
        assert book.counts() == [1, 1]


@pytest.mark.parametrize(
    ("days", "first", "count"), [(3, "2026-06-01T12:00+02:00", 72), (10, "2026-06-04T12:00+02:00", 168)]
)
def test_windows_missed_without_power_are_made_up_for_seven_days_oldest_first_each_once(
    tmp_path: Path, days: int, first: str, count: int
) -> None:
    with ledger(tmp_path, "2026-06-01T12:30:00+02:00", BERLIN) as book:
        book.append(crossing(1))
    clock = HandClock(us("2026-06-01T12:30:00+02:00") + days * 86_400_000_000)
    with ledger(tmp_path, "", BERLIN, clock=clock) as book:
        for _ in range(10):
            book.maker.close_due()
        assert book.windows()[0][0] == first
        assert len(book.windows()) == count
        assert book.windows() == sorted(book.windows())
        assert sum(book.counts()) == (1 if days == 3 else 0)
    with ledger(tmp_path, "", BERLIN, clock=clock) as book:
        assert len(book.windows()) == count


def test_what_was_sent_stays_sealed_over_a_restart(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:50:00+02:00", BERLIN) as book:
        book.pass_time(11 * 60)
        assert len(book.windows()) == 1
    clock = HandClock(us("2026-06-01T12:55:00+02:00"))
    with ledger(tmp_path, "", BERLIN, clock=clock) as book:
        book.append(crossing(1))
        (stored,) = book.log.select(EventQuery())
        assert stored.event.time_us == us("2026-06-01T13:00:00+02:00")


def test_deleted_rules_and_channels_are_told_where_they_had_events(tmp_path: Path) -> None:
    other = ChannelSettings(name="Yard", id="yard", source=GATE.source, rules=GATE.rules[1:])
    with ledger(tmp_path, "2026-06-01T12:10:00+02:00", BERLIN, channels=[GATE, other]) as book:
        book.append(crossing(1), crossing(2, rule_name="Line one"), replace(crossing(3), channel_id="yard"))
        book.settings = replace(book.settings, channels=(replace(GATE, rules=GATE.rules[1:]),))
        book.pass_time(HOUR_S)
        gate, yard = book.sums()
        assert [(row.name, row.event_count) for row in gate.rule_id_aggregate] == [("Line 2", 0), ("Line one", 2)]
        assert yard.channel_name == "Gate"  # the name that its last event carries
        assert [row.event_count for row in yard.rule_id_aggregate] == [1]
        book.pass_time(2 * HOUR_S)
        assert len(book.sums()) == 4


def test_zero_rows_of_rules_may_be_left_out(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:10:00+02:00", BERLIN, hooks=[replace(HOURLY, zero_rules=False)]) as book:
        book.append(crossing(1))
        book.pass_time(HOUR_S)
        assert [row.name for row in book.sums()[0].rule_id_aggregate] == ["Line 1"]


def test_a_channel_that_is_turned_off_is_told_only_where_it_had_events(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:10:00+02:00", BERLIN) as book:
        book.append(crossing(1))
        book.settings = replace(book.settings, channels=(replace(GATE, enabled=False),))
        book.pass_time(5 * HOUR_S)
        assert book.counts() == [1]
        book.settings = replace(book.settings, channels=(GATE,))
        book.pass_time(HOUR_S)
        assert book.windows()[1:] == [("2026-06-01T17:00+02:00", "2026-06-01T18:00+02:00")]


def test_a_subscription_for_some_channels_gets_theirs(tmp_path: Path) -> None:
    other = ChannelSettings(name="Yard", id="yard", source=GATE.source)
    hook = replace(HOURLY, channels=("Yard",))
    with ledger(tmp_path, "2026-06-01T12:10:00+02:00", BERLIN, hooks=[hook], channels=[GATE, other]) as book:
        book.pass_time(HOUR_S)
        assert [each.channel_name for each in book.sums()] == ["Yard"]


def test_a_zero_of_a_blind_camera_says_so(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:00:00+02:00", BERLIN, hooks=[replace(HOURLY, extended=True)]) as book:
        book.look(1200)
        book.look(600, status="stalled")
        book.look(600)
    with ledger(tmp_path, "2026-06-01T12:50:00+02:00", BERLIN, hooks=[replace(HOURLY, extended=True)]) as book:
        book.look(610)
        (body,) = (json.loads(each) for each in book.bodies())
    assert [(gap["since_time"][11:19], gap["until_time"][11:19]) for gap in body["gaps"]] == [
        ("12:20:00", "12:30:05"),
        ("12:40:00", "12:50:05"),
    ]
    assert abs(body["observed_seconds"] - 2400) <= 15


def test_a_slow_camera_is_watched_up_to_its_last_picture(tmp_path: Path) -> None:
    with ledger(tmp_path, "2026-06-01T12:00:00+02:00", BERLIN, hooks=[replace(HOURLY, extended=True)]) as book:
        book.look(1200, every=6)
        book.look(1200, every=500)
        book.look(1210, status="stalled")
        (body,) = (json.loads(each) for each in book.bodies())
    assert [(gap["since_time"][11:19], gap["until_time"][11:19]) for gap in body["gaps"]] == [
        ("12:00:00", "12:00:30"),  # until its second picture nobody knows that it goes on
        ("12:20:05", "13:00:00"),
    ]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=8))
def test_gaps_and_spans_cover_the_window(pairs: list[tuple[int, int]]) -> None:
    unit = SHORTEST_GAP_US
    spans = [Span(min(pair) * unit, max(pair) * unit) for pair in pairs]
    window = Span(100 * unit, 300 * unit)
    gaps = gaps_between(spans, window)
    for tick in range(100, 300):
        watched = any(span.since_us <= tick * unit < span.until_us for span in spans)
        missing = any(gap.since_us <= tick * unit < gap.until_us for gap in gaps)
        assert watched != missing
    assert gaps == sorted(gaps, key=lambda gap: gap.since_us)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cross", "appear", "gone", "late", "hour", "minutes", "back", "restart"]), st.integers(1, 50)
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=12)
@given(STEPS, st.sampled_from(["2026-03-28T22:10:00+01:00", "2026-10-24T23:10:00+02:00", "2026-06-30T20:10:00+02:00"]))
def test_sums_are_what_rest_counts_over_any_history(steps: list[tuple[str, int]], now: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        clock = HandClock(us(now))
        folder, left = Path(name), list(steps)
        while True:
            with ledger(folder, "", BERLIN, hooks=[HOURLY, DAILY], clock=clock) as book:
                while left:
                    kind, number = left.pop(0)
                    if kind == "restart":
                        clock.move(number * 600)
                        break
                    act(book, kind, number)
                else:
                    book.pass_time(50 * HOUR_S, 1800)
                    agree(book)
                    return


def act(book: Ledger, kind: str, number: int) -> None:
    if kind in ("hour", "minutes"):
        book.pass_time(HOUR_S if kind == "hour" else 60 * number, 600)
    elif kind == "back":
        book.clock.step(-20.0 * number)
    elif kind == "late":
        late_us = book.clock.now_us() - number * 60_000_000
        book.log.append([crossing(number, time_us=late_us)], book.clock.now_us())
        assert book.log.flush(10)
    else:
        make = {"cross": crossing, "appear": appear, "gone": disappear}[kind]
        book.append(make(number))


def agree(book: Ledger) -> None:
    """Every window is there once, and holds what the log counts in it; together they hold all since the first."""
    for when in ("hour", "day"):
        sums = [
            each for each in book.sums() if (each.until_time - each.since_time > timedelta(hours=2)) == (when == "day")
        ]
        assert len({each.since_time for each in sums}) == len(sums)
        assert all(one.until_time == other.since_time for one, other in pairwise(sums))
        for each in sums:
            query = TotalsQuery(
                CHANNEL, since_us=us(each.since_time.isoformat()), until_us=us(each.until_time.isoformat())
            )
            types = {row.type.value: row.type_count for row in book.log.totals_by_type(query)}
            assert {row.key: row.event_count for row in each.event_type_aggregate if row.event_count} == types
            rules = {row.rule_id: row.rule_count for row in book.log.totals_by_rule(query) if row.rule_id != "-1"}
            assert {row.key: row.event_count for row in each.rule_id_aggregate if row.event_count} == rules
    begun_us = us(book.sums()[0].since_time.isoformat())
    events = [stored.event for stored in book.log.select(EventQuery(since_us=begun_us, limit=10_000))]
    hours = [each for each in book.sums() if each.until_time - each.since_time <= timedelta(hours=2)]
    assert sum(row.event_count for each in hours for row in each.event_type_aggregate) == len(events)
    crossed = sum(event.type is EventType.TRIPWIRE_CROSSED for event in events)
    assert sum(row.event_count for each in hours for row in each.rule_id_aggregate) == crossed


def test_the_seeds_sample_from_a_scripted_history(tmp_path: Path) -> None:
    """Key for key; the sample's own times have a fraction of a second, which windows never have."""
    ids = {
        "Motion detection": "ab68d96d-b1a6-4b94-8092-3ece52cf707d",
        "Line 1": "471fa55d-967b-46a7-b77f-5b9ce6af82ee",
        "Line 2": "689351ab-239c-420f-b22e-cfc27fce6806",
        "Line 3": "0e5f132d-3a81-4e16-993c-6a8d4a47e5e1",
    }
    motion = ZoneSettings(zone="Motion detection", polygon=((0, 0), (1, 0), (1, 1)), id=ids["Motion detection"])
    lines = [LineSettings(line=name, points=((0.5, 0), (0.5, 1)), id=ids[name]) for name in list(ids)[1:]]
    camera = replace(GATE, name="Integrated Camera", rules=(motion, *lines))
    history = [
        *[(EventType.MOTION_ON, "Motion detection")] * 3,
        *[(EventType.MOTION_OFF, "Motion detection")] * 2,
        *[(EventType.TRIPWIRE_CROSSED, name) for name in ("Line 1", "Line 2", "Line 2", "Line 3", "Line 3")],
        *[(EventType.OBJECT_APPEAR, "")] * 5,
        *[(EventType.OBJECT_DISAPPEAR, "")] * 4,
        (EventType.SABOTAGE, ""),
    ]
    zone = ZoneInfo("Europe/Istanbul")
    with ledger(tmp_path, "2019-05-20T17:05:00+03:00", zone, channels=[camera]) as book:
        for number, (kind, rule) in enumerate(history):
            told = Event(
                kind, CHANNEL, "Integrated Camera", 0, 0.0, number, rule_id=ids.get(rule, "-1"), rule_name=rule
            )
            book.append(told)
            book.pass_time(120)
        book.pass_time(HOUR_S)
        body = json.loads(book.bodies()[0])
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert body.pop("since_time") == "2019-05-20T17:00:00.0000000+03:00"
    assert body.pop("until_time") == "2019-05-20T18:00:00.0000000+03:00"
    assert list(sample)[-2:] == ["since_time", "until_time"]
    del sample["since_time"], sample["until_time"]
    assert json.dumps(body) == json.dumps(sample)


def test_what_was_watched_before_the_time_was_known_is_no_gap(tmp_path: Path) -> None:
    clock = unset("2020-01-01T00:30:00+01:00")
    with ledger(tmp_path, "", BERLIN, hooks=[replace(HOURLY, extended=True)], clock=clock, clock_wait_s=3600) as book:
        book.look(600)
        book.look(300, status="stalled")
        book.look(600)
        book.look(60, status="stalled")
        book.watch.save()
        set_right(clock, "2026-06-01T12:26:00+02:00")
        book.look(40 * 60)
        (body,) = (json.loads(each) for each in book.bodies())
    assert [(gap["since_time"][11:16], gap["until_time"][11:16]) for gap in body["gaps"]] == [
        ("12:10", "12:15"),
        ("12:25", "12:26"),
    ]
