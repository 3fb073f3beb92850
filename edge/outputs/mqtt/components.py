"""The entities of Home Assistant: one function for each kind, one dictionary for each entity."""

from collections.abc import Iterator

from edge.model.event import Direction, EventType
from edge.outputs.alarm.subject import Subject
from edge.outputs.mqtt.topics import Topics, slug
from edge.outputs.payload import JsonObject, JsonValue
from edge.settings import ChannelSettings, LineSettings, RuleSettings, ZoneSettings

Component = tuple[str, JsonObject]

RESTART = "restart"
WAYS = {Direction.A_TO_B: "in", Direction.B_TO_A: "out"}
"""Direction -> the word for it in an entity's name."""


def restart_button(topics: Topics) -> JsonObject:
    """Return the button that starts the program anew."""
    return {
        "platform": "button",
        "name": "Restart",
        "device_class": "restart",
        "entity_category": "config",
        "command_topic": topics.command,
        "payload_press": RESTART,
        **_while([topics.status]),
    }


def channel_components(channel: ChannelSettings, topics: Topics, *, commands: bool) -> Iterator[Component]:
    """Give the entities of a channel and of its rules."""
    own, status = slug(channel.id), topics.channel(channel.id, "status")
    here, seen = _while([topics.status]), _while([topics.status, status])
    yield (
        f"{own}_connectivity",
        {
            "platform": "binary_sensor",
            "name": f"{channel.name} connection",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "state_topic": status,
            "payload_on": "online",
            "payload_off": "offline",
            **here,
        },
    )
    picture = topics.channel(channel.id, "snapshot")
    yield f"{own}_picture", _image(f"{channel.name} last picture", picture) | here
    if channel.sabotage is not None:
        problem = topics.channel(channel.id, "problem")
        yield f"{own}_problem", _binary(f"{channel.name} sabotage", "problem", problem) | seen
    if any(isinstance(rule, ZoneSettings) and rule.motion for rule in channel.rules):
        motion = topics.channel(channel.id, "motion")
        yield f"{own}_motion", _binary(f"{channel.name} motion", "motion", motion) | seen
    if commands:
        yield f"{own}_enabled", _switch(channel.name, topics.channel(channel.id, "enabled")) | here
    for rule in channel.rules:
        for key, body in _rule(channel, rule, topics, commands=commands):
            yield f"{own}_{slug(rule.id)}_{key}", body


def _rule(channel: ChannelSettings, rule: RuleSettings, topics: Topics, *, commands: bool) -> Iterator[Component]:
    enabled = topics.rule(channel.id, rule.id, "enabled")
    available = _while([topics.status, topics.channel(channel.id, "status")], enabled)
    name = f"{channel.name} {rule.line if isinstance(rule, LineSettings) else rule.zone}"
    own = _line(rule, name) if isinstance(rule, LineSettings) else _zone(rule, name)
    for key, leaf, body in own:
        yield key, {**body, "state_topic": topics.rule(channel.id, rule.id, leaf), **available}
    kinds: list[JsonValue] = [kind.value for kind in event_types(channel, rule)]
    if kinds:
        topic = topics.rule(channel.id, rule.id, "event")
        yield "event", {"platform": "event", "name": name, "event_types": kinds, "state_topic": topic, **available}
    if commands:
        here = _while([topics.status])
        yield "enabled", _switch(name, enabled) | here
        yield (
            "test",
            {
                "platform": "button",
                "name": f"{name} test alarm",
                "entity_category": "diagnostic",
                "command_topic": topics.rule(channel.id, rule.id, "test/set"),
                **here,
            },
        )


def _line(line: LineSettings, name: str) -> Iterator[tuple[str, str, JsonObject]]:
    """Give the counts: totals that begin anew at the device's midnight, which each payload names as the last reset.

    So Home Assistant counts on rightly although it, or the device, was away when the day changed.
    """
    for way, word in WAYS.items():
        if line.direction in ("any", way.value):
            yield (
                word,
                "count",
                {
                    "platform": "sensor",
                    "name": f"{name} {word}",
                    "state_class": "total",
                    "icon": "mdi:counter",
                    "value_template": f"{{{{ value_json.{way.value} }}}}",
                    "last_reset_value_template": "{{ value_json.since }}",
                },
            )


def _zone(zone: ZoneSettings, name: str) -> Iterator[tuple[str, str, JsonObject]]:
    yield (
        "occupancy",
        "occupancy",
        {"platform": "sensor", "name": f"{name} occupancy", "state_class": "measurement", "icon": "mdi:account-group"},
    )
    if zone.motion is not None:
        body: JsonObject = {"platform": "binary_sensor", "name": f"{name} motion", "device_class": "motion"}
        yield "motion", "motion", body


def event_types(channel: ChannelSettings, rule: RuleSettings) -> list[EventType]:
    """Return the kinds of event that a rule can give."""
    return [event.type for event in Subject(channel=channel, rule=rule).events(0)]


def _binary(name: str, device_class: str, topic: str) -> JsonObject:
    return {"platform": "binary_sensor", "name": name, "device_class": device_class, "state_topic": topic}


def _image(name: str, topic: str) -> JsonObject:
    return {"platform": "image", "name": name, "image_topic": topic, "content_type": "image/jpeg"}


def _switch(name: str, topic: str) -> JsonObject:
    return {
        "platform": "switch",
        "name": f"{name} enabled",
        "entity_category": "config",
        "state_topic": topic,
        "command_topic": f"{topic}/set",
    }


def _while(topics: list[str], enabled: str = "") -> JsonObject:
    """Return when an entity is there: all of these say online, and `enabled`, where it is given, says ON."""
    entries: list[JsonValue] = [{"topic": topic} for topic in topics]
    if enabled:
        entries.append({"topic": enabled, "payload_available": "ON", "payload_not_available": "OFF"})
    return {"availability": entries, "availability_mode": "all"}
