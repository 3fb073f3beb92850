"""What Home Assistant sees of a device, from its announcement to its removal, over a real broker."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import Direction, EventType
from edge.model.scene import Observation, View, ViewFault
from edge.outputs.mqtt.alarm import BrokerTarget
from edge.outputs.mqtt.topics import BIRTH
from edge.settings import Settings
from tests.support.broker import Broker, Listener, retained, until
from tests.support.home_assistant import Home
from tests.support.mqtt import CHANNEL, LINE, ZONE, MqttDevice, channel, mqtt_device, settings_for
from tests.support.pictures import plain_frame, scene_of
from tests.support.rest import event

PREFIX = f"edge_0123456789ab_{CHANNEL}"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def device(tmp_path: Path, broker: Broker) -> Iterator[MqttDevice]:
    with mqtt_device(tmp_path / "device", settings_for(broker, commands=True)) as device:
        device.context.health.set_channel(CHANNEL, status="ok", fps=10.0)
        yield device


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    with Listener(broker) as listener:
        yield listener


def home_of(listener: Listener) -> Home:
    """What Home Assistant has made of everything so far."""
    home = Home()
    for heard in listener.heard():
        home.receive(heard.topic, heard.payload, retained=heard.retained)
    return home


def sees(listener: Listener, what: str, found: Callable[[Home], object]) -> Home:
    until(what, lambda: found(home_of(listener)))
    home = home_of(listener)
    assert home.complaints == []
    return home


def test_every_entity_has_a_state_and_is_there(device: MqttDevice, listener: Listener) -> None:
    device.start()
    reporting = {"binary_sensor", "sensor", "switch"}
    home = sees(
        listener,
        "all are known",
        lambda home: (
            home.entities
            and {key for key, each in home.entities.items() if each["platform"] in reporting} == set(home.states)
        ),
    )
    assert all(home.available(unique_id) for unique_id in home.entities)
    assert home.states[f"{PREFIX}_connectivity"] == "on"
    assert home.states[f"{PREFIX}_{LINE}_in"] == "0"
    assert home.states[f"{PREFIX}_{LINE}_enabled"] == "on"


def test_what_happens_is_seen(device: MqttDevice, listener: Listener) -> None:
    device.start()
    sees(listener, "it is announced", lambda home: home.entities)
    crossing = event(EventType.TRIPWIRE_CROSSED, rule_id=LINE, direction=Direction.A_TO_B)
    device.parts.commit(crossing, event(EventType.MOTION_ON, rule_id=ZONE))
    home = sees(listener, "motion", lambda home: home.states.get(f"{PREFIX}_motion") == "on" and len(home.events) == 2)
    assert home.events == [
        (f"{PREFIX}_{LINE}_event", "TripwireCrossed"),
        (f"{PREFIX}_{ZONE}_event", "MotionInRegionOn"),
    ]
    assert home.states[f"{PREFIX}_{LINE}_in"] == "1"
    assert home.states[f"{PREFIX}_{LINE}_out"] == "0"
    assert home.resets[f"{PREFIX}_{LINE}_in"] == "2026-05-28T00:00:00+02:00"
    device.parts.commit(event(EventType.MOTION_OFF, rule_id=ZONE))
    sees(listener, "rest", lambda home: home.states[f"{PREFIX}_motion"] == "off")


def test_the_last_picture_of_an_event(broker: Broker, device: MqttDevice, listener: Listener) -> None:
    jpeg = b"\xff\xd8 a picture \xff\xd9"
    device.parts.context.log.append([event()], device.parts.clock.now_us(), jpeg)
    assert device.parts.context.log.flush(10)
    device.start()
    topic = device.topics.channel(CHANNEL, "snapshot")
    listener.wait_for(topic, jpeg)
    for number in range(5):
        device.parts.context.log.append([event()], device.parts.clock.now_us(), jpeg + b"%d" % number)
    assert device.parts.context.log.flush(10)
    until("the events are through", lambda: len(listener.heard(device.topics.channel(CHANNEL, "event"))) == 5)
    assert listener.payloads(topic) == [jpeg], "one in five seconds at most"
    assert retained(broker)[topic] == jpeg


def test_a_lost_camera_takes_its_entities_with_it_and_its_connection_says_why(
    device: MqttDevice, listener: Listener
) -> None:
    device.start()
    sees(listener, "it is there", lambda home: home.entities and home.available(f"{PREFIX}_motion"))
    device.context.health.set_channel(CHANNEL, status="stalled", fps=0.0)
    home = sees(listener, "it is gone", lambda home: not home.available(f"{PREFIX}_motion"))
    assert home.states[f"{PREFIX}_connectivity"] == "off"
    assert home.available(f"{PREFIX}_connectivity")
    assert home.available(f"{PREFIX}_picture")


def test_sabotage_is_a_problem_until_the_view_has_been_healthy_for_long_enough(
    device: MqttDevice, listener: Listener
) -> None:
    def look(stream_s: float, fault: ViewFault | None) -> None:
        frame = replace(plain_frame(CHANNEL, int(stream_s), size=(64, 48), grey=9), stream_s=stream_s)
        scene = replace(scene_of(frame), stream_s=stream_s, observed=Observation(view=View(fault)))
        device.context.board.put(frame, scene)

    device.start()
    look(1, ViewFault.COVERED)
    sees(listener, "all is well", lambda home: home.states.get(f"{PREFIX}_problem") == "off")
    device.parts.commit(event(EventType.SABOTAGE, reason="covered"))
    sees(listener, "a problem", lambda home: home.states[f"{PREFIX}_problem"] == "on")
    stream_s = iter(range(10, 1000))

    def healthy() -> bool:
        look(next(stream_s), None)
        return listener.last(device.topics.channel(CHANNEL, "problem")) == b"OFF"

    until("it is healthy again", healthy)
    assert next(stream_s) > 20, "clear_s is 10"


def test_sabotage_is_still_a_problem_after_a_restart(device: MqttDevice, listener: Listener) -> None:
    topic = device.topics.channel(CHANNEL, "problem")
    device.start()
    listener.wait_for(topic, b"OFF")
    device.parts.commit(event(EventType.SABOTAGE, reason="covered"))
    listener.wait_for(topic, b"ON")
    device.stop()
    count = len(listener.payloads(topic))
    device.start()
    until("it is told again", lambda: len(listener.payloads(topic)) > count)
    assert listener.payloads(topic)[count:] == [b"ON"]


def test_removed_channels_and_rules_disappear_and_their_topics_too(
    broker: Broker, device: MqttDevice, listener: Listener
) -> None:
    both = Settings(channels=(channel(), channel("Yard", "second")))
    device.configure(both)
    device.start()
    sees(listener, "both are there", lambda home: any("second" in each for each in home.entities))
    one = replace(channel(), rules=channel().rules[1:])
    device.configure(Settings(channels=(one,)))
    home = sees(listener, "one is gone", lambda home: home.entities and not any("second" in e for e in home.entities))
    assert not any(LINE in unique_id for unique_id in home.entities)
    until("the file says so", lambda: "second" not in device.context.kept.read_text())
    kept = retained(broker)
    assert [topic for topic in kept if "second" in topic or LINE in topic] == []
    components = json.loads(kept[device.topics.discovery])["components"]
    assert all(len(each) > 1 for each in components.values()), "alone only once"


def test_what_was_removed_while_the_device_was_off_disappears_at_its_next_start(
    broker: Broker, device: MqttDevice, listener: Listener
) -> None:
    device.configure(Settings(channels=(channel(), channel("Yard", "second"))))
    device.start()
    until("it is kept", lambda: device.context.kept.exists() and "second" in device.context.kept.read_text())
    device.stop()
    device.configure(Settings(channels=(channel(),)))
    device.start()
    sees(listener, "one is gone", lambda home: home.entities and not any("second" in each for each in home.entities))
    until("its topics are gone", lambda: not any("second" in topic for topic in retained(broker)))


def test_without_home_assistant_what_was_announced_is_taken_back(
    broker: Broker, device: MqttDevice, listener: Listener
) -> None:
    device.start()
    until("it is kept", device.context.kept.exists)
    device.stop()
    plain = replace(device.context, broker=settings_for(broker, home_assistant=False))
    device.context = plain
    device.start()
    listener.wait_for(device.topics.discovery, b"")
    listener.wait_for(device.topics.status, b"online")
    assert device.topics.discovery not in retained(broker)


def test_home_assistant_that_starts_anew_is_told_everything_again(device: MqttDevice, listener: Listener) -> None:
    device.start()
    topic = device.topics.channel(CHANNEL, "motion")
    listener.wait_for(topic, b"OFF")
    until("announced once", lambda: len(listener.heard(device.topics.discovery)) == 1)
    listener.say(BIRTH, b"online")
    until("announced twice", lambda: len(listener.heard(device.topics.discovery)) == 2)
    until("with its states", lambda: len(listener.heard(topic)) == 2)


def test_commands_do_what_they_say_once(device: MqttDevice, listener: Listener) -> None:
    device.start()
    sees(listener, "it is announced", lambda home: home.entities)
    home = home_of(listener)
    for unique_id, payload in (("_enabled", b"OFF"), (f"_{LINE}_enabled", b"OFF"), (f"_{LINE}_test", b"PRESS")):
        listener.say(home.entities[f"{PREFIX}{unique_id}"]["command_topic"], payload)
    listener.say(device.topics.command, b"nonsense")
    restart = home.entities["edge_0123456789ab_restart"]
    listener.say(restart["command_topic"], restart["payload_press"])
    asked = [("channel", CHANNEL, False), ("rule", CHANNEL, LINE, False), ("test", CHANNEL, LINE), ("restart",)]
    until("all is asked", lambda: device.controls.asked == asked)


@pytest.mark.parametrize("version", [5, 3])
def test_a_retained_command_is_not_obeyed_again_and_again(
    tmp_path: Path, broker: Broker, listener: Listener, version: int
) -> None:
    with mqtt_device(tmp_path / "d", settings_for(broker, commands=True, version=version)) as device:
        listener.say(device.topics.command, b"restart", retain=True)
        device.start()
        listener.wait_for(device.topics.status, b"online")
        listener.say(device.topics.channel(CHANNEL, "enabled/set"), b"OFF")
        until("the second is obeyed", lambda: device.controls.asked == [("channel", CHANNEL, False)])


def test_without_commands_nothing_is_obeyed(tmp_path: Path, broker: Broker, listener: Listener) -> None:
    with mqtt_device(tmp_path / "d", settings_for(broker)) as device:
        device.start()
        listener.wait_for(device.topics.status, b"online")
        listener.say(device.topics.command, b"restart")
        device.parts.commit(event())
        until("the event is through", lambda: listener.heard(device.topics.channel(CHANNEL, "event")))
        assert device.controls.asked == []


def test_a_test_alarm_is_marked_and_reported(broker: Broker, device: MqttDevice, listener: Listener) -> None:
    target = BrokerTarget(device.context.broker, device.context.bell)
    alarm = event(EventType.TRIPWIRE_CROSSED, rule_id=LINE, rule_name="Door", direction=Direction.A_TO_B)
    assert not target.send(alarm, 0.1).delivered, "nobody is there yet"
    device.start()
    listener.wait_for(device.topics.status, b"online")
    outcome = target.send(alarm, 10)
    assert (outcome.delivered, outcome.text) == (True, "acknowledged by the broker")
    until("it is heard", lambda: listener.heard(device.topics.channel(CHANNEL, "event")))
    body = json.loads(listener.payloads(device.topics.channel(CHANNEL, "event"))[0])
    assert body["test"] is True
    assert "event_id" not in body
    assert device.context.log.last_event_id() == 0
    broker.stop()
    until("it is lost", lambda: not connected(device))
    assert not target.send(alarm, 2).delivered


def connected(device: MqttDevice) -> bool:
    broker = device.context.health.snapshot().broker
    return broker is not None and broker.connected


def test_pictures_that_the_broker_does_not_take_are_left_out(tmp_path: Path) -> None:
    with (
        Broker(tmp_path / "broker", more="max_packet_size 20000") as broker,
        Listener(broker) as listener,
        mqtt_device(tmp_path / "d", settings_for(broker)) as device,
    ):
        device.parts.context.log.append([event()], device.parts.clock.now_us(), b"x" * 30_000)
        assert device.parts.context.log.flush(10)
        device.start()
        listener.wait_for(device.topics.status, b"online")
        device.parts.commit(event())
        until("the event is through", lambda: listener.heard(device.topics.channel(CHANNEL, "event")))
        assert listener.heard(device.topics.channel(CHANNEL, "snapshot")) == []
