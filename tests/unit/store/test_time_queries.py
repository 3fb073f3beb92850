"""Queries by time over many blocks of ids, answered from the file, against a plain list."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.event import StoredEvent
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, TotalsQuery
from tests.support.clock import START_US
from tests.support.events import appear, crossing, new_log

COUNT = 3000
SPAN_US = 3_000_000_000
YEAR_US = 365 * 86_400_000_000
TIMES = st.none() | st.integers(START_US - SPAN_US // 10, START_US + SPAN_US) | st.just(START_US - YEAR_US + 5)
CHANNELS = st.sampled_from([None, "gate", "clip", "nowhere"])


@dataclass(frozen=True)
class Filled:
    log: EventLog
    events: list[StoredEvent]


@pytest.fixture(scope="module")
def filled() -> Iterator[Filled]:
    """A camera on the device's time, and now and then a clip from a year ago."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        log = new_log(Path(folder))
        log.open()
        for number in range(COUNT):
            clip = 1000 <= number < 1400
            now_us = START_US + SPAN_US * number // COUNT - (YEAR_US if clip else 0)
            make = chance.choice([crossing, appear])
            time_us = now_us - chance.randrange(5_000_000)
            log.append([make(number, time_us=time_us, channel_id="clip" if clip else "gate")], now_us)
        log.flush(60)
        events = log.select(EventQuery(limit=10**6))
        log.close()
        log = new_log(Path(folder))
        log.open()
        events += log.select(EventQuery(since_id=COUNT, limit=10**6))
        log.close()
        log = new_log(Path(folder))
        log.open()
        yield Filled(log, events)
        log.close()


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    channel_id=CHANNELS,
    ids=st.tuples(*[st.none() | st.integers(0, COUNT + 10)] * 2),
    times=st.tuples(TIMES, TIMES),
    limit=st.integers(1, 3 * COUNT),
    newest_first=st.booleans(),
)
def test_events(
    filled: Filled,
    channel_id: str | None,
    ids: tuple[int | None, int | None],
    times: tuple[int | None, int | None],
    limit: int,
    *,
    newest_first: bool,
) -> None:
    query = EventQuery(channel_id, *ids, *times, limit, newest_first)
    expected = [stored for stored in filled.events if query.matches(stored)]
    assert filled.log.select(query) == (expected[::-1] if newest_first else expected)[:limit]


@settings(deadline=None, max_examples=100, derandomize=True)
@given(channel_id=CHANNELS, times=st.tuples(TIMES, TIMES))
def test_totals(filled: Filled, channel_id: str | None, times: tuple[int | None, int | None]) -> None:
    matching = EventQuery(channel_id, None, None, *times)
    expected = sum(matching.matches(stored) for stored in filled.events)
    by_rule = filled.log.totals_by_rule(TotalsQuery(channel_id, *times))
    by_type = filled.log.totals_by_type(TotalsQuery(channel_id, *times))
    assert sum(row.rule_count for row in by_rule) == sum(row.type_count for row in by_type) == expected
