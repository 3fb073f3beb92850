import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import EventType
from edge.model.scene import Origin
from edge.settings import ApiSettings
from tests.support.calls import answer_of, ask, call, eventually
from tests.support.rest import CHANNEL, START_US, Device, demo_channel, event, serving

EVENTS = "/v1/json/events"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path) as made:
        yield made


def with_auth(device: Device, auth: str) -> None:
    settings = device.settings[-1]
    api = ApiSettings(host="127.0.0.1", port=0, auth=auth)  # type: ignore[arg-type] # one of its names
    device.settings.append(replace(settings, api=api))


def ids(device: Device, parameters: str) -> list[int]:
    return [row["event_id"] for row in call(device.port, f"{EVENTS}?{parameters}").json]


def test_no_event_is_an_empty_array(device: Device) -> None:
    answer = call(device.port, EVENTS)
    assert (answer.status, answer.body) == (200, b"[]")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_events_from_a_cursor_in_both_orders(device: Device) -> None:
    device.commit(*(event(time_us=START_US + number) for number in range(5)))
    assert ids(device, "") == [1, 2, 3, 4, 5]
    assert ids(device, "limit=2") == [1, 2]
    assert ids(device, "limit=2&order=desc") == [5, 4]
    assert ids(device, "sinceId=2&untilId=5") == [3, 4]
    assert ids(device, f"channelId={CHANNEL}&sinceId=4") == [5]
    assert ids(device, "channelId=other") == []
    assert ids(device, "channelId=%00&sinceId=9223372036854775807") == []


def test_the_browser_test_of_the_manual_answers_at_once_where_events_are_stored(device: Device) -> None:
    device.commit(event())
    assert len(call(device.port, f"{EVENTS}?limit=10&order=DESC&timeout=5", timeout_s=4.0).json) == 1


def test_a_waiting_client_has_the_next_event_that_matches(device: Device) -> None:
    device.commit(event())
    waiting = ask(device.port, f"{EVENTS}?sinceId=1&timeout=60&channelId={CHANNEL}")
    eventually(lambda: device.context.log.waiting() == 1)
    device.commit(event(channel_id="another"))
    device.commit(event(EventType.OBJECT_DISAPPEAR))
    assert [(row["event_id"], row["type"]) for row in answer_of(waiting).json] == [(3, "ObjectDisappear")]


def test_a_wait_ends_with_an_empty_array(device: Device) -> None:
    assert call(device.port, f"{EVENTS}?timeout=0.2").json == []


def test_a_bad_value_is_named(device: Device) -> None:
    answer = call(device.port, f"{EVENTS}?limit=many")
    assert answer.status == 400
    assert answer.json == {"error": "limit must be a whole number, 0 or more", "parameter": "limit"}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert call(device.port, "/v1/json/events/totals/rule?origin=Cat").json["parameter"] == "origin"


@pytest.mark.parametrize("target", [f"{EVENTS}/", "/v1/json/%65vents?limit=5", "//v1/json/events", f"{EVENTS}?&"])
def test_spellings_of_the_path_are_forgiven(device: Device, target: str) -> None:
    assert (call(device.port, target).status, call(device.port, target).body) == (200, b"[]")


@pytest.mark.parametrize("target", ["/v1/json/nothing", "/v1/json/%00", "/v1/json/%FF%FE"])
def test_no_such_compatible_call(device: Device, target: str) -> None:
    answer = call(device.port, target)
    assert answer.status == 404
    assert list(answer.json) == ["error", "parameter"]


def test_no_such_path_of_ours_is_a_problem_document(device: Device) -> None:
    answer = call(device.port, "/v2/<script>".replace("<", "%3C"))
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == 404
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_wrong_method_is_refused(device: Device) -> None:
    answer = call(device.port, EVENTS, method="POST")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert list(answer.json) == ["error", "parameter"]


def test_head_is_get_without_the_body(device: Device) -> None:
    device.commit(event())
    whole, head = call(device.port, EVENTS), call(device.port, EVENTS, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_channels_have_an_etag_that_changes_with_them(device: Device) -> None:
    first = call(device.port, "/v1/json/channels")
    assert [row["channel_id"] for row in first.json] == [CHANNEL]
    unchanged = call(device.port, "/v1/json/channels", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (unchanged.status, unchanged.body) == (304, b"")
    device.context.health.set_channel(CHANNEL, status="ok", width=640, height=360, fps=10.0)
    second = call(device.port, "/v1/json/channels", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status, second.json[0]["status"]) == (200, "ok")


def test_channels_follow_the_settings_in_force(device: Device) -> None:
    device.settings.append(replace(device.settings[-1], channels=(demo_channel("New", "n"), demo_channel())))
    assert [row["name"] for row in call(device.port, "/v1/json/channels").json] == ["New", "Gate"]


def test_totals_by_rule_and_type_have_the_same_sum(device: Device) -> None:
    device.commit(
        event(),
        event(EventType.TRIPWIRE_CROSSED, rule_id="r", rule_name="Door"),
        event(EventType.TRIPWIRE_CROSSED, rule_id="r", rule_name="Door", origin=Origin.VEHICLE),
    )
    rules = call(device.port, "/v1/json/events/totals/rule").json
    types = call(device.port, "/v1/json/events/totals/type").json
    assert {(row["rule_id"], row["rule_name"], row["rule_count"]) for row in rules} == {("-1", "", 1), ("r", "Door", 2)}
    assert {(row["type"], row["type_count"]) for row in types} == {("ObjectAppear", 1), ("TripwireCrossed", 2)}
    assert list(rules[0]) == ["channel_id", "rule_id", "rule_name", "rule_count"]
    assert list(types[0]) == ["channel_id", "type", "type_count"]
    vehicles = call(device.port, "/v1/json/events/totals/type?origin=VEHICLE").json
    assert [(row["type"], row["type_count"]) for row in vehicles] == [("TripwireCrossed", 1)]
    assert call(device.port, "/v1/json/events/totals/type?channelId=other").json == []


def test_reading_is_open_to_pages_of_other_origins(device: Device) -> None:
    assert call(device.port, EVENTS).headers["access-control-allow-origin"] == "*"
    asked = {
        "Origin": "http://shop.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, last-event-id",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = call(device.port, EVENTS, method="OPTIONS", headers=asked)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"Authorization", "Last-Event-ID"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


def test_with_auth_all_every_call_needs_a_token(device: Device) -> None:
    with_auth(device, "all")
    answer = call(device.port, EVENTS, headers={"Origin": "http://shop.example"})
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="edge"'
    assert "access-control-allow-origin" not in answer.headers
    assert list(answer.json) == ["error", "parameter"]
    wrong = call(device.port, EVENTS, headers={"Authorization": "Bearer wrong"})
    assert (wrong.status, wrong.headers["www-authenticate"]) == (401, 'Bearer realm="edge", error="invalid_token"')
    token = device.context.tokens.create("till")
    assert call(device.port, EVENTS, headers={"Authorization": f"bearer  {token} "}).status == 200
    assert call(device.port, EVENTS, headers={"Authorization": "Basic dTpw"}).status == 401
    assert call(device.port, EVENTS, method="OPTIONS").status == 204


def test_server_sent_events_resume_after_the_last_one_a_client_has(device: Device) -> None:
    device.commit(event(), event(), event(channel_id="other"))
    with ask_stream(device, f"/v1/sse/events?channelId={CHANNEL}", "1") as lines:
        assert next(lines) == "retry: 2000"
        assert event_of(lines) == (2, 2)
        device.commit(event(channel_id="other"), event())
        assert event_of(lines) == (5, 5)


def test_server_sent_events_begin_now_unless_told_otherwise(device: Device) -> None:
    device.commit(event())
    with ask_stream(device, "/v1/sse/events") as lines:
        assert next(lines) == "retry: 2000"
        device.commit(event())
        assert event_of(lines) == (2, 2)
    with ask_stream(device, "/v1/sse/events?sinceId=0") as lines:
        assert next(lines) == "retry: 2000"
        assert event_of(lines) == (1, 1)


def test_server_sent_events_refuse_a_bad_value_before_they_begin(device: Device) -> None:
    answer = call(device.port, "/v1/sse/events?limit=x")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json["parameter"] == "limit"


class ask_stream:  # noqa: N801 - reads as a call
    """The lines of a stream, empty ones left out; closed on leaving."""

    def __init__(self, device: Device, target: str, last_id: str = "") -> None:
        self._socket = ask(device.port, target, {"Last-Event-ID": last_id} if last_id else {})
        self._file = self._socket.makefile("r", encoding="utf-8", newline="\n")

    def __enter__(self) -> Iterator[str]:
        assert self._file.readline().startswith("HTTP/1.1 200")
        headers = dict(line.strip().split(": ", 1) for line in iter(self._file.readline, "\r\n"))
        assert headers["Content-Type"] == "text/event-stream"
        return (line.strip() for line in self._file if line.startswith(("retry", "id", "data", ":")))

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()


def event_of(lines: Iterator[str]) -> tuple[int, int]:
    """Return the next event's id by its id line and by its data."""
    by_line = int(next(lines).removeprefix("id: "))
    return by_line, json.loads(next(lines).removeprefix("data: "))["event_id"]
