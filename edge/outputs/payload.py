"""The wire form of events and channels: every output that speaks JSON takes it from here."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote, urlsplit, urlunsplit

from edge.health import ChannelHealth
from edge.model.event import Event, StoredEvent
from edge.settings import ChannelSettings, LineSettings, RuleSettings, SourceSettings

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECRET_NAME = re.compile(r"user|usr|login|pass|pwd|secret|token|auth|key", re.IGNORECASE)


def local_time(time_us: int, tz: tzinfo) -> str:
    """Return a moment (microseconds UTC) in the device's zone: seven fraction digits, no offset."""
    moment = (_EPOCH + timedelta(microseconds=time_us)).astimezone(tz)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "0"


def utc_time(time_us: int) -> str:
    """Return a moment (microseconds UTC) with seven fraction digits and `Z`."""
    return local_time(time_us, UTC) + "Z"


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
        **_where_known(event),
    }
    if stored.true_time_us is not None:
        body["true_time"] = local_time(stored.true_time_us, tz)
    return body


def event_bytes(stored: StoredEvent, tz: tzinfo) -> bytes:
    """Return `event_json` as compact UTF-8."""
    return json_bytes(event_json(stored, tz))


def json_bytes(body: JsonValue | Sequence[JsonObject]) -> bytes:
    """Return compact JSON in UTF-8; a lone surrogate, which UTF-8 cannot carry, becomes `?`."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _where_known(event: Event) -> JsonObject:
    values: JsonObject = {
        "direction": None if event.direction is None else event.direction.value,
        "dwell_seconds": None if event.dwell_seconds is None else round(event.dwell_seconds, 3),
        "count": event.count,
        "reason": event.reason,
        "confidence": None if event.confidence is None else round(event.confidence, 3),
        "label": event.label,
    }
    return {name: value for name, value in values.items() if value is not None}


def channel_json(channel: ChannelSettings, health: ChannelHealth) -> JsonObject:
    """Return a channel as REST answers it; the compatible keys first, never a credential in them."""
    kind, uri = _kind_and_uri(channel.source)
    channel_path = quote(channel.id, safe="")
    return {
        "channel_id": channel.id,
        "name": channel.name,
        "type": kind,
        "stream_uri": uri or f"/v1/mjpeg/{channel_path}",
        "uri": uri,
        "login": None,
        "password": None,
        "profile_name": "",
        "profile_token": "",
        "enabled": channel.enabled,
        "status": health.status if channel.enabled else "disabled",
        "width": health.width,
        "height": health.height,
        "fps": round(health.fps, 1),
        "snapshot_uri": f"/v1/channels/{channel_path}/snapshot.jpg",
        "rules": [_rule_json(rule) for rule in channel.rules],
    }


def _kind_and_uri(source: SourceSettings) -> tuple[str, str]:
    """Return the wire's type name and the address others can play, empty where there is none."""
    if source.rtsp is not None:
        return "Rtsp", without_credentials(source.rtsp.url)
    if source.onvif is not None:
        return "Onvif", f"http://{source.onvif.host}:{source.onvif.port}/onvif/device_service"
    if source.file is not None:
        return "File", source.file.path
    if source.csi is not None:
        return "Csi", ""
    if source.usb is not None:
        return "Usb", ""
    return "Demo", ""


def without_credentials(url: str) -> str:
    """Return an address without user, password and such parameters of its query; empty where it is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    address = parts.netloc.rpartition("@")[2]
    kept = [pair for pair in parts.query.split("&") if not _SECRET_NAME.search(pair.partition("=")[0])]
    return urlunsplit(parts._replace(netloc=address, query="&".join(kept)))


def _rule_json(rule: RuleSettings) -> JsonObject:
    if isinstance(rule, LineSettings):
        kind, name, corners = "line", rule.line, rule.points
    else:
        kind, name, corners = "zone", rule.zone, rule.polygon
    body: JsonObject = {
        "rule_id": rule.id,
        "rule_name": name,
        "kind": kind,
        "enabled": rule.enabled,
        "points": [[x, y] for x, y in corners],
    }
    if isinstance(rule, LineSettings):
        body["direction"] = rule.direction
    return body
