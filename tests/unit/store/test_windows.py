from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store.windows import day_end_us, day_start_us, hour_end_us, hour_start_us

ZONES = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "UTC"]


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "now", "start"),
    [
        pytest.param("UTC", "2026-01-01T00:59:59+00:00", "2026-01-01T00:00:00+00:00", id="plain"),
        pytest.param("Asia/Kolkata", "2026-01-01T10:10:00+05:30", "2026-01-01T10:00:00+05:30", id="half-hour-zone"),
        pytest.param("Europe/Berlin", "2026-03-29T03:05:00+02:00", "2026-03-29T03:00:00+02:00", id="spring"),
        pytest.param("Europe/Berlin", "2026-10-25T02:05:00+02:00", "2026-10-25T02:00:00+02:00", id="autumn-first"),
        pytest.param("Europe/Berlin", "2026-10-25T02:05:00+01:00", "2026-10-25T02:00:00+01:00", id="autumn-second"),
        pytest.param("Australia/Lord_Howe", "2026-10-04T02:45:00+11:00", "2026-10-04T02:30:00+11:00", id="half-change"),
    ],
)
def test_hours(zone: str, now: str, start: str) -> None:
    assert hour_start_us(us(now) + 7, ZoneInfo(zone)) == us(start)


@given(st.integers(1_600_000_000, 2_000_000_000), st.sampled_from(ZONES))
def test_every_moment_lies_in_its_hour(second: int, name: str) -> None:
    zone, now_us = ZoneInfo(name), second * 1_000_000
    start_us = hour_start_us(now_us, zone)
    assert now_us - 3_600_000_000 < start_us <= now_us
    assert hour_start_us(start_us, zone) == start_us
    local = datetime.fromtimestamp(start_us // 1_000_000, UTC).astimezone(zone)
    assert (local.minute, local.second) == (0, 0) or name == "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("zone", "now", "start", "end"),
    [
        ("Europe/Berlin", "2026-03-29T12:00:00+02:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("Europe/Berlin", "2026-10-25T12:00:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        ("Asia/Kolkata", "2026-01-31T23:59:59+05:30", "2026-01-31T00:00:00+05:30", "2026-02-01T00:00:00+05:30"),
        ("America/Havana", "2026-03-08T12:00:00-04:00", "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"),
        ("America/Havana", "2026-11-01T12:00:00-05:00", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"),
        ("Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_days(zone: str, now: str, start: str, end: str) -> None:
    assert day_start_us(us(now) + 7, ZoneInfo(zone)) == us(start)
    assert day_end_us(us(start), ZoneInfo(zone)) == us(end)


@given(st.integers(1_600_000_000, 2_000_000_000), st.sampled_from([*ZONES, "America/Havana", "Asia/Beirut"]))
def test_hours_fill_days_without_a_gap(second: int, name: str) -> None:
    zone = ZoneInfo(name)
    day_us = day_start_us(second * 1_000_000, zone)
    end_us = day_end_us(day_us, zone)
    assert day_us <= second * 1_000_000 < end_us
    hour_us = day_us
    for _ in range(27):
        assert hour_start_us(hour_us, zone) == hour_us
        following_us = hour_end_us(hour_us, zone)
        assert hour_us < following_us <= hour_us + 3_600_000_000
        assert hour_start_us(following_us - 1, zone) == hour_us
        hour_us = following_us
        if hour_us >= end_us:
            break
    assert hour_us == end_us
