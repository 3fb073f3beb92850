"""The wire form of events and of what led to them: every output that speaks JSON takes it from here."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from edge.model.event import Event, Evidence, Measure, StoredEvent, Suppressed

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

_DECIMALS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_FRACTION_END = len("2026-03-29T01:00:00.000000")


def local_time(time_us: int, tz: tzinfo) -> str:
    """Return a moment (microseconds UTC) in the device's zone: seven fraction digits, no offset."""
    moment = (_EPOCH + timedelta(microseconds=time_us)).astimezone(tz)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "0"


def utc_time(time_us: int) -> str:
    """Return a moment (microseconds UTC) with seven fraction digits and `Z`."""
    return local_time(time_us, UTC) + "Z"


def offset_time(time_us: int, tz: tzinfo) -> str:
    """Return a moment (microseconds UTC) in a zone with seven fraction digits and the offset, `+00:00` for UTC."""
    moment = (_EPOCH + timedelta(microseconds=time_us)).astimezone(tz)
    offset = moment.utcoffset() or timedelta()
    whole = timezone(timedelta(minutes=offset // _MINUTE))  # zones of long ago have seconds, which RFC 3339 has not
    text = moment.astimezone(whole).isoformat(timespec="microseconds")
    return f"{text[:_FRACTION_END]}0{text[_FRACTION_END:]}"


def stream_seconds(stream_s: float) -> str:
    """Return seconds into the stream to the millisecond, without trailing zeros: "1.877", "18"."""
    text = f"{stream_s:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def event_json(stored: StoredEvent, tz: tzinfo) -> JsonObject:
    """Return an event as REST answers it: the compatible keys in their order, then our additions; nothing is null."""
    event = stored.event
    body: JsonObject = {
        "event_id": stored.event_id,
        "type": event.type.value,
        "time": local_time(event.time_us, tz),
        "timestamp": stream_seconds(event.stream_s),
        "channel_id": event.channel_id,
        "channel_name": event.channel_name,
        "object_id": str(event.object_id),
        "origin": event.origin.value,
        "rule_id": event.rule_id,
        "rule_name": event.rule_name,
        "snapshot_path": stored.snapshot_path,
        "recording_path": "",
        "video_file_name": "",
        "video_file_time": "",
        "time_utc": utc_time(event.time_us),
        "clock_synced": stored.clock_synced,
        **known_facts(event),
    }
    if stored.true_time_us is not None:
        body["true_time"] = local_time(stored.true_time_us, tz)
    return body


def suppressed_json(candidate: Suppressed, channel_name: str, tz: tzinfo) -> JsonObject:
    """Return a candidate that did not become an event: the keys of the event that it would have been, and why."""
    body: JsonObject = {
        "type": candidate.type.value,
        "why": candidate.why.value,
        "time": local_time(candidate.time_us, tz),
        "timestamp": stream_seconds(candidate.stream_s),
        "channel_id": candidate.channel_id,
        "channel_name": channel_name,
        "object_id": str(candidate.object_id),
        "origin": candidate.origin.value,
        "rule_id": candidate.rule_id,
        "rule_name": candidate.rule_name,
        "time_utc": utc_time(candidate.time_us),
    }
    if candidate.evidence is not None:
        body["evidence"] = evidence_json(candidate.evidence)
    return body


def evidence_json(evidence: Evidence) -> JsonObject:
    """Return what led a rule to its decision, places in fractions of the frame; what does not apply is absent."""
    path: list[JsonValue] = [[round(each.stream_s, 3), _fraction(each.x), _fraction(each.y)] for each in evidence.path]
    body: JsonObject = {"path": path}
    place, box = evidence.place, evidence.box
    if place is not None:
        body["place"] = [_fraction(place.x), _fraction(place.y)]
    if box is not None:
        body["box"] = [_fraction(side) for side in (box.left, box.top, box.right, box.bottom)]
    body["measures"] = [_measure(each) for each in evidence.measures if math.isfinite(each.value)]
    return body


def _measure(measure: Measure) -> JsonObject:
    body: JsonObject = {"name": measure.name, "value": round(measure.value, _DECIMALS)}
    if measure.limit is not None and math.isfinite(measure.limit):
        body["limit"] = round(measure.limit, _DECIMALS)
    return body


def _fraction(value: float) -> float:
    return round(value, _DECIMALS)


def event_bytes(stored: StoredEvent, tz: tzinfo) -> bytes:
    """Return `event_json` as compact UTF-8."""
    return json_bytes(event_json(stored, tz))


def json_bytes(body: JsonValue | Sequence[JsonObject]) -> bytes:
    """Return compact JSON in UTF-8; a lone surrogate, which UTF-8 cannot carry, becomes `?`."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def known_facts(event: Event) -> JsonObject:
    """Return our additions to an event, as far as they apply to it."""
    values: JsonObject = {
        "direction": None if event.direction is None else event.direction.value,
        "dwell_seconds": None if event.dwell_seconds is None else round(event.dwell_seconds, 3),
        "count": event.count,
        "reason": event.reason,
        "confidence": None if event.confidence is None else round(event.confidence, 3),
        "label": event.label,
    }
    return {name: value for name, value in values.items() if value is not None}
