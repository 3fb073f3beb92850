"""Home Assistant's rules for a device that announces itself over MQTT, and what it makes of the announcements.

After its documentation and the schemas of its integration `mqtt` (2025): there one missing key drops the whole device
without a word, so every key that is not known here is a fault too.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined

TOPIC = re.compile(r"homeassistant/device/(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+/config")
TEMPLATES = Environment(undefined=StrictUndefined, autoescape=False)  # numbers and times, no pages
COMMON = {
    "platform",
    "unique_id",
    "name",
    "icon",
    "entity_category",
    "enabled_by_default",
    "availability",
    "availability_mode",
    "qos",
}
STATE_CLASSES = {"measurement", "total", "total_increasing"}


@dataclass(frozen=True)
class Platform:
    """Keys of one platform beside the common ones; `classes` are the device classes that it knows."""

    required: frozenset[str]
    optional: frozenset[str]
    classes: frozenset[str] = frozenset()
    reports: bool = True


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


PLATFORMS = {
    "binary_sensor": Platform(
        _keys("state_topic"),
        _keys("device_class payload_on payload_off value_template expire_after off_delay force_update"),
        _keys("connectivity motion occupancy presence problem tamper running"),
    ),
    "sensor": Platform(
        _keys("state_topic"),
        _keys("device_class state_class unit_of_measurement value_template last_reset_value_template expire_after"),
        _keys("timestamp duration"),
    ),
    "event": Platform(
        _keys("state_topic event_types"), _keys("device_class value_template"), _keys("button doorbell motion")
    ),
    "image": Platform(frozenset(), _keys("image_topic url_topic content_type image_encoding url_template")),
    "button": Platform(
        _keys("command_topic"),
        _keys("device_class payload_press command_template retain"),
        _keys("identify restart update"),
        reports=False,
    ),
    "switch": Platform(
        _keys("command_topic"),
        _keys("state_topic device_class payload_on payload_off state_on state_off value_template optimistic retain"),
        _keys("outlet switch"),
        reports=False,
    ),
}


def check(topic: str, payload: bytes) -> dict[str, Any]:
    """Return an announcement once it has passed every rule; AssertionError with what is wrong."""
    assert TOPIC.fullmatch(topic), topic
    body = json.loads(payload)
    assert set(body) <= {"device", "origin", "components", "qos", "availability", "availability_mode"}, set(body)
    _check_device(body["device"])
    assert body["origin"]["name"]
    assert set(body["origin"]) <= {"name", "sw_version", "support_url"}
    assert body["components"]
    real = {key: each for key, each in body["components"].items() if set(each) != {"platform"}}
    ids = [each["unique_id"] for each in real.values()]
    assert len(set(ids)) == len(ids), "unique ids are unique"
    for key, each in body["components"].items():
        assert each["platform"] in PLATFORMS, key
        if key in real:
            _check_component(key, each)
    return dict(body)


def _check_device(device: Mapping[str, Any]) -> None:
    assert device.get("identifiers"), "a device needs an identifier"
    assert all(isinstance(each, str) and each for each in device["identifiers"])
    known = {"identifiers", "connections", "name", "manufacturer", "model", "model_id", "hw_version", "sw_version"}
    assert set(device) <= known | {"serial_number", "suggested_area", "configuration_url", "via_device"}
    assert all(isinstance(value, str) for key, value in device.items() if key not in ("identifiers", "connections"))
    if "configuration_url" in device:
        parts = urlsplit(device["configuration_url"])
        assert parts.scheme in ("http", "https", "homeassistant"), device["configuration_url"]
        assert parts.hostname


def _check_component(key: str, body: Mapping[str, Any]) -> None:
    platform = PLATFORMS[body["platform"]]
    assert body["unique_id"], key
    assert platform.required <= set(body), (key, platform.required - set(body))
    assert set(body) <= COMMON | platform.required | platform.optional, (key, set(body))
    assert isinstance(body["name"], str)
    assert body["name"]
    assert body.get("device_class") is None or body["device_class"] in platform.classes, key
    assert body.get("entity_category") in (None, "config", "diagnostic"), key
    assert not (platform.reports and body.get("entity_category") == "config"), f"{key}: it only reports"
    assert body.get("icon", "mdi:x").startswith("mdi:")
    _check_availability(key, body)
    _check_topics(key, body)
    _check_kind(key, body)


def _check_availability(key: str, body: Mapping[str, Any]) -> None:
    assert body["availability_mode"] in ("all", "any", "latest"), key
    assert body["availability"], key
    for entry in body["availability"]:
        assert set(entry) <= {"topic", "payload_available", "payload_not_available", "value_template"}, key
        assert entry["topic"], key


def _check_topics(key: str, body: Mapping[str, Any]) -> None:
    topics = [value for name, value in body.items() if name.endswith("_topic")]
    topics += [entry["topic"] for entry in body["availability"]]
    for topic in topics:
        assert isinstance(topic, str), key
        assert 0 < len(topic.encode()) < 65_536, key
        assert not set(topic) & set("+#\0"), (key, topic)


def _check_kind(key: str, body: Mapping[str, Any]) -> None:
    for name in ("value_template", "last_reset_value_template"):
        if name in body:
            TEMPLATES.parse(body[name])
    match body["platform"]:
        case "sensor":
            assert body.get("state_class") is None or body["state_class"] in STATE_CLASSES, key
            assert "last_reset_value_template" not in body or body["state_class"] == "total", key
        case "event":
            assert body["event_types"], key
            assert all(isinstance(each, str) for each in body["event_types"]), key
        case "image":
            assert ("image_topic" in body) != ("url_topic" in body), key
            assert not ("content_type" in body and "url_topic" in body), key


@dataclass
class Home:
    """What Home Assistant would show: entities by unique id, each with its state; fed with messages in their order."""

    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    resets: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, bytes] = field(default_factory=dict)

    def receive(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Take a message in."""
        if topic.startswith("homeassistant/device/"):
            self._discover(topic, payload)
            return
        self._seen[topic] = payload
        for unique_id, entity in self.entities.items():
            if entity.get("state_topic", entity.get("image_topic")) == topic:
                self._update(unique_id, entity, payload, retained=retained)

    def _discover(self, topic: str, payload: bytes) -> None:
        if not payload:
            self.entities.clear()
            return
        for key, body in check(topic, payload)["components"].items():
            if set(body) == {"platform"}:
                self.entities.pop(self._keys.pop(key, ""), None)
                continue
            unique_id = body["unique_id"]
            new = unique_id not in self.entities
            self.entities[unique_id], self._keys[key] = body, unique_id
            topic_of = body.get("state_topic", body.get("image_topic"))
            if new and body["platform"] != "event" and topic_of in self._seen:
                self._update(unique_id, body, self._seen[topic_of], retained=True)

    def _update(self, unique_id: str, entity: Mapping[str, Any], payload: bytes, *, retained: bool) -> None:
        updates: dict[str, Callable[[], None]] = {
            "binary_sensor": lambda: self._switch(unique_id, entity, payload.decode()),
            "switch": lambda: self._switch(unique_id, entity, payload.decode()),
            "sensor": lambda: self._measure(unique_id, entity, payload),
            "event": lambda: self._happen(unique_id, entity, payload, retained=retained),
            "image": lambda: self.states.update({unique_id: f"{len(payload)} bytes"}),
        }
        updates[entity["platform"]]()

    def _switch(self, unique_id: str, entity: Mapping[str, Any], text: str) -> None:
        known = {entity.get("payload_on", "ON"): "on", entity.get("payload_off", "OFF"): "off"}
        if text not in known:
            self.complaints.append(f"{unique_id}: no matching payload found: {text!r}")
        self.states[unique_id] = known.get(text, "unknown")

    def _measure(self, unique_id: str, entity: Mapping[str, Any], payload: bytes) -> None:
        text = payload.decode()
        values = {"value": text, "value_json": json.loads(text)}
        self.states[unique_id] = TEMPLATES.from_string(entity.get("value_template", "{{ value }}")).render(values)
        if not re.fullmatch(r"-?\d+(\.\d+)?", self.states[unique_id]):
            self.complaints.append(f"{unique_id}: not a number: {self.states[unique_id]!r}")
        if "last_reset_value_template" in entity:
            self.resets[unique_id] = TEMPLATES.from_string(entity["last_reset_value_template"]).render(values)

    def _happen(self, unique_id: str, entity: Mapping[str, Any], payload: bytes, *, retained: bool) -> None:
        if retained:
            return
        kind = json.loads(payload)["event_type"]
        if kind not in entity["event_types"]:
            self.complaints.append(f"{unique_id}: invalid event type {kind}")
        self.events.append((unique_id, kind))

    def available(self, unique_id: str) -> bool:
        """Tell whether an entity is there, by its availability list."""
        entity = self.entities[unique_id]
        assert entity["availability_mode"] == "all"
        return all(
            self._seen.get(entry["topic"], b"").decode() == entry.get("payload_available", "online")
            for entry in entity["availability"]
        )
