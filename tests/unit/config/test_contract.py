"""The full example of the contract is right."""

from pathlib import Path

import pytest

from edge.config.loader import load, loads
from edge.settings import LineSettings, ZoneSettings
from edge.settings.rules import CrowdSettings, ScheduleSettings, TailgatingSettings

EXAMPLE = Path(__file__).with_name("contract.yaml")


def test_full_example_is_right() -> None:
    settings = load(EXAMPLE)
    assert settings.mqtt is not None
    assert settings.mqtt.tls is not None
    assert (settings.mqtt.host, settings.mqtt.version, settings.mqtt.commands) == ("192.0.2.10", 5, False)
    channel = settings.channels[0]
    assert channel.id == "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
    assert channel.source.rtsp is not None
    assert channel.source.rtsp.username == "viewer"
    rule = channel.rules[0]
    assert isinstance(rule, LineSettings)
    assert rule.points == ((0.5, 0.1), (0.5, 0.9))
    assert rule.objects == ("Pedestrian", "Vehicle")
    assert rule.tailgating == TailgatingSettings(seconds=1.0)
    zone = channel.rules[1]
    assert isinstance(zone, ZoneSettings)
    assert zone.crowd == CrowdSettings(size=5, on_s=2)
    assert zone.schedule == (ScheduleSettings(days=("mon", "tue", "wed", "thu", "fri"), from_="08:00", to="18:00"),)
    assert channel.masks[0].kind == "exclude"
    assert settings.api.port == 48462


@pytest.mark.parametrize(
    "example",
    [
        pytest.param("sabotage: false", id="sabotage"),
        pytest.param("disconnect: false", id="disconnect"),
        pytest.param("objects: false", id="objects"),
        pytest.param("masks: []", id="no-masks"),
    ],
)
def test_turning_something_off_is_right(example: str) -> None:
    settings = loads(f"channels: [{{name: A, source: {{demo: {{}}}}, {example}}}]", "edge.yaml")
    assert settings.channels[0].sabotage is None or "sabotage" not in example


def test_tls_none_is_right() -> None:
    assert loads("api: {tls: {mode: none}}", "edge.yaml").api.tls.mode == "none"


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "null", "channels:\n", "api:\nretention:\n"])
def test_file_without_content_is_valid(text: str) -> None:
    settings = loads(text, "edge.yaml")
    assert settings.channels == ()
    assert settings.api.max_waiting == 1100
