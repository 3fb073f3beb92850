"""Random histories of the log against a list."""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.model.event import Event, EventType, StoredEvent
from edge.model.scene import Origin
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, TotalsQuery
from tests.support.clock import START_US, TestClock
from tests.support.events import new_log

HOUR_US = 3_600_000_000
POINT_TYPES = [EventType.TRIPWIRE_CROSSED, EventType.SABOTAGE, EventType.LOITERING]
CHANNELS = st.sampled_from(["gate", "yard"])
TIMES = st.integers(START_US - 3 * HOUR_US, START_US + 3 * HOUR_US)
OPTIONAL_TIMES = st.none() | TIMES


@st.composite
def events(draw: st.DrawFn) -> Event:
    rule_id = draw(st.sampled_from(["-1", "line", "door"]))
    return Event(
        type=draw(st.sampled_from(POINT_TYPES)),
        channel_id=draw(CHANNELS),
        channel_name=draw(st.sampled_from(["Gate", "Tor"])),
        time_us=draw(TIMES),
        stream_s=draw(st.floats(0, 1e6)),
        object_id=draw(st.integers(-1, 50)),
        origin=draw(st.sampled_from(list(Origin))),
        rule_id=rule_id,
        rule_name="" if rule_id == "-1" else draw(st.sampled_from(["A", "B"])),
        count=draw(st.none() | st.integers(0, 9)),
        reason=draw(st.none() | st.just("dark")),
        confidence=draw(st.none() | st.floats(0, 1)),
    )


@st.composite
def queries(draw: st.DrawFn) -> EventQuery:
    ids = st.none() | st.integers(0, 400)
    return EventQuery(
        channel_id=draw(st.none() | CHANNELS | st.just("nowhere")),
        since_id=draw(ids),
        until_id=draw(ids),
        since_us=draw(OPTIONAL_TIMES),
        until_us=draw(OPTIONAL_TIMES),
        limit=draw(st.integers(1, 400)),
        newest_first=draw(st.booleans()),
    )


@dataclass(slots=True)
class Model:
    """The log as a list."""

    kept: list[StoredEvent] = field(default_factory=list)
    windows: dict[str, int] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)
    last_id: int = 0

    def append(self, event: Event, now_us: int) -> None:
        window = max(now_us - now_us % HOUR_US, self.windows.get(event.channel_id, 0))
        self.windows[event.channel_id] = window
        self.objects[event.channel_id] = max(self.objects.get(event.channel_id, 0), event.object_id)
        self.last_id += 1
        moved = event.time_us < window
        stored = replace(event, time_us=window) if moved else event
        self.kept.append(StoredEvent(self.last_id, stored, true_time_us=event.time_us if moved else None))

    def select(self, query: EventQuery) -> list[StoredEvent]:
        found = [stored for stored in self.kept if query.matches(stored)]
        return (found[::-1] if query.newest_first else found)[: query.limit]


class LogMachine(RuleBasedStateMachine):
    log: EventLog

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = TestClock()
        self.model = Model()
        self.log = new_log(Path(self.folder.name), self.clock)
        self.log.open()

    @rule(group=st.lists(events(), min_size=1, max_size=5), now_us=TIMES, repeat=st.sampled_from([1, 1, 60, 150]))
    def append(self, group: list[Event], now_us: int, repeat: int) -> None:
        for _ in range(repeat):
            self.log.append(group, now_us)
            for event in group:
                self.model.append(event, now_us)
        assert self.log.flush(30)

    @rule(query=queries())
    def select(self, query: EventQuery) -> None:
        assert self.log.select(query) == self.model.select(query)
        assert self.log.wait(query, 0) == self.model.select(query)

    @rule(
        channel_id=st.none() | CHANNELS,
        since=OPTIONAL_TIMES,
        until=OPTIONAL_TIMES,
        origin=st.none() | st.sampled_from(Origin),
    )
    def totals(self, channel_id: str | None, since: int | None, until: int | None, origin: Origin | None) -> None:
        counted = EventQuery(channel_id=channel_id, since_us=since, until_us=until)
        count = sum(counted.matches(s) and origin in (None, s.event.origin) for s in self.model.kept)
        query = TotalsQuery(channel_id, since, until, origin)
        by_rule, by_type = self.log.totals_by_rule(query), self.log.totals_by_type(query)
        assert sum(row.rule_count for row in by_rule) == count
        assert sum(row.type_count for row in by_type) == count
        assert all(row.rule_count for row in by_rule)
        assert all(row.type_count for row in by_type)
        assert len({(row.channel_id, row.rule_id) for row in by_rule}) == len(by_rule)

    @rule(event=events(), now_us=TIMES)
    def months_pass(self, event: Event, now_us: int) -> None:
        self._pass(91 * 24 * 3600)
        for _ in range(6):
            self._pass(60)
            self.append([event], now_us, 1)
        self.model.kept = self.model.kept[-6:]

    @rule(event=events(), now_us=TIMES)
    def the_clock_leaps_by_months(self, event: Event, now_us: int) -> None:
        """A clock that leaps is not believed for what is to be deleted, until a day has passed by it."""
        if self.model.kept:
            self.clock.wall_us += 91 * 24 * HOUR_US
            self.append([event], now_us, 1)
            self._pass(60)
            self.append([event], now_us, 1)

    def _pass(self, seconds: int) -> None:
        self.clock.wall_us += seconds * 1_000_000
        self.clock.ahead_s += seconds

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = new_log(Path(self.folder.name), self.clock)
        self.log.open()

    @invariant()
    def knows_the_highest_ids(self) -> None:
        assert self.log.last_event_id() == self.model.last_id
        for channel_id, object_id in self.model.objects.items():
            assert self.log.last_object_id(channel_id) == object_id

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()
            self.folder.cleanup()


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=25, stateful_step_count=12, deadline=None, derandomize=True)
