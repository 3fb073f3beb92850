import json
from dataclasses import replace

import pytest

from edge.outputs.mqtt import discovery
from edge.outputs.mqtt.components import event_types
from edge.outputs.mqtt.discovery import Presented
from edge.outputs.mqtt.topics import Topics, topics_of
from edge.settings import ApiSettings, ChannelSettings, LineSettings, Settings, TlsSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings
from tests.support.home_assistant import Home, check
from tests.support.mqtt import CHANNEL, DEVICE_ID, LINE, NAME, ZONE, channel

TOPICS = topics_of("edge", NAME, DEVICE_ID)
PRESENTED = Presented(NAME, DEVICE_ID, "192.0.2.5")
PREFIX = f"edge_{DEVICE_ID}_{CHANNEL}"


def announced(settings: Settings, *, commands: bool = False, topics: Topics = TOPICS) -> bytes:
    found = discovery.components(settings, topics, commands=commands)
    return discovery.payload(found, {}, settings, topics, PRESENTED)


@pytest.mark.parametrize("commands", [False, True])
def test_every_rule_of_home_assistant_is_kept(*, commands: bool) -> None:
    settings = Settings(channels=(channel(), channel("Yard", "second")))
    body = check(TOPICS.discovery, announced(settings, commands=commands))
    assert body["device"]["configuration_url"] == "http://192.0.2.5:48462/"
    assert body["device"]["sw_version"]


def test_a_channel_has_the_entities_that_one_looks_for() -> None:
    components = json.loads(announced(Settings(channels=(channel(),)), commands=True))["components"]
    shown = {key.removeprefix(f"{CHANNEL}_"): each["platform"] for key, each in components.items()}
    assert shown == {
        "restart": "button",
        "connectivity": "binary_sensor",
        "picture": "image",
        "problem": "binary_sensor",
        "motion": "binary_sensor",
        "enabled": "switch",
        f"{LINE}_in": "sensor",
        f"{LINE}_out": "sensor",
        f"{LINE}_event": "event",
        f"{LINE}_enabled": "switch",
        f"{LINE}_test": "button",
        f"{ZONE}_occupancy": "sensor",
        f"{ZONE}_motion": "binary_sensor",
        f"{ZONE}_event": "event",
        f"{ZONE}_enabled": "switch",
        f"{ZONE}_test": "button",
    }


def test_without_commands_there_is_nothing_to_press() -> None:
    components = json.loads(announced(Settings(channels=(channel(),))))["components"]
    assert {each["platform"] for each in components.values()} == {"binary_sensor", "sensor", "event", "image"}
    assert b"set" not in announced(Settings(channels=(channel(),))).replace(b"last_reset_value_template", b"")


def test_names_may_change_and_nothing_else_does() -> None:
    before = json.loads(announced(Settings(channels=(channel("Gate"),)), commands=True))["components"]
    after = json.loads(announced(Settings(channels=(channel("Front door"),)), commands=True))["components"]
    for each in (*before.values(), *after.values()):
        each.pop("name")
    assert before == after


def test_a_line_that_counts_one_way_has_one_count() -> None:
    line = LineSettings(line="In", points=((0, 0), (1, 1)), id="in", direction="b_to_a")
    components = json.loads(announced(Settings(channels=(channel(rules=(line,)),))))["components"]
    assert [key for key in components if key.endswith(("_in", "_out"))] == [f"{CHANNEL}_in_out"]


def test_what_a_channel_does_not_watch_is_not_there() -> None:
    plain = channel(sabotage=None, rules=(LineSettings(line="In", points=((0, 0), (1, 1)), id="in"),))
    components = json.loads(announced(Settings(channels=(plain,))))["components"]
    assert not any(key.endswith(("problem", "motion", "occupancy")) for key in components)


def test_what_is_gone_stands_there_with_its_platform_alone() -> None:
    home = Home()
    home.receive(TOPICS.discovery, announced(Settings(channels=(channel(), channel("Yard", "second")))))
    assert any("second" in unique_id for unique_id in home.entities)
    settings = Settings(channels=(channel(),))
    before = discovery.platforms(
        discovery.components(Settings(channels=(channel(), channel("Yard", "second"))), TOPICS, commands=False)
    )
    found = discovery.components(settings, TOPICS, commands=False)
    gone = {key: platform for key, platform in before.items() if key not in found}
    home.receive(TOPICS.discovery, discovery.payload(found, gone, settings, TOPICS, PRESENTED))
    home.receive(TOPICS.discovery, discovery.payload(found, {}, settings, TOPICS, PRESENTED))
    assert not any("second" in unique_id for unique_id in home.entities)
    assert len(home.entities) == len(found)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        pytest.param("192.0.2.5", "http://192.0.2.5:48462/", id="plain"),
        pytest.param("2001:db8::5", "http://[2001:db8::5]:48462/", id="version-6"),
        pytest.param("127.0.0.1", f"http://{NAME}.local:48462/", id="a-broker-on-the-device"),
        pytest.param("::1", f"http://{NAME}.local:48462/", id="the-same-6"),
        pytest.param("", f"http://{NAME}.local:48462/", id="not-known"),
    ],
)
def test_the_address_of_the_page(address: str, page: str) -> None:
    presented = Presented(NAME, DEVICE_ID, address)
    assert discovery.page_address(ApiSettings(), presented) == page


def test_with_https_its_page_is_there() -> None:
    api = ApiSettings(tls=TlsSettings(mode="self-signed"))
    assert discovery.page_address(api, Presented(NAME, DEVICE_ID, "192.0.2.5")) == "https://192.0.2.5:48462/"


def test_a_device_without_a_page_names_none() -> None:
    settings = Settings(api=ApiSettings(enabled=False), channels=(channel(),))
    found = discovery.components(settings, TOPICS, commands=False)
    body = json.loads(discovery.payload(found, {}, settings, TOPICS, PRESENTED))
    assert "configuration_url" not in body["device"]


def test_a_zone_tells_the_kinds_of_event_that_its_sections_give() -> None:
    own: ChannelSettings = channel()
    zone = own.rules[1]
    assert isinstance(zone, ZoneSettings)
    assert [kind.value for kind in event_types(own, zone)] == [
        "RegionJoin",
        "RegionLeave",
        "MotionInRegionOn",
        "MotionInRegionOff",
        "Loitering",
        "CrowdOn",
        "CrowdOff",
    ]
    assert event_types(own, replace(zone, abandoned=AbandonedSettings()))[-1].value == "AbandonedObject"
