"""The whole program on a broker: killed, reloaded, commanded."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.settings.ids import channel_id, rule_id
from tests.support.appliance import Appliance, appliance, write_config
from tests.support.broker import Broker, Listener, until
from tests.support.home_assistant import Home

STREET = channel_id("Street")
LINE = rule_id(STREET, "line", "Pavement")
CHANNELS = """
  - name: Street
    source: {demo: {scene: street}}
    rules:
      - line: Pavement
        points: [[0.5, 0.3], [0.5, 1.0]]
      - zone: All
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        motion: {}
"""
SECOND = "  - name: Second\n    source: {demo: {scene: street, seed: 2}}\n"
BASE = "edge/front-door"


def more(broker: Broker, words: str = "commands: true") -> str:
    return f"device: {{name: front-door}}\nmqtt: {{host: 127.0.0.1, port: {broker.port}, {words}}}\n"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    with Listener(broker) as listener:
        yield listener


@pytest.fixture
def program(tmp_path: Path, broker: Broker) -> Iterator[Appliance]:
    with appliance(tmp_path, CHANNELS, more=more(broker)) as program:
        yield program


def event_ids(listener: Listener) -> list[int]:
    return [json.loads(payload)["event_id"] for payload in listener.payloads(f"{BASE}/{STREET}/event")]


def some_come(listener: Listener) -> None:
    before = len(event_ids(listener))
    until("some events come", lambda: len(event_ids(listener)) > before + 2)


def test_killed_it_is_offline_and_after_its_return_no_event_is_missing(
    tmp_path: Path, broker: Broker, listener: Listener
) -> None:
    for _ in range(2):
        with appliance(tmp_path, CHANNELS, more=more(broker)) as program:
            listener.wait_for(f"{BASE}/status", b"online")
            some_come(listener)
            program.stop(signal.SIGKILL)
            listener.wait_for(f"{BASE}/status", b"offline")
    with appliance(tmp_path, CHANNELS, more=more(broker)) as program:
        listener.wait_for(f"{BASE}/status", b"online")
        program.serve()
        logged = [each["event_id"] for each in program.get("/v1/json/events?limit=1000")]
        until("all in the log have come", lambda: set(logged) <= set(event_ids(listener)))
        assert program.stop() == 0
        listener.wait_for(f"{BASE}/status", b"offline")
    first = list(dict.fromkeys(event_ids(listener)))
    assert first == sorted(first)


def test_channels_come_and_go_with_the_settings_and_so_does_the_broker(
    program: Appliance, broker: Broker, listener: Listener
) -> None:
    listener.wait_for(f"{BASE}/{STREET}/status", b"online")
    second = f"{BASE}/{channel_id('Second')}/status"
    write_config(program.config, CHANNELS + SECOND, program.port, more(broker))
    program.process.send_signal(signal.SIGHUP)
    listener.wait_for(second, b"online")
    write_config(program.config, CHANNELS, program.port, more(broker))
    program.process.send_signal(signal.SIGHUP)
    listener.wait_for(second, b"")
    home = Home()
    for heard in listener.heard("homeassistant/device/" + node(program) + "/config"):
        home.receive(heard.topic, heard.payload)
    assert home.entities
    assert not any(channel_id("Second") in unique_id for unique_id in home.entities)
    assert "edge_mqtt_connected 1" in metrics(program)
    write_config(program.config, CHANNELS, program.port, "device: {name: front-door}")
    program.process.send_signal(signal.SIGHUP)
    listener.wait_for(f"{BASE}/status", b"offline")
    until("the figures are gone", lambda: "edge_mqtt" not in metrics(program))
    assert program.stop() == 0


def metrics(program: Appliance) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{program.port}/metrics", timeout=30) as answer:
        return str(answer.read().decode())


def node(program: Appliance) -> str:
    return "edge_" + (program.config.parent / "state" / "device-id").read_text().strip()


def test_commands_and_that_they_hold_until_the_file_is_read_again(program: Appliance, listener: Listener) -> None:
    listener.wait_for(f"{BASE}/{STREET}/status", b"online")
    listener.say(f"{BASE}/{STREET}/rule/{LINE}/test/set", b"PRESS")
    topic = f"{BASE}/{STREET}/rule/{LINE}/event"
    until("the test comes", lambda: any(json.loads(each).get("test") for each in listener.payloads(topic)))
    listener.say(f"{BASE}/{STREET}/rule/{LINE}/enabled/set", b"OFF")
    listener.wait_for(f"{BASE}/{STREET}/rule/{LINE}/enabled", b"OFF")
    [channel] = program.get("/v1/json/channels")
    assert [rule["enabled"] for rule in channel["rules"]] == [False, True]
    listener.say(f"{BASE}/{STREET}/enabled/set", b"OFF")
    listener.wait_for(f"{BASE}/{STREET}/enabled", b"OFF")
    listener.wait_for(f"{BASE}/{STREET}/status", b"offline")
    program.process.send_signal(signal.SIGHUP)
    listener.wait_for(f"{BASE}/{STREET}/rule/{LINE}/enabled", b"ON")
    listener.wait_for(f"{BASE}/{STREET}/status", b"online")
    words = [sys.executable, "-m", "edge", "status", "--state", str(program.config.parent / "state")]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert "mqtt: connected, " in told
    listener.say(f"{BASE}/set", b"restart")
    assert program.process.wait(30) == 1, "systemd starts it anew"
    listener.wait_for(f"{BASE}/status", b"offline")
