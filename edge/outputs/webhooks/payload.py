"""The bodies of webhooks: of one event, and of the sums of one channel and window; keys in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from edge.model.event import EVENT_NAMES, Event, EventType, StoredEvent
from edge.outputs.payload import JsonObject, JsonValue, json_bytes, known_facts, offset_time, stream_seconds, utc_time


@dataclass(frozen=True, slots=True)
class RuleSum:
    """How many events a rule had."""

    rule_id: str
    rule_name: str
    count: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of time, microseconds UTC; `until_us` is no part of it."""

    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is counted of one channel in one window. `rules` come in the order of the settings.

    `sure` tells whether the clock was known to be right when they were counted.
    """

    channel_id: str
    channel_name: str
    window: Span
    types: Mapping[EventType, int]
    rules: Sequence[RuleSum]
    sure: bool = True


def event_body(stored: StoredEvent, zone: tzinfo, *, extended: bool) -> bytes:
    """Return the body of one event; with `extended`, further keys follow the nine."""
    body = event_keys(stored.event, zone)
    return json_bytes(body | _further(stored, zone) if extended else body)


def event_keys(event: Event, zone: tzinfo) -> JsonObject:
    """Return the nine keys, none of them null."""
    return {
        "channel_id": event.channel_id,
        "channel_name": event.channel_name,
        "event_name": EVENT_NAMES[event.type],
        "event_origin": event.origin.value,
        "event_time": offset_time(event.time_us, zone),
        "event_type": event.type.value,
        "object_id": event.object_id,
        "rule_id": event.rule_id,
        "rule_name": event.rule_name,
    }


def _further(stored: StoredEvent, zone: tzinfo) -> JsonObject:
    """Return what REST says beyond the nine keys; what does not apply is absent."""
    body: JsonObject = {
        "event_id": stored.event_id,
        "timestamp": stream_seconds(stored.event.stream_s),
        "snapshot_path": stored.snapshot_path,
        "time_utc": utc_time(stored.event.time_us),
        "clock_synced": stored.clock_synced,
        **known_facts(stored.event),
    }
    if stored.true_time_us is not None:
        body["true_time"] = offset_time(stored.true_time_us, zone)
    return body


def sums_body(sums: Sums, zone: tzinfo, gaps: Sequence[Span] | None = None) -> bytes:
    """Return the body of a window's sums.

    With `gaps` (in their order, within the window) it also says for how long the camera was watched and when not.
    """
    body: JsonObject = {
        "channel_id": sums.channel_id,
        "channel_name": sums.channel_name,
        "event_type_aggregate": [_type_row(kind, sums.types.get(kind, 0)) for kind in EventType],
        "rule_id_aggregate": [_rule_row(rule) for rule in sums.rules],
        "since_time": offset_time(sums.window.since_us, zone),
        "until_time": offset_time(sums.window.until_us, zone),
    }
    return json_bytes(body if gaps is None else body | {"clock_synced": sums.sure} | _watched(sums.window, gaps, zone))


def _type_row(kind: EventType, count: int) -> JsonObject:
    return {"event_count": count, "event_name": EVENT_NAMES[kind], "event_type": kind.value}


def _rule_row(rule: RuleSum) -> JsonObject:
    return {"event_count": rule.count, "rule_id": rule.rule_id, "rule_name": rule.rule_name}


def _watched(window: Span, gaps: Sequence[Span], zone: tzinfo) -> JsonObject:
    missing_us = sum(gap.until_us - gap.since_us for gap in gaps)
    rows: list[JsonValue] = [
        {"since_time": offset_time(gap.since_us, zone), "until_time": offset_time(gap.until_us, zone)} for gap in gaps
    ]
    return {"observed_seconds": round((window.until_us - window.since_us - missing_us) / 1e6, 3), "gaps": rows}
