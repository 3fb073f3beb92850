"""Events over MQTT through all that a broker can do: away, killed, stalled, wrong password, TLS, old versions."""

import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import Direction, Event, EventType
from edge.outputs.mqtt.refusals import FLAG
from edge.outputs.mqtt.worker import MqttWorker
from edge.settings import Settings
from edge.settings.outputs import MqttTlsSettings
from edge.store.errors import StoreError
from tests.support.broker import (
    CONTROL,
    DEVICE_USER,
    READER_USER,
    Broker,
    Listener,
    Relay,
    access_list_plugin,
    certificates,
    retained,
    until,
)
from tests.support.mqtt import CHANNEL, LINE, MqttDevice, mqtt_device, settings_for
from tests.support.rest import event


def crossing(**changes: object) -> Event:
    return event(EventType.TRIPWIRE_CROSSED, rule_id=LINE, rule_name="Door", direction=Direction.A_TO_B, **changes)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def device(tmp_path: Path, broker: Broker) -> Iterator[MqttDevice]:
    with mqtt_device(tmp_path / "device", settings_for(broker)) as device:
        yield device


def event_ids(listener: Listener, device: MqttDevice) -> list[int]:
    return [json.loads(payload)["event_id"] for payload in listener.payloads(device.topics.channel(CHANNEL, "event"))]


def cursor(device: MqttDevice) -> int:
    return device.context.outbox.cursor("mqtt") or 0


def flag(device: MqttDevice) -> str:
    return device.context.health.snapshot().flags.get(FLAG, "")


def connected(device: MqttDevice) -> bool:
    broker = device.context.health.snapshot().broker
    return broker is not None and broker.connected


def test_an_event_is_there_at_once_with_its_body_its_expiry_and_never_kept(broker: Broker, device: MqttDevice) -> None:
    device.start()
    with Listener(broker) as listener:
        listener.wait_for(device.topics.status, b"online")
        device.parts.commit(crossing())
        until("the event comes", lambda: event_ids(listener, device) == [1])
        rule_topic = device.topics.rule(CHANNEL, LINE, "event")
        until("it comes for its rule", lambda: listener.heard(rule_topic))
        [all_events] = listener.heard(device.topics.channel(CHANNEL, "event"))
        [of_the_rule] = listener.heard(rule_topic)
        assert (all_events.retained, all_events.expires_s) == (False, 86_400)
        assert (of_the_rule.retained, of_the_rule.expires_s) == (False, 60)
        body = json.loads(all_events.payload)
        assert (body["type"], body["channel_name"], body["direction"]) == ("TripwireCrossed", "Gate", "a_to_b")
        assert json.loads(of_the_rule.payload) == {"event_type": "TripwireCrossed", **body}
        until("the cursor moves", lambda: cursor(device) == 1)
    assert [topic for topic in retained(broker) if topic.endswith("event")] == []


def test_birth_clean_stop_and_will(broker: Broker, device: MqttDevice) -> None:
    device.start()
    with Listener(broker, (device.topics.status,)) as listener:
        listener.wait_for(device.topics.status, b"online")
        device.stop()
        listener.wait_for(device.topics.status, b"offline")
    assert retained(broker)[device.topics.status] == b"offline"
    assert device.context.health.snapshot().broker is None


def test_a_broker_that_is_started_anew_gets_all_states_again(broker: Broker, device: MqttDevice) -> None:
    device.start()
    until("it is connected", lambda: connected(device))
    broker.stop()
    until("it is noticed", lambda: not connected(device))
    device.parts.commit(crossing(), event(EventType.MOTION_ON, rule_id=device_zone(device)))
    broker.start()  # with nothing of before
    with Listener(broker) as listener:
        until("it is connected again", lambda: connected(device))
        listener.wait_for(device.topics.channel(CHANNEL, "motion"), b"ON")
        listener.wait_for(device.topics.status, b"online")
        until("the events come", lambda: event_ids(listener, device) == [1, 2])
        until("counts", lambda: b'"a_to_b":1' in (listener.last(device.topics.channel(CHANNEL, "count")) or b""))
    assert device.topics.discovery in retained(broker)


def device_zone(device: MqttDevice) -> str:
    return device.context.settings().channels[0].rules[1].id


def test_a_thousand_events_in_ten_minutes_without_the_broker_come_once_and_in_order(
    tmp_path: Path, broker: Broker
) -> None:
    with (
        Relay(broker.port) as relay,
        mqtt_device(tmp_path / "device", settings_for(Broker(tmp_path, port=relay.port))) as device,
        Listener(broker) as listener,
    ):
        device.start()
        until("it is connected", lambda: connected(device))
        device.parts.commit(crossing())
        until("the first comes", lambda: cursor(device) == 1)
        relay.cut()
        until("it is noticed", lambda: not connected(device))
        device.parts.commit(*(crossing() for _ in range(500)))
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        device.parts.commit(*(crossing() for _ in range(500)))
        device.parts.clock.wall_us += 600_000_000
        until("they are known to wait", lambda: behind(device) == 1000)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert cursor(device) == 1
        assert after - before < 500 * 2000, "the log's tail is all that grows"
        relay.mend()
        until("all have come", lambda: len(event_ids(listener, device)) >= 1001)
        until("the cursor is at the end", lambda: cursor(device) == 1001)
        assert event_ids(listener, device) == list(range(1, 1002))
        assert len(listener.heard(device.topics.rule(CHANNEL, LINE, "event"))) == 1, "what is late rings no bell"


def behind(device: MqttDevice) -> int:
    broker = device.context.health.snapshot().broker
    return -1 if broker is None else broker.behind


def test_connections_broken_in_the_midst_of_many_events_lose_none(tmp_path: Path, broker: Broker) -> None:
    """What was on its way may come twice, with the same body; the first of each comes in order."""
    with (
        Relay(broker.port) as relay,
        mqtt_device(tmp_path / "device", settings_for(Broker(tmp_path, port=relay.port))) as device,
        Listener(broker) as listener,
    ):
        device.start()
        until("it is connected", lambda: connected(device))
        for _ in range(4):
            device.parts.commit(*(crossing() for _ in range(300)))
            until("some have come", lambda: len(event_ids(listener, device)) % 300 > 20)
            relay.cut()
            relay.mend()
        until("all are acknowledged", lambda: cursor(device) == 1200)
        until("all have come", lambda: set(event_ids(listener, device)) == set(range(1, 1201)))
        bodies = listener.payloads(device.topics.channel(CHANNEL, "event"))
        assert [json.loads(body)["event_id"] for body in dict.fromkeys(bodies)] == list(range(1, 1201))


def test_a_broker_that_is_killed_again_and_again_gets_them_all(broker: Broker, device: MqttDevice) -> None:
    device.start()
    for _ in range(2):
        begun = cursor(device)
        until("it is connected", lambda: connected(device))
        device.parts.commit(*(crossing() for _ in range(300)))
        while cursor(device) == begun:
            threading.Event().wait(0.01)
        broker.kill()
        broker.start()
    until("all are acknowledged", lambda: cursor(device) == 600)


def test_a_stalled_broker_is_noticed_and_what_was_on_its_way_comes(broker: Broker, device: MqttDevice) -> None:
    device.start()
    with Listener(broker) as listener:
        until("it is connected", lambda: connected(device))
        broker.stall()
        device.parts.commit(*(crossing() for _ in range(200)))
        until("it is noticed", lambda: not connected(device), 10)
        assert cursor(device) == 0
        broker.go_on()
        until("all have come", lambda: set(event_ids(listener, device)) == set(range(1, 201)))
        until("all are acknowledged", lambda: cursor(device) == 200)
        first = list(dict.fromkeys(event_ids(listener, device)))
        assert first == sorted(first)


def test_a_stalled_broker_does_not_hold_up_the_stop(broker: Broker, device: MqttDevice) -> None:
    device.start()
    until("it is connected", lambda: connected(device))
    broker.stall()
    try:
        device.stop()
    finally:
        broker.go_on()


def test_what_was_not_acknowledged_comes_after_a_restart_and_nothing_else(broker: Broker, device: MqttDevice) -> None:
    device.start()
    with Listener(broker) as listener:
        until("it is connected", lambda: connected(device))
        device.parts.commit(crossing(), crossing())
        until("both have come", lambda: cursor(device) == 2)
        device.stop()
        device.parts.commit(crossing(), crossing())
        device.start()
        until("the rest has come", lambda: cursor(device) == 4)
        assert event_ids(listener, device) == [1, 2, 3, 4]


def test_a_new_reader_begins_with_what_comes_from_now_on(broker: Broker, device: MqttDevice) -> None:
    device.parts.commit(crossing(), crossing())
    device.start()
    with Listener(broker) as listener:
        until("it is connected", lambda: connected(device))
        device.parts.commit(crossing())
        until("the new one comes", lambda: event_ids(listener, device) == [3])


def told_access_list() -> str:
    """The access list that docs/mqtt.md gives to copy."""
    text = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
    return text.partition("# /etc/mosquitto/acl\n")[2].partition("```")[0]


def test_a_wrong_password_is_told_plainly_and_put_right_without_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong-secret-1\n")
    users = {DEVICE_USER: "right-secret-2", READER_USER: "other"}
    acl = f"{told_access_list()}\nuser {READER_USER}\ntopic #\n"
    with Broker(tmp_path / "broker", users, acl) as broker:
        settings = settings_for(broker, username=DEVICE_USER, password_file=str(secret))
        with mqtt_device(tmp_path / "device", settings) as device:
            device.start()
            until("it is told", lambda: "check mqtt.username and mqtt.password_file" in flag(device))
            device.parts.commit(crossing())
            secret.write_text("right-secret-2\n")
            with Listener(broker) as listener:
                until("the event comes", lambda: event_ids(listener, device) == [1])
                until("it is announced", lambda: listener.heard(device.topics.discovery))
            assert flag(device) == ""
            snapshot = device.context.health.snapshot().broker
            assert snapshot is not None
            assert snapshot.refused == 0
    told = [record.message for record in caplog.records if record.name == "edge.mqtt"]
    assert len([text for text in told if "password" in text]) == 1
    assert "secret-" not in caplog.text


def test_a_password_file_that_is_missing_is_named(tmp_path: Path, broker: Broker) -> None:
    settings = settings_for(broker, username=DEVICE_USER, password_file=str(tmp_path / "none"))
    with mqtt_device(tmp_path / "device", settings) as device:
        device.start()
        until("it is told", lambda: flag(device).endswith("none cannot be read: No such file or directory"))


def test_what_the_access_list_refuses_is_told_and_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    users = {DEVICE_USER: "a", READER_USER: "b"}
    acl = f"user {DEVICE_USER}\ntopic readwrite edge/+/status\nuser {READER_USER}\ntopic #\n"
    secret = tmp_path / "secret"
    secret.write_text("a")
    with Broker(tmp_path / "broker", users, acl) as broker:
        settings = settings_for(broker, username=DEVICE_USER, password_file=str(secret))
        with mqtt_device(tmp_path / "device", settings) as device:
            device.start()
            needed = "edge/front-door/# and homeassistant/device/edge_0123456789ab/config"
            until("it is told", lambda: f"(not authorized); let edge write {needed} in its access list" in flag(device))
            until("the status says so", lambda: said(device) == flag(device))
            device.parts.commit(crossing())
            until("it goes on", lambda: cursor(device) == 1)
            snapshot = device.context.health.snapshot().broker
            assert snapshot is not None
            assert snapshot.refused > 0
            broker.set_acl(f"{told_access_list()}\nuser {READER_USER}\ntopic #\n")
            until("it goes on saying so while events were refused", lambda: "homeassistant" not in flag(device))
            device.parts.commit(crossing())
            until("it is over, without a new connection", lambda: not flag(device) and not said(device))
            assert retained(broker)[device.topics.channel(CHANNEL, "enabled")] == b"ON"


def test_a_broker_that_refuses_subscriptions_is_told_until_it_takes_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rights = access_list_plugin(tmp_path / "broker", subscribe=False)
    with Broker(tmp_path / "broker", more=rights) as broker:
        settings = settings_for(broker, commands=True)
        with mqtt_device(tmp_path / "device", settings) as device:
            device.start()
            until("it is told", lambda: "refuses subscriptions (not authorized)" in flag(device))
            assert "subscribe to edge/front-door/set and" in flag(device)
            until("the status says so", lambda: said(device) == flag(device))
            device.parts.commit(crossing())
            until("events go on", lambda: cursor(device) == 1)
            allow = {"command": "setDefaultACLAccess", "acls": [{"acltype": "subscribe", "allow": True}]}
            with Listener(broker, filters=()) as admin:
                admin.say(CONTROL, json.dumps({"commands": [allow]}))
                until("it is over, without a new connection", lambda: not flag(device) and not said(device))
                admin.say(device.topics.command, "restart")
            until("what is asked is heard", lambda: device.controls.asked == [("restart",)])
    told = [record.message for record in caplog.records]
    assert sum("refuses subscriptions" in text for text in told) == 1 + sum("was lost" in text for text in told)


def test_a_broker_of_the_old_version_that_refuses_subscriptions_is_told(tmp_path: Path) -> None:
    rights = access_list_plugin(tmp_path / "broker", subscribe=False)
    with (
        Broker(tmp_path / "broker", more=rights) as broker,
        mqtt_device(tmp_path / "device", settings_for(broker, version=3)) as device,
    ):
        device.start()
        until("it is told", lambda: "subscribe to homeassistant/status in its access list" in flag(device))


def test_over_tls_with_an_authority_of_ones_own(tmp_path: Path) -> None:
    folder = certificates(tmp_path / "certificates")
    with Broker(tmp_path / "broker", certificates=folder) as broker:
        settings = settings_for(broker, tls=MqttTlsSettings(ca_file=str(folder / "ca.pem")))
        with mqtt_device(tmp_path / "device", settings) as device, Listener(broker) as listener:
            device.start()
            listener.wait_for(device.topics.status, b"online")


def test_a_certificate_that_is_not_trusted_is_told_or_let_pass(tmp_path: Path) -> None:
    folder = certificates(tmp_path / "certificates")
    with Broker(tmp_path / "broker", certificates=folder) as broker:
        with mqtt_device(tmp_path / "a", settings_for(broker, tls=MqttTlsSettings())) as device:
            device.start()
            until("it is told", lambda: "is not trusted" in flag(device))
        insecure = settings_for(broker, tls=MqttTlsSettings(insecure=True))
        with mqtt_device(tmp_path / "b", insecure) as device:
            device.start()
            until("it is connected", lambda: connected(device))


def test_tls_where_the_broker_has_none_is_told(tmp_path: Path, broker: Broker) -> None:
    with mqtt_device(tmp_path / "device", settings_for(broker, tls=MqttTlsSettings())) as device:
        device.start()
        until("it is told", lambda: "check mqtt.port and mqtt.tls" in said(device))


def test_a_broker_that_knows_only_the_old_version(tmp_path: Path, broker: Broker) -> None:
    with Relay(broker.port, old=True) as relay:
        settings = settings_for(Broker(tmp_path, port=relay.port))
        with mqtt_device(tmp_path / "device", settings) as device, Listener(broker) as listener:
            device.start()
            until("it is connected", lambda: connected(device))
            assert flag(device) == ""
            device.parts.commit(crossing())
            until("the event comes", lambda: event_ids(listener, device) == [1])
            device.stop()
            listener.wait_for(device.topics.status, b"offline")


def test_the_old_version_can_be_asked_for(tmp_path: Path, broker: Broker) -> None:
    with mqtt_device(tmp_path / "device", settings_for(broker, version=3)) as device, Listener(broker) as listener:
        device.start()
        device.parts.commit()
        listener.wait_for(device.topics.status, b"online")
    assert "(p2, c1" in (broker.folder / "mosquitto.log").read_text()


def test_what_answers_is_no_broker(tmp_path: Path) -> None:
    """Something that speaks at once, and not MQTT: the device says so, and does not die of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()
        server.settimeout(0.1)

        def chatter() -> None:
            while not stop.is_set():
                try:
                    client, _ = server.accept()
                except TimeoutError:
                    continue
                with client:
                    client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                    client.recv(100)

        thread = threading.Thread(target=chatter)
        thread.start()
        try:
            settings = settings_for(Broker(tmp_path, port=server.getsockname()[1]))
            with mqtt_device(tmp_path / "device", settings) as device:
                device.start()
                until("it is told", lambda: "check mqtt.port" in said(device))
                assert not connected(device)
        finally:
            stop.set()
            thread.join(10)


def said(device: MqttDevice) -> str:
    broker = device.context.health.snapshot().broker
    return "" if broker is None else broker.detail


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = settings_for(Broker(tmp_path, port=taken.getsockname()[1]))
        with mqtt_device(tmp_path / "device", settings) as device:
            device.start()
            until("it is told", lambda: "nothing listens at 127.0.0.1" in said(device))
            assert flag(device) == "", "a broker may be away for a minute"


def test_a_worker_that_fails_is_offline_for_those_who_listen(broker: Broker, device: MqttDevice) -> None:
    """It is started again after some seconds; the broker tells what it was told for that case."""
    fails = threading.Event()
    failures: list[StoreError] = []

    def settings() -> Settings:
        if fails.is_set():
            raise StoreError("the event log cannot be read now")
        return device.parts.context.settings()

    worker = MqttWorker(replace(device.context, settings=settings), pace=device.pace)

    def run() -> None:
        try:
            worker.run(threading.Event(), lambda: None)
        except StoreError as failure:
            failures.append(failure)

    for _ in range(2):
        fails.clear()
        thread = threading.Thread(target=run)
        thread.start()
        with Listener(broker) as listener:
            listener.wait_for(device.topics.status, b"online")
            fails.set()
            listener.wait_for(device.topics.status, b"offline")
        thread.join(30)
    assert len(failures) == 2


def test_a_full_window_does_not_keep_the_device_from_saying_goodbye(broker: Broker, device: MqttDevice) -> None:
    device.start()
    with Listener(broker) as listener:
        until("it is connected", lambda: connected(device))
        broker.stall()
        device.parts.commit(*(crossing() for _ in range(100)))
        until("the window is full", lambda: device.worker.room == 0)
        device.stop()
        broker.go_on()
        listener.wait_for(device.topics.status, b"offline")
    assert retained(broker)[device.topics.status] == b"offline"
