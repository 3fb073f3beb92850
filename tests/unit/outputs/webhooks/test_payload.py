"""The bodies of webhooks, key for key as the seed shows them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Event, EventType, StoredEvent
from edge.model.scene import Origin
from edge.outputs.payload import offset_time
from edge.outputs.webhooks.payload import RuleSum, Span, Sums, event_body, sums_body
from tests.support.events import appear, crossing
from tests.support.typed import AggregateHook, EventHook

TURKEY = timezone(timedelta(hours=3))
CHANNEL = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"


def at(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


LINE_CROSSED = Event(
    type=EventType.TRIPWIRE_CROSSED,
    channel_id=CHANNEL,
    channel_name="Integrated Camera",
    time_us=at("2019-05-20T18:02:51.298487+03:00"),
    stream_s=12.0,
    object_id=9,
    origin=Origin.PEDESTRIAN,
    rule_id="471fa55d-967b-46a7-b77f-5b9ce6af82ee",
    rule_name="Line 1",
)


def test_the_seeds_immediate_sample() -> None:
    body = event_body(StoredEvent(72, LINE_CROSSED), TURKEY, extended=False)
    assert body == (
        b'{"channel_id":"ddbbe807-8560-4bc7-b04b-4b3b04c69339","channel_name":"Integrated Camera",'
        b'"event_name":"Line crossed","event_origin":"Pedestrian","event_time":"2019-05-20T18:02:51.2984870+03:00",'
        b'"event_type":"TripwireCrossed","object_id":9,"rule_id":"471fa55d-967b-46a7-b77f-5b9ce6af82ee",'
        b'"rule_name":"Line 1"}'
    )


def test_without_rule_and_object_nothing_is_null() -> None:
    event = Event(EventType.DISCONNECTED, CHANNEL, "Gate", 0, 0.0)
    body = json.loads(event_body(StoredEvent(1, event), UTC, extended=False))
    assert (body["rule_id"], body["rule_name"], body["object_id"]) == ("-1", "", -1)
    assert body["event_time"] == "1970-01-01T00:00:00.0000000+00:00"


def test_extended_adds_what_rest_says_behind_the_nine_keys() -> None:
    stored = StoredEvent(72, replace(LINE_CROSSED, confidence=0.5), "/v1/snapshots/72.jpg", true_time_us=0)
    short, long = (json.loads(event_body(stored, TURKEY, extended=extended)) for extended in (False, True))
    assert list(long)[:9] == list(short)
    assert {key: long[key] for key in short} == short
    assert {key: value for key, value in long.items() if key not in short} == {
        "event_id": 72,
        "timestamp": "12",
        "snapshot_path": "/v1/snapshots/72.jpg",
        "time_utc": "2019-05-20T15:02:51.2984870Z",
        "clock_synced": True,
        "confidence": 0.5,
        "true_time": "1970-01-01T03:00:00.0000000+03:00",
    }


@given(
    st.builds(
        crossing,
        st.integers(-1, 2**63 - 1),
        time_us=st.integers(0, 2**52),
        channel_id=st.text(),
        rule_name=st.text(),
    )
    | st.builds(appear, st.integers(0, 9)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia"]),
    st.booleans(),
)
def test_a_strictly_typed_consumer_parses_every_event(event: Event, zone: str, extended: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    parsed = EventHook.parse(event_body(StoredEvent(1, event), ZoneInfo(zone), extended=extended))
    assert parsed.event_time == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event.time_us)
    assert parsed.object_id == event.object_id


@pytest.mark.parametrize(
    ("moment", "zone", "text"),
    [
        ("2026-03-29T00:59:59.999999+00:00", "Europe/Berlin", "2026-03-29T01:59:59.9999990+01:00"),
        ("2026-03-29T01:00:00+00:00", "Europe/Berlin", "2026-03-29T03:00:00.0000000+02:00"),
        ("2026-10-25T00:30:00+00:00", "Europe/Berlin", "2026-10-25T02:30:00.0000000+02:00"),
        ("2026-10-25T01:30:00+00:00", "Europe/Berlin", "2026-10-25T02:30:00.0000000+01:00"),
        ("2026-06-01T12:00:00+00:00", "UTC", "2026-06-01T12:00:00.0000000+00:00"),
        ("2026-06-01T12:00:00+00:00", "America/St_Johns", "2026-06-01T09:30:00.0000000-02:30"),
        ("1970-01-01T12:00:00+00:00", "Africa/Monrovia", "1970-01-01T11:15:00.0000000-00:45"),
    ],
)
def test_times_have_seven_digits_and_the_offset(moment: str, zone: str, text: str) -> None:
    assert offset_time(at(moment), ZoneInfo(zone)) == text
    assert datetime.fromisoformat(text[:26] + text[27:]) == datetime.fromisoformat(moment)


SEED_TYPES: Mapping[EventType, int] = {
    EventType.TRIPWIRE_CROSSED: 5,
    EventType.MOTION_ON: 3,
    EventType.MOTION_OFF: 2,
    EventType.OBJECT_APPEAR: 5,
    EventType.OBJECT_DISAPPEAR: 4,
    EventType.SABOTAGE: 1,
}
SEED_RULES = (
    RuleSum("ab68d96d-b1a6-4b94-8092-3ece52cf707d", "Motion detection", 5),
    RuleSum("471fa55d-967b-46a7-b77f-5b9ce6af82ee", "Line 1", 1),
    RuleSum("689351ab-239c-420f-b22e-cfc27fce6806", "Line 2", 2),
    RuleSum("0e5f132d-3a81-4e16-993c-6a8d4a47e5e1", "Line 3", 2),
)
HOUR = Span(at("2019-05-20T17:00:00+03:00"), at("2019-05-20T18:00:00+03:00"))
SEED_SUMS = Sums(channel_id=CHANNEL, channel_name="Integrated Camera", window=HOUR, types=SEED_TYPES, rules=SEED_RULES)


def test_the_seeds_aggregate_sample() -> None:
    body = json.loads(sums_body(SEED_SUMS, TURKEY))
    assert list(body) == [
        "channel_id",
        "channel_name",
        "event_type_aggregate",
        "rule_id_aggregate",
        "since_time",
        "until_time",
    ]
    assert [tuple(row.values()) for row in body["event_type_aggregate"]] == [
        (5, "Line crossed", "TripwireCrossed"),
        (0, "Zone joined", "RegionJoin"),
        (0, "Zone left", "RegionLeave"),
        (3, "Motion started", "MotionInRegionOn"),
        (2, "Motion finished", "MotionInRegionOff"),
        (0, "Object dwell", "Loitering"),
        (0, "Crowd appear", "CrowdOn"),
        (0, "Crowd disappear", "CrowdOff"),
        (0, "Tailgating", "Tailgating"),
        (0, "Abandoned item", "AbandonedObject"),
        (5, "Object appear", "ObjectAppear"),
        (4, "Object disappear", "ObjectDisappear"),
        (1, "Camera obstructed", "Sabotage"),
        (0, "Camera disconnected", "CameraDisconnected"),
    ]
    assert {tuple(row) for row in body["event_type_aggregate"]} == {("event_count", "event_name", "event_type")}
    assert {tuple(row) for row in body["rule_id_aggregate"]} == {("event_count", "rule_id", "rule_name")}
    assert [(row["event_count"], row["rule_name"]) for row in body["rule_id_aggregate"]] == [
        (5, "Motion detection"),
        (1, "Line 1"),
        (2, "Line 2"),
        (2, "Line 3"),
    ]
    assert body["since_time"] == "2019-05-20T17:00:00.0000000+03:00"
    assert body["until_time"] == "2019-05-20T18:00:00.0000000+03:00"
    assert AggregateHook.parse(sums_body(SEED_SUMS, TURKEY)).until_time.hour == 18


def test_extended_sums_say_when_nobody_looked() -> None:
    gap = Span(HOUR.since_us + 60_000_000, HOUR.since_us + 150_500_000)
    body = json.loads(sums_body(SEED_SUMS, TURKEY, [gap]))
    assert body["observed_seconds"] == 3509.5
    assert body["gaps"] == [
        {"since_time": "2019-05-20T17:01:00.0000000+03:00", "until_time": "2019-05-20T17:02:30.5000000+03:00"}
    ]
    assert json.loads(sums_body(SEED_SUMS, TURKEY, []))["observed_seconds"] == 3600
