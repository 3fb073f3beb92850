"""The device as Home Assistant wants it told: one payload with all its entities (device-based discovery).

What is left out or wrong here makes Home Assistant drop all of it without a word; tests hold it against its rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge import __version__
from edge.outputs.mqtt.components import channel_components, restart_button
from edge.outputs.mqtt.topics import Topics
from edge.outputs.payload import JsonObject, JsonValue, json_bytes
from edge.settings import ApiSettings, Settings

Platforms = Mapping[str, str]
"""Component -> its platform: what has to be known of a component to have it removed."""

LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Presented:
    """How the device presents itself; `address` is its own as the broker sees it."""

    device_name: str
    device_id: str
    address: str


def components(settings: Settings, topics: Topics, *, commands: bool) -> dict[str, JsonObject]:
    """Return every entity by its key, which stays the same when something is renamed."""
    found = dict(_all(settings, topics, commands=commands))
    return {key: {"unique_id": f"{topics.node}_{key}", **body} for key, body in found.items()}


def _all(settings: Settings, topics: Topics, *, commands: bool) -> Iterator[tuple[str, JsonObject]]:
    if commands:
        yield "restart", restart_button(topics)
    for channel in settings.channels:
        yield from channel_components(channel, topics, commands=commands)


def platforms(found: Mapping[str, JsonObject]) -> dict[str, str]:
    """Return what has to be remembered of components."""
    return {key: str(body["platform"]) for key, body in found.items()}


def payload(
    found: Mapping[str, JsonObject], gone: Platforms, settings: Settings, topics: Topics, presented: Presented
) -> bytes:
    """Return the payload; `gone` components stand in it with their platform alone, which removes them."""
    removed: dict[str, JsonValue] = {key: {"platform": platform} for key, platform in gone.items()}
    device: JsonObject = {
        "identifiers": [topics.node],
        "name": presented.device_name,
        "manufacturer": "edge",
        "model": "Camera analytics",
        "serial_number": presented.device_id,
        "sw_version": __version__,
    }
    page = page_address(settings.api, presented)
    if page:
        device["configuration_url"] = page
    return json_bytes(
        {
            "device": device,
            "origin": {"name": "edge", "sw_version": __version__},
            "components": {**removed, **found},
            "qos": 1,
        }
    )


def page_address(api: ApiSettings, presented: Presented) -> str:
    """Return the address of the device's page, with its scheme; empty where it has none."""
    if not api.enabled:
        return ""
    host = presented.address
    if not host or host.startswith(LOOPBACK):  # a broker on the device itself tells nothing of where others find it
        host = f"{presented.device_name}.local"
    return f"{api.scheme}://{f'[{host}]' if ':' in host else host}:{api.port}/"
