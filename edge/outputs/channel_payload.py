"""The wire form of channels and their rules."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import quote, urlsplit, urlunsplit

from edge.health import ChannelHealth
from edge.model.calibration import UNKNOWN_SCALE, Calibration, Ruler, RulerSource
from edge.model.geometry import Point
from edge.outputs.payload import JsonObject
from edge.settings import ChannelSettings, LineSettings, RuleSettings, SourceSettings
from edge.settings.rules import (
    AbandonedSettings,
    CrowdSettings,
    LoiteringSettings,
    MotionSettings,
    TailgatingSettings,
)

_SECRET_NAME = re.compile(r"user|usr|login|pass|pwd|secret|token|auth|key", re.IGNORECASE)
_Section = MotionSettings | LoiteringSettings | CrowdSettings | AbandonedSettings | TailgatingSettings


_SENTENCES = {
    "starting": "the camera is being opened",
    "disabled": "it is turned off in the settings (enabled: false)",
    "ended": "the recording has been played to its end",
}
"""Of states that nobody has more to say of; each other one but `ok` comes with its own."""


def channel_state(channel: ChannelSettings, health: ChannelHealth) -> tuple[str, str]:
    """Return how a channel is doing, in a word and a sentence, empty for `ok` alone: the same for all who show it."""
    status = health.status if channel.enabled else "disabled"
    return status, health.detail or _SENTENCES.get(status, "")


def channel_json(channel: ChannelSettings, health: ChannelHealth, now_s: float = 0.0) -> JsonObject:
    """Return a channel as REST answers it; the compatible keys first, never a credential in them.

    `now_s` is the monotonic clock, on which the age of the last picture is told.
    """
    kind, uri = _kind_and_uri(channel.source)
    channel_path = quote(channel.id, safe="")
    status, detail = channel_state(channel, health)
    return {
        "channel_id": channel.id,
        "name": channel.name,
        "type": kind,
        "stream_uri": uri or f"/v1/mjpeg/{channel_path}",
        "uri": uri,
        "login": None,
        "password": None,
        "profile_name": health.profile_name,
        "profile_token": health.profile_token,
        "enabled": channel.enabled,
        "status": status,
        "detail": detail,
        "width": health.width,
        "height": health.height,
        "fps": round(health.fps, 1),
        "snapshot_uri": f"/v1/channels/{channel_path}/snapshot.jpg",
        "rules": [_rule_json(rule) for rule in channel.rules],
        "calibration": calibration_json(channel, health),
        "health": channel_health_json(channel, health, now_s),
    }


def channel_health_json(channel: ChannelSettings, health: ChannelHealth, now_s: float) -> JsonObject:
    """Return the figures of how a channel is doing; the age of a picture that never came is absent."""
    body: JsonObject = {
        "wanted_fps": channel.analysis.fps,
        "analysed_fps": round(health.analysed_fps, 1),
        "left_out": health.left_out,
        "decode_errors": health.decode_errors,
        "reconnects": health.reconnects,
        "bytes_per_s": health.bytes_per_s,
    }
    if health.last_frame_s:
        body["picture_age_s"] = max(0, round(now_s - health.last_frame_s))
    return body


def calibration_json(channel: ChannelSettings, health: ChannelHealth) -> JsonObject:
    """Return the channel's rulers: those of its settings, else what has been learnt so far."""
    given = tuple(Ruler(Point(*ruler.foot), ruler.height) for ruler in channel.calibration)
    known = Calibration(RulerSource.SETTINGS, 1.0, 0, given) if given else health.calibration or UNKNOWN_SCALE
    return {
        "source": known.source.value,
        "sure": known.sure,
        "people": known.people,
        "in_use": known.is_sure,
        "rulers": [
            {"foot": [round(ruler.foot.x, 3), round(ruler.foot.y, 3)], "height": round(ruler.height, 3)}
            for ruler in known.rulers
        ],
    }


def _kind_and_uri(source: SourceSettings) -> tuple[str, str]:
    """Return the wire's type name and the address others can play, empty where there is none."""
    if source.rtsp is not None:
        return "Rtsp", without_credentials(source.rtsp.url)
    if source.onvif is not None:
        return "Onvif", f"http://{source.onvif.host}:{source.onvif.port}/onvif/device_service"
    if source.http is not None:
        return "Http", without_credentials(source.http.url)
    if source.file is not None:
        return "File", source.file.path
    return ("Csi" if source.csi is not None else "Usb" if source.usb is not None else "Demo"), ""


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
        return body | _sections({"tailgating": rule.tailgating})
    body["join_leave"] = rule.join_leave
    return body | _sections(
        {"motion": rule.motion, "loitering": rule.loitering, "crowd": rule.crowd, "abandoned": rule.abandoned}
    )


def _sections(sections: Mapping[str, _Section | None]) -> JsonObject:
    """Return the sections that a rule has, as they are set; those that it does not have are absent."""
    return {name: asdict(section) for name, section in sections.items() if section is not None}
