"""What is true at one moment, as retained messages: a function of what the program knows, with no memory of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.health import ChannelHealth
from edge.model.event import Direction
from edge.outputs.channel_payload import channel_state
from edge.outputs.mqtt.topics import Topics
from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.tally import LineKey
from edge.picture.board import View
from edge.picture.occupancy import inside
from edge.settings import ChannelSettings, LineSettings, Settings, ZoneSettings

ONLINE, OFFLINE = b"online", b"offline"
ON, OFF = b"ON", b"OFF"

States = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All that states are made from.

    `moving` are the zones with motion, by channel and rule; `spoilt` channels have had a Sabotage that is not over.
    `crossings` are counted since `since`, the device's midnight.
    """

    settings: Settings
    health: Mapping[str, ChannelHealth]
    moving: frozenset[tuple[str, str]]
    spoilt: frozenset[str]
    crossings: Mapping[LineKey, int]
    since: datetime
    views: Mapping[str, View]


def states(moment: Moment, topics: Topics) -> States:
    """Return the payload of every state by its topic; the device's own status is not among them."""
    found: dict[str, bytes] = {}
    for channel in moment.settings.channels:
        health = moment.health.get(channel.id, ChannelHealth())
        found |= {topics.channel(channel.id, leaf): payload for leaf, payload in _channel(moment, channel, health)}
        for rule in channel.rules:
            own = _line(moment, rule) if isinstance(rule, LineSettings) else _zone(moment, channel, health, rule)
            found[topics.rule(channel.id, rule.id, "enabled")] = _on(rule.enabled)
            found |= {topics.rule(channel.id, rule.id, leaf): payload for leaf, payload in own}
    return found


def _channel(moment: Moment, channel: ChannelSettings, health: ChannelHealth) -> Iterator[tuple[str, bytes]]:
    status, detail = channel_state(channel, health)
    yield "status", ONLINE if status == "ok" else OFFLINE
    yield "info", json_bytes({"name": channel.name, "status": status, "detail": detail})
    yield "enabled", _on(channel.enabled)
    if channel.sabotage is not None:
        yield "problem", _on(channel.id in moment.spoilt)
    zones = [rule for rule in channel.rules if isinstance(rule, ZoneSettings) and rule.motion is not None]
    if zones:
        yield "motion", _on(any((channel.id, zone.id) in moment.moving for zone in zones))
    lines = [rule for rule in channel.rules if isinstance(rule, LineSettings)]
    if lines:
        yield "count", json_bytes(_count(moment, lines))


def _line(moment: Moment, line: LineSettings) -> Iterator[tuple[str, bytes]]:
    yield "count", json_bytes(_count(moment, [line]))


def _zone(
    moment: Moment, channel: ChannelSettings, health: ChannelHealth, zone: ZoneSettings
) -> Iterator[tuple[str, bytes]]:
    if zone.motion is not None:
        yield "motion", _on((channel.id, zone.id) in moment.moving)
    view = moment.views.get(channel.id) if health.fps > 0 and channel.enabled and zone.enabled else None
    yield "occupancy", b"%d" % (0 if view is None else inside(view.scene, zone))


def _count(moment: Moment, lines: list[LineSettings]) -> JsonObject:
    """Return the crossings either way since the device's midnight, which is named: so a reader knows of a new day."""
    counts: JsonObject = {
        way.value: sum(moment.crossings.get((line.id, way), 0) for line in lines) for way in Direction
    }
    return {**counts, "since": moment.since.isoformat()}


def _on(value: bool) -> bytes:  # noqa: FBT001 - the value itself
    return ON if value else OFF
