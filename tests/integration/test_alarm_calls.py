"""Test alarms as they are asked for: over REST, and by the command through the control socket."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edge.cli.main import main
from edge.model.event import EventType
from edge.outputs.alarm.asked import answer_alarm
from edge.outputs.alarm.sound import Alarms
from edge.outputs.alarm.target import AlarmTarget, Outcome
from edge.outputs.control import SOCKET_NAME, ControlServer
from edge.outputs.rest.body import MOST_BYTES
from edge.outputs.rest.openapi import definition
from edge.settings import ApiSettings, Settings
from tests.support.alarm import Hanging, Letterbox
from tests.support.calls import Answer, call
from tests.support.clock import TestClock
from tests.support.device import door_channel
from tests.support.rest import Device, serving

PATH = "/v1/json/test-alarm"
JSON = {"Content-Type": "application/json"}
DEFINED: Any = definition("openapi", secured=False)
REFUSED = Letterbox(name="mqtt", address="broker:1883", outcome=Outcome(delivered=False, text="not authorised"))


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel()]) as made:
        yield made


def post(device: Device, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    token = device.context.tokens.create(f"test{len(device.context.tokens.entries())}")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = {**JSON, "Authorization": f"Bearer {token}", **(headers or {})}
    return call(device.port, PATH, method="POST", headers=asked, body=raw)


def test_the_report_has_the_defined_form(device: Device) -> None:
    device.targets += [Letterbox(), REFUSED, Letterbox(name="webhook 2", kinds=(EventType.SABOTAGE,))]
    answer = post(device, {"rule": "Door"})
    assert answer.status == 200
    schema = DEFINED["paths"][PATH]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": DEFINED["components"]}).validate(answer.json)
    assert [(row["target"], row["delivered"]) for row in answer.json["targets"]] == [
        ("webhook 1", True),
        ("mqtt", False),
    ]


def test_nothing_of_it_is_in_the_log_or_a_count(device: Device) -> None:
    device.targets.append(Letterbox())
    post(device, {"rule": "Door"})
    assert device.context.log.flush(30)
    assert call(device.port, "/v1/json/events").json == []
    assert call(device.port, "/v1/json/events/totals/type").json == []
    assert device.context.log.last_event_id() == 0


def test_one_target_alone_and_a_channel(device: Device) -> None:
    device.targets += [Letterbox(), Letterbox(name="webhook 2")]
    answer = post(device, {"rule": "Gate", "target": "webhook 2", "channel": "Gate"}).json
    assert [(row["target"], row["event_type"]) for row in answer["targets"]] == [("webhook 2", "Sabotage")]


@pytest.mark.parametrize(
    ("body", "parameter", "text"),
    [
        ({}, "rule", "rule is missing"),
        ({"rule": 5}, "rule", "rule must be a text"),
        ({"rule": "Door", "target": ["x"]}, "target", "target must be a text"),
        ([], "", "The body must be a JSON object"),
        (b"{", "", "The body is not JSON"),
        (b"[" * 50_000, "", "The body is not JSON"),
        (b"\xff", "", "The body is not JSON"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong(device: Device, body: object, parameter: str, text: str) -> None:
    answer = post(device, body)
    assert (answer.status, answer.json["parameter"]) == (400, parameter)
    assert answer.json["error"].startswith(text)


@pytest.mark.parametrize(
    ("body", "parameter", "text"),
    [
        ({"rule": ""}, "rule", "there is no rule and no channel ''"),
        ({"rule": "Dor"}, "rule", "there is no rule and no channel 'Dor'; rules are: 'Door'"),
        ({"rule": "Door", "channel": "x"}, "channel", "there is no channel 'x'"),
        ({"rule": "Door", "target": "x"}, "target", "there is no target 'x'"),
    ],
)
def test_what_is_not_there_is_named(device: Device, body: object, parameter: str, text: str) -> None:
    answer = post(device, body)
    assert (answer.status, answer.json["parameter"]) == (404, parameter)
    assert answer.json["error"].startswith(text)


def test_a_body_too_large_or_of_another_type_is_refused(device: Device) -> None:
    assert post(device, b" " * (MOST_BYTES + 1)).status == 413
    assert post(device, {"rule": "Door"}, {"Content-Type": "text/plain"}).status == 415


@pytest.mark.parametrize(("auth", "status"), [("none", 200), ("writes", 401), ("all", 401)])
def test_it_needs_a_token(device: Device, auth: str, status: int) -> None:
    api = ApiSettings(host="127.0.0.1", port=0, auth=auth)  # type: ignore[arg-type] # one of its names
    device.settings.append(replace(device.settings[-1], api=api))
    assert call(device.port, PATH, method="POST", headers=JSON, body=b'{"rule": "Door"}').status == status


def test_pages_of_other_origins_may_not_send_one(device: Device) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = call(device.port, PATH, method="OPTIONS", headers=asked)
    assert (answer.status, answer.headers["allow"]) == (204, "POST, OPTIONS")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert not [name for name in post(device, {"rule": "Door"}).headers if name.startswith("access-control")]


def test_another_method_is_told_which_is_right(device: Device) -> None:
    answer = call(device.port, PATH)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_second_one_at_the_same_time_is_refused(device: Device) -> None:
    stuck = Hanging()
    device.targets.append(stuck)
    first = threading.Thread(target=post, args=(device, {"rule": "Door"}))
    first.start()
    assert stuck.called.wait(30)
    answer = post(device, {"rule": "Door"})
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    stuck.free.set()
    first.join(30)


@contextmanager
def listening(folder: Path, *targets: AlarmTarget) -> Iterator[None]:
    """A control socket in `folder` that takes test alarms, as the device's."""
    settings = Settings(channels=(door_channel(),))
    alarms = Alarms(lambda: settings, lambda _: targets, TestClock())
    stop, ready = threading.Event(), threading.Event()
    server = ControlServer(folder / SOCKET_NAME, lambda request: answer_alarm(alarms, request))
    thread = threading.Thread(target=server.run, args=(stop, ready.set))
    thread.start()
    assert ready.wait(30)
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def told(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["test-alarm", *words, "--state", str(folder)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_command_prints_a_line_for_each_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listening(tmp_path, Letterbox(), REFUSED):
        code, out, err = told(tmp_path, capsys, "Door")
        assert (code, err) == (1, "edge: 1 of 2 did not get the test alarm\n")
        assert out.splitlines() == [
            "webhook 1 (https://example.org): TripwireCrossed: delivered (HTTP 204), 0.0 s",
            "mqtt (broker:1883): TripwireCrossed: not authorised, 0.0 s",
        ]
        code, out, err = told(tmp_path, capsys, "Door", "--url", "1", "--channel", "Gate", "--json")
        assert (code, err) == (0, "")
        assert [row["target"] for row in json.loads(out)["targets"]] == ["webhook 1"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["Dor"], "edge: there is no rule and no channel 'Dor'; rules are: 'Door'\n"),
        (["Door", "--url", "7"], "edge: there is no target 'webhook 7'; there are: none\n"),
        (
            ["Door"],
            "edge: nobody gets events of this rule: see webhooks (sums have no test), mqtt and programs\n",
        ),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    with listening(tmp_path):
        assert told(tmp_path, capsys, *words) == (1, "", text)


def test_the_command_without_a_device_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(tmp_path, capsys, "Door")
    assert code == 1
    assert err.startswith("edge: no device is running here (nobody answers at ")


def test_a_wrong_number_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["test-alarm", "Door", "--url", "0", "--state", str(tmp_path)])
    assert left.value.code == 2
