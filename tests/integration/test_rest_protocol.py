import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.calls import call
from tests.support.device import show
from tests.support.rest import CHANNEL, Device, event, serving

EVENTS = b"/v1/json/events"
MAX_HEADER = 16 * 1024


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    folder: Path = tmp_path_factory.mktemp("device")
    with serving(folder) as made:
        made.commit(event())
        yield made


def exchange(device: Device, sent: bytes) -> bytes:
    """Send bytes, and return all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", device.port), timeout=30.0) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nbroken header\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: ".ljust(MAX_HEADER, b"x"), b"431"),
        (b"GET /".ljust(MAX_HEADER, b"x"), b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
    ],
    ids=["tls", "no path", "no colon", "long header", "long path", "big body", "bad chunk", "unknown coding"],
)
def test_what_is_no_http_is_refused_and_closed(device: Device, sent: bytes, status: bytes) -> None:
    received = exchange(device, sent)
    assert received.split(b" ", 2)[1] == status
    assert b"Traceback" not in received
    assert b"waitress" not in received


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_both_versions_of_http_are_spoken(device: Device, version: bytes) -> None:
    received = exchange(device, b"GET %b %b\r\nConnection: close\r\n\r\n" % (EVENTS, version))
    assert received.startswith(version + b" 200 OK\r\n")
    assert b'"event_id":1' in received


def test_calls_sent_at_once_are_answered_in_their_order(device: Device) -> None:
    first = b"GET %b?sinceId=1 HTTP/1.1\r\n\r\n" % EVENTS
    second = b"GET %b HTTP/1.1\r\nConnection: close\r\n\r\n" % EVENTS
    received = exchange(device, first + second)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.index(b"\r\n\r\n[]") < received.index(b'"event_id":1')


def test_a_body_nobody_asked_for_is_taken_and_ignored(device: Device) -> None:
    body = b"Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello"
    received = exchange(device, b"GET %b HTTP/1.1\r\n" % EVENTS + body)
    assert b"HTTP/1.1 200 OK" in received
    assert b'"event_id":1' in received


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_methods_that_change_something_find_nothing(device: Device, method: str) -> None:
    assert call(device.port, EVENTS.decode(), method=method).status == 405


def test_head_of_a_stream_holds_no_seat(device: Device) -> None:
    for _ in range(20):
        assert call(device.port, "/v1/sse/events", method="HEAD").status == 200


@pytest.mark.parametrize("path", [b"/v1/sse/events", b"/v1/mjpeg/%b" % CHANNEL.encode()])
def test_head_of_a_stream_has_no_body(device: Device, path: bytes) -> None:
    show(device, 1)
    head, _, body = exchange(device, b"HEAD %b HTTP/1.1\r\nConnection: close\r\n\r\n" % path).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"chunked" not in head
    assert body == b""
