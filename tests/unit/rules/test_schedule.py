"""Schedules on the clock on the wall, also on the two days of the year on which it leaps."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.schedule import Schedule
from edge.settings.rules import ALL_DAYS, ScheduleSettings, Weekday

BERLIN = ZoneInfo("Europe/Berlin")
WORK = ScheduleSettings(days=("mon", "tue", "wed", "thu", "fri"), from_="08:00", to="18:00")
NIGHT = ScheduleSettings(days=("fri",), from_="22:00", to="06:00")


def us(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("entries", "moment", "is_open"),
    [
        ((), "2026-07-08T03:00", True),
        ((WORK,), "2026-07-08T07:59:59.999999", False),
        ((WORK,), "2026-07-08T08:00", True),
        ((WORK,), "2026-07-08T17:59:59.999999", True),
        ((WORK,), "2026-07-08T18:00", False),
        ((WORK,), "2026-07-11T12:00", False),
        ((NIGHT,), "2026-07-10T21:59", False),
        ((NIGHT,), "2026-07-10T22:00", True),
        ((NIGHT,), "2026-07-11T05:59", True),
        ((NIGHT,), "2026-07-11T06:00", False),
        ((NIGHT,), "2026-07-10T05:00", False),  # the night that begins on Thursday
        ((WORK, NIGHT), "2026-07-10T23:00", True),
        ((ScheduleSettings(days=("sun",)),), "2026-07-12T23:59:59", True),
        ((ScheduleSettings(days=("sun",)),), "2026-07-13T00:00", False),
        ((ScheduleSettings(days=("sun",), from_="24:00", to="06:00"),), "2026-07-13T05:00", True),
        ((ScheduleSettings(days=("sun",), from_="24:00", to="06:00"),), "2026-07-12T05:00", False),
    ],
)
def test_times_of_the_day_and_days_of_the_week(
    entries: Sequence[ScheduleSettings], moment: str, *, is_open: bool
) -> None:
    assert Schedule(entries, BERLIN).open_at(us(moment)) is is_open


@pytest.mark.parametrize(
    ("begin", "end", "opens", "closes"),
    [
        ("22:00", "02:30", "2026-03-28T22:00+01:00", "2026-03-29T03:00+02:00"),
        ("02:15", "06:00", "2026-03-29T03:00+02:00", "2026-03-29T06:00+02:00"),
        ("22:00", "06:00", "2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00"),
        ("22:00", "02:30", "2026-10-24T22:00+02:00", "2026-10-25T02:30+01:00"),
        ("02:15", "06:00", "2026-10-25T02:15+02:00", "2026-10-25T06:00+01:00"),
        ("00:00", "24:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
    ],
)
def test_a_span_begins_and_ends_once_on_days_on_which_the_clock_leaps(
    begin: str, end: str, opens: str, closes: str
) -> None:
    day = ALL_DAYS[datetime.fromisoformat(opens).astimezone(BERLIN).weekday()]
    schedule = Schedule((ScheduleSettings(days=(day,), from_=begin, to=end),), BERLIN)
    first, last = us(opens), us(closes)
    assert not schedule.open_at(first - 1)
    assert all(schedule.open_at(first + round(share * (last - 1 - first) / 100)) for share in range(101))
    assert not schedule.open_at(last)
    assert schedule.since_us(last - 1) == first
    assert schedule.since_us(last) == last


def test_a_time_that_the_clock_leaps_over_has_no_length() -> None:
    schedule = Schedule((ScheduleSettings(days=("sun",), from_="02:15", to="02:45"),), BERLIN)
    assert not any(schedule.open_at(us("2026-03-29T00:00+01:00") + hour * 60_000_000) for hour in range(1440))


def test_days_that_follow_one_another_are_one_span() -> None:
    schedule = Schedule((ScheduleSettings(days=("mon", "tue")),), BERLIN)
    assert schedule.since_us(us("2026-07-14T12:00")) == us("2026-07-13T00:00")
    assert schedule.since_us(us("2026-07-17T12:00")) == us("2026-07-15T00:00")


times = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda each: f"{each[0]:02}:{each[1]:02}")
days = st.sets(st.sampled_from(ALL_DAYS), min_size=1).map(lambda each: tuple(sorted(each, key=ALL_DAYS.index)))
moments = st.datetimes(datetime(2026, 4, 3), datetime(2026, 10, 20)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(days, times, times, st.lists(moments, min_size=1, max_size=5))
def test_it_reads_like_the_clock_on_the_wall(
    watched: tuple[Weekday, ...], begin: str, end: str, asked: Sequence[datetime]
) -> None:
    schedule = Schedule((ScheduleSettings(days=watched, from_=begin, to=end),), BERLIN)
    for moment in asked:
        local = moment.astimezone(BERLIN)
        clock, today = local.strftime("%H:%M"), ALL_DAYS[local.weekday()]
        yesterday = ALL_DAYS[(local - timedelta(days=1)).weekday()]
        over = end < begin
        expected = (today in watched and begin <= clock and (over or clock < end)) or (
            over and yesterday in watched and clock < end
        )
        assert schedule.open_at(round(moment.timestamp() * 1e6)) is expected
