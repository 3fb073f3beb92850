"""Against a real Home Assistant: `make peers`. It is not part of `make test`: it takes a Python 3.13 and 600 MB."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.model.event import Direction, EventType
from edge.outputs.mqtt.discovery import components
from edge.settings import Settings
from tests.support.broker import Broker, until
from tests.support.mqtt import CHANNEL, LINE, ZONE, MqttDevice, channel, mqtt_device, settings_for
from tests.support.rest import event

PROGRAM = Path(__file__).with_name("home_assistant_core.py")
PREFIX = f"edge_0123456789ab_{CHANNEL}"


class HomeAssistant:
    """One running Home Assistant."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child
        assert self.answer() == "ready"

    def ask(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        assert self._child.stdin is not None
        self._child.stdin.write(" ".join(words) + "\n")
        self._child.stdin.flush()
        return self.answer()

    def end(self) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write("stop\n")
        self._child.stdin.flush()

    def answer(self) -> Any:  # noqa: ANN401 - JSON
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, "Home Assistant has ended; see its output"
        return json.loads(line)

    def states(self) -> dict[str, str]:
        return {unique_id: each["state"] for unique_id, each in self.ask("states").items()}

    def entity(self, unique_id: str) -> str:
        return str(self.ask("states")[unique_id]["entity_id"])


@contextmanager
def home_assistant(folder: Path, broker: Broker) -> Iterator[HomeAssistant]:
    words = [os.environ["EDGE_HOME_ASSISTANT"], str(PROGRAM), str(folder), "127.0.0.1", str(broker.port)]
    with (folder.parent / "home-assistant.log").open("w") as log:
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            home = HomeAssistant(child)
            yield home
            assert home.ask("log") == []
            home.end()
            child.wait(60)
        finally:
            child.kill()
            child.wait(30)
            for pipe in (child.stdin, child.stdout):
                assert pipe is not None
                pipe.close()


def follows(home: HomeAssistant, unique_id: str, state: str) -> float:
    """Wait for a state; returns the seconds that it took."""
    began_s = time.monotonic()
    until(f"{unique_id} is {state}", lambda: home.states()[unique_id] == state, 20)
    return time.monotonic() - began_s


def test_a_device_from_its_announcement_to_its_end(tmp_path: Path) -> None:
    with (
        Broker(tmp_path / "broker") as broker,
        mqtt_device(tmp_path / "device", settings_for(broker, commands=True)) as device,
    ):
        device.configure(Settings(channels=(channel(), channel("Yard", "second"))))
        for channel_id in (CHANNEL, "second"):
            device.context.health.set_channel(channel_id, status="ok", fps=10.0)
        device.start()
        with home_assistant(tmp_path / "home", broker) as home:
            everything_appears(device, home)
            what_happens_is_seen(device, home)
            commands_arrive(device, home)
            before = home.states()
            a_device_starts_anew(device, home, before)
        with home_assistant(tmp_path / "home", broker) as home:
            all_is_as_before(home, before)
            what_is_removed_disappears(device, home)


def everything_appears(device: MqttDevice, home: HomeAssistant) -> None:
    wanted = {f"edge_0123456789ab_{key}" for key in components(device.context.settings(), device.topics, commands=True)}
    until("all are there", lambda: set(home.states()) == wanted)
    until("none is unavailable", lambda: "unavailable" not in home.states().values())
    reporting = ("binary_sensor", "sensor", "switch")
    shown = home.ask("states").values()
    assert [each for each in shown if each["entity_id"].startswith(reporting) and each["state"] == "unknown"] == []


def what_happens_is_seen(device: MqttDevice, home: HomeAssistant) -> None:
    device.parts.commit(event(EventType.MOTION_ON, rule_id=ZONE))
    assert follows(home, f"{PREFIX}_motion", "on") < 1
    device.parts.commit(event(EventType.MOTION_OFF, rule_id=ZONE))
    assert follows(home, f"{PREFIX}_motion", "off") < 1
    jpeg = b"\xff\xd8\xff\xd9"
    crossing = event(EventType.TRIPWIRE_CROSSED, rule_id=LINE, rule_name="Door", direction=Direction.A_TO_B)
    device.parts.context.log.append([crossing], device.parts.clock.now_us(), jpeg)
    follows(home, f"{PREFIX}_{LINE}_in", "1")
    told = home.ask("states")[f"{PREFIX}_{LINE}_event"]["attributes"]
    assert (told["event_type"], told["origin"], told["direction"]) == ("TripwireCrossed", "Pedestrian", "a_to_b")
    until("a picture", lambda: home.states()[f"{PREFIX}_picture"] != "unknown")
    device.context.health.set_channel(CHANNEL, status="stalled", fps=0.0)
    follows(home, f"{PREFIX}_motion", "unavailable")
    assert home.states()[f"{PREFIX}_connectivity"] == "off"
    device.context.health.set_channel(CHANNEL, status="ok", fps=10.0)
    follows(home, f"{PREFIX}_motion", "off")


def commands_arrive(device: MqttDevice, home: HomeAssistant) -> None:
    home.ask("switch", home.entity(f"{PREFIX}_{LINE}_enabled"), "off")
    home.ask("press", home.entity(f"{PREFIX}_{LINE}_test"))
    home.ask("press", home.entity("edge_0123456789ab_restart"))
    asked = [("rule", CHANNEL, LINE, False), ("test", CHANNEL, LINE), ("restart",)]
    until("all is asked", lambda: device.controls.asked == asked)


def a_device_starts_anew(device: MqttDevice, home: HomeAssistant, before: dict[str, str]) -> None:
    device.stop()
    until("all are unavailable", lambda: set(home.states().values()) == {"unavailable"})
    device.start()
    until("all are back", lambda: home.states() == before)


def all_is_as_before(home: HomeAssistant, before: dict[str, str]) -> None:
    moments = ("_picture", "_restart", "_test")  # when a picture came, or a button was pressed
    lasting = {key: state for key, state in before.items() if not key.endswith(moments)}

    def differing() -> dict[str, tuple[str, str | None]]:
        now = home.states()
        return {key: (state, now.get(key)) for key, state in lasting.items() if now.get(key) != state}

    try:
        until("all are back", lambda: not differing())
    except AssertionError:
        raise AssertionError(differing()) from None
    until("none is unavailable", lambda: "unavailable" not in home.states().values())


def what_is_removed_disappears(device: MqttDevice, home: HomeAssistant) -> None:
    one = replace(channel(), rules=channel().rules[1:])
    device.configure(Settings(channels=(one,)))
    until("they are gone", lambda: not any("second" in key or LINE in key for key in home.states()))
    assert f"{PREFIX}_motion" in home.states()
