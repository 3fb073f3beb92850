"""HTTP calls as tests make them: one connection each, the whole answer at once; and raw ones that stay open."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the answer holds
        return json.loads(self.body)


def call(
    port: int,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_s: float = 30.0,
) -> Answer:
    """Make one call; header names of the answer are in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    finally:
        connection.close()


def ask(port: int, target: str, headers: Mapping[str, str] | None = None) -> socket.socket:
    """Send a call and return the socket on which its answer comes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    asked = socket.create_connection(("127.0.0.1", port), timeout=30.0)
    asked.sendall(f"GET {target} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n{lines}\r\n".encode())
    return asked


def answer_of(asked: socket.socket) -> Answer:
    """Read the answer to `ask`, and close."""
    response = http.client.HTTPResponse(asked)
    response.begin()
    try:
        body = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    finally:
        response.close()
        asked.close()


def eventually(condition: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait until a condition holds; fail where it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.02)
