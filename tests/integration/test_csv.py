"""The log as a file, over real sockets."""

import csv
import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.outputs.csv_rows import COLUMNS
from edge.outputs.rest.csv_events import MAX_DOWNLOADS
from edge.settings import ApiSettings
from edge.store.pages import PAGE
from tests.support.calls import Answer, answer_of, ask, call, eventually
from tests.support.rest import BERLIN, CHANNEL, START_US, Device, event, serving

MANY = 2 * PAGE + 200


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, zone=BERLIN) as made:
        yield made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    with serving(tmp_path_factory.mktemp("filled"), zone=BERLIN) as made:
        fill(made)
        yield made


def rows_of(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200
    title, *rows = csv.reader(io.StringIO(answer.body.decode(), newline=""))
    assert tuple(title) == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def ids_of(answer: Answer) -> list[int]:
    return [int(row["event_id"]) for row in rows_of(answer)]


def fill(device: Device, count: int = MANY) -> None:
    device.commit(*(event(object_id=number, time_us=START_US + number * 1_000_000) for number in range(count)))


def test_without_parameters_it_is_the_whole_log(filled: Device) -> None:
    answer = call(filled.port, "/v1/csv/events")
    assert ids_of(answer) == list(range(1, MANY + 1))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="events-edge-6789ab-20260528-222640.csv"'
    assert "Content-Disposition" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("order=desc&limit=3", [MANY, MANY - 1, MANY - 2]),
        (f"order=DESC&limit={PAGE + 1}", list(range(MANY, MANY - PAGE - 1, -1))),
        (f"limit={PAGE + 7}", list(range(1, PAGE + 8))),
        ("limit=99999999999999999999", list(range(1, MANY + 1))),
        ("sinceId=2&untilId=5", [3, 4]),
        (f"sinceId={MANY}", []),
        ("sinceTime=2026-05-28T22:26:45&untilTime=2026-05-28T20:26:47Z", [6, 7]),
        (f"channelId={CHANNEL}&limit=1", [1]),
        ("channelId=nowhere", []),
        (f"sinceId={MANY}&timeout=0.1", []),
        ("sinceId=2&untilId=5&timeout=30", [3, 4]),
    ],
)
def test_the_same_parameters_as_json(filled: Device, query: str, ids: list[int]) -> None:
    assert ids_of(call(filled.port, f"/v1/csv/events?{query}")) == ids


def test_the_values_are_those_of_json(device: Device) -> None:
    device.commit(event(channel_name="Tür, links", count=3), event(channel_name="=1+1", dwell_seconds=1.25))
    told = call(device.port, "/v1/json/events").json
    rows = rows_of(call(device.port, "/v1/csv/events"))
    assert rows[1]["channel_name"] == "'=1+1"
    for body, row in zip(told, rows, strict=True):
        shown = {name: "true" if value is True else str(value) for name, value in body.items()}
        plain = row | {"channel_name": row["channel_name"].removeprefix("'")}
        assert plain == {name: shown.get(name, "") for name in COLUMNS}


def test_a_waiting_call_gets_the_next_event(device: Device) -> None:
    asked = ask(device.port, "/v1/csv/events?timeout=30")
    eventually(lambda: device.context.log.waiting() == 1)
    device.commit(event())
    assert ids_of(answer_of(asked)) == [1]


def test_a_mark_for_excel_where_asked_for(device: Device) -> None:
    assert call(device.port, "/v1/csv/events?bom=1").body.startswith(b"\xef\xbb\xbfevent_id,type,")
    assert call(device.port, "/v1/csv/events?bom=0").body.startswith(b"event_id,type,")


@pytest.mark.parametrize("parameter", ["bom=2", "limit=x", "limit=-1", "sinceTime=noon", "order=up", "timeout=x"])
def test_a_bad_value_is_refused_before_the_file_begins(device: Device, parameter: str) -> None:
    answer = call(device.port, f"/v1/csv/events?{parameter}")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["parameter"] == parameter.partition("=")[0]


def test_head_gives_the_name_alone(device: Device) -> None:
    answer = call(device.port, "/v1/csv/events", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert "filename=" in answer.headers["content-disposition"]


def test_a_file_ends_where_the_log_ended_at_the_call(device: Device) -> None:
    """Two clients that read slowly while the log grows: both get the whole of it and no more."""
    count = 16 * PAGE
    fill(device, count)
    asked = [ask(device.port, "/v1/csv/events") for _ in range(2)]
    first = [each.recv(64) for each in asked]
    assert all(part.startswith(b"HTTP/1.1 200") for part in first)
    fill(device, 3)
    for each, part in zip(asked, first, strict=True):
        text = part
        while piece := each.recv(1 << 16):
            text += piece
        each.close()
        assert text.endswith(b"0\r\n\r\n")
        assert text.count(b"ObjectAppear") == count


def test_a_file_that_breaks_off_does_not_look_whole(tmp_path: Path) -> None:
    with serving(tmp_path) as device:
        fill(device, 20 * PAGE)
        asked = ask(device.port, "/v1/csv/events")
        assert asked.recv(64).startswith(b"HTTP/1.1 200")
    rest = b""
    while piece := _received(asked):
        rest += piece
    asked.close()
    assert not rest.endswith(b"0\r\n\r\n")
    assert rest.count(b"ObjectAppear") < 20 * PAGE


def _received(asked: socket.socket) -> bytes:
    try:
        return asked.recv(1 << 16)
    except ConnectionError:
        return b""


def test_one_more_than_may_be_sent_at_once_is_refused(device: Device) -> None:
    waiting = [ask(device.port, "/v1/csv/events?timeout=30") for _ in range(MAX_DOWNLOADS)]
    eventually(lambda: device.context.log.waiting() == MAX_DOWNLOADS)
    answer = call(device.port, "/v1/csv/events")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    device.commit(event())
    assert [ids_of(answer_of(each)) for each in waiting] == [[1]] * MAX_DOWNLOADS
    assert ids_of(call(device.port, "/v1/csv/events")) == [1]


def test_it_needs_a_token_where_reading_does(tmp_path: Path) -> None:
    with serving(tmp_path, api=ApiSettings(host="127.0.0.1", port=0, auth="all")) as device:
        token = device.context.tokens.create("sheet")
        assert call(device.port, "/v1/csv/events").status == 401
        assert ids_of(call(device.port, "/v1/csv/events", headers={"Authorization": f"Bearer {token}"})) == []
