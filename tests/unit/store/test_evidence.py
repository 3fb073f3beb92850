"""Evidence as it is packed, and as the log keeps it with its event."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Evidence, Measure, Waypoint
from edge.model.geometry import Box, Point
from edge.settings import RetentionSettings
from edge.store import salvage
from edge.store.database import connect_writer
from edge.store.evidence import MOST_WAYPOINTS, TOLERANCE, pack, unpack
from edge.store.inbox import MAX_EVIDENCE, Appended, Inbox
from edge.store.query import EventQuery
from edge.store.schema import MIGRATIONS, migrate
from tests.support.clock import START_US, TestClock
from tests.support.events import appear, crossing, disappear, open_log, walked

PLACES = st.floats(-0.2, 1.2)
NUMBERS = st.floats(-1e6, 1e6)
ROUNDED = 0.5e-4 + 1e-9


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    moments = sorted(draw(st.sets(st.integers(0, 10**7), max_size=60)))
    return Evidence(
        path=tuple(Waypoint(at / 1000, draw(PLACES), draw(PLACES)) for at in moments),
        place=draw(st.none() | st.builds(Point, PLACES, PLACES)),
        box=draw(st.none() | st.builds(Box, PLACES, PLACES, PLACES, PLACES)),
        measures=tuple(
            draw(st.lists(st.builds(Measure, st.text(max_size=20), NUMBERS, st.none() | NUMBERS), max_size=8))
        ),
    )


@given(evidences())
def test_what_is_packed_comes_back_rounded(evidence: Evidence) -> None:
    back = unpack(pack(evidence))
    for before, now in ((evidence.place, back.place), (evidence.box, back.box)):
        assert (before is None) == (now is None)
    if evidence.place is not None and back.place is not None:
        assert back.place.x == pytest.approx(evidence.place.x, abs=ROUNDED)
    if evidence.box is not None and back.box is not None:
        assert back.box.bottom == pytest.approx(evidence.box.bottom, abs=ROUNDED)
    assert [each.name for each in back.measures] == [each.name for each in evidence.measures]
    for measured, kept in zip(evidence.measures, back.measures, strict=True):
        assert kept.value == pytest.approx(measured.value, abs=ROUNDED)
        assert kept.limit == (None if measured.limit is None else pytest.approx(measured.limit, abs=ROUNDED))


@given(evidences())
def test_a_path_stays_within_the_tolerance_of_its_newest_points(evidence: Evidence) -> None:
    kept = unpack(pack(evidence)).path
    newest = evidence.path[-MOST_WAYPOINTS:]
    assert len(kept) <= MOST_WAYPOINTS
    assert bool(kept) == bool(newest)
    if newest:
        moments = [each.stream_s for each in kept]
        assert (moments[0], moments[-1]) == (newest[0].stream_s, newest[-1].stream_s)
        for axis in ("x", "y"):
            there = np.interp([each.stream_s for each in newest], moments, [getattr(each, axis) for each in kept])
            assert np.abs(there - [getattr(each, axis) for each in newest]).max() <= TOLERANCE + ROUNDED


def test_it_is_small() -> None:
    assert max(len(pack(walked(seed))) for seed in range(30)) < 250


@pytest.mark.parametrize("damaged", [b"", b"\x00", pack(walked())[:40], pack(walked())[:-4] + b"\xff\xff\xff\xff"])
def test_damage_is_said(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="damaged evidence"):
        unpack(damaged)


def test_what_is_no_number_is_left_out() -> None:
    odd = Evidence(measures=(Measure("a", float("nan")), Measure("b", 1.0, float("inf"))))
    assert unpack(pack(odd)).measures == (Measure("b", 1.0),)


def test_the_log_keeps_it_with_its_event(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append([appear(), replace(crossing(), evidence=walked()), disappear()], START_US)
        assert log.flush(10)
        assert [log.evidence(event_id) for event_id in (1, 3, 9)] == [None, None, None]
        assert log.evidence(2) == unpack(pack(walked()))
        assert all(stored.event.evidence is None for stored in log.select(EventQuery()))
    with open_log(tmp_path) as log:
        assert log.evidence(2) == unpack(pack(walked()))
        assert log.select(EventQuery())[1].event == crossing()


def test_it_goes_with_its_event(tmp_path: Path) -> None:
    clock = TestClock()
    with open_log(tmp_path, clock, retention=RetentionSettings(events_days=1)) as log:
        log.append([replace(crossing(), evidence=walked())], START_US)
        assert log.flush(10)
        clock.wall_us += 3 * 86_400_000_000
        clock.ahead_s += 60
        log.append([crossing()], clock.wall_us)
        assert log.flush(10)
        assert log.evidence(1) is None


def test_a_log_of_the_first_version_goes_on(tmp_path: Path) -> None:
    with closing(connect_writer(tmp_path / "events.db")) as connection:
        migrate(connection, MIGRATIONS[:1])
        columns = "event_id, type, channel, time_us, late_us, committed_s, stream_s, object_id, origin, synced"
        connection.execute(
            f"INSERT INTO event ({columns}) VALUES (1, 0, 1, {START_US}, 0, {START_US // 10**6}, 1.5, 1, 0, 1)"
        )
    with open_log(tmp_path) as log:
        log.append([replace(crossing(), evidence=walked())], START_US)
        assert log.flush(10)
        assert len(log.select(EventQuery())) == 2
        assert (log.evidence(1), log.evidence(2)) == (None, unpack(pack(walked())))


@pytest.mark.parametrize("steps", [1, len(MIGRATIONS)])
def test_it_survives_a_repair(tmp_path: Path, steps: int) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    with closing(connect_writer(old)) as connection:
        migrate(connection, MIGRATIONS[:steps])
        columns = "event_id, type, channel, time_us, late_us, committed_s, stream_s, object_id, origin, synced"
        connection.execute(f"INSERT INTO event ({columns}) VALUES (1, 0, 1, {START_US}, 0, 0, 1.5, 1, 0, 1)")
        if steps > 1:
            connection.execute("UPDATE event SET evidence = ?", (pack(walked()),))
    assert salvage.save(old, new, 9, lambda: None) == salvage.Salvaged(1, 0)
    with closing(sqlite3.connect(new)) as connection:
        (kept,) = connection.execute("SELECT evidence FROM event").fetchone()
    assert kept == (pack(walked()) if steps > 1 else None)


def test_where_very_many_events_wait_further_ones_go_without() -> None:
    inbox = Inbox()
    for _ in range(MAX_EVIDENCE + 10):
        inbox.put(Appended((replace(crossing(), evidence=walked()),), START_US, 0.0))
    assert sum(appended.events[0].evidence is not None for appended in inbox.take(10**6)) == MAX_EVIDENCE + 1
