"""Receivers of webhooks on real sockets: good ones, and every kind of bad one."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.ports import free_port

Behaviour = Callable[[socket.socket, "Received"], None]


@dataclass(frozen=True)
class Received:
    """One request as it came, and when its last byte was there (the machine's monotonic clock)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at_s: float

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)

    @property
    def event_id(self) -> int:
        return int(self.headers["x-edge-event-id"])


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer so."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    reply = ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def act(connection: socket.socket, _received: Received) -> None:
        connection.sendall(reply)

    return act


def raw(reply: bytes) -> Behaviour:
    """Send just these bytes and end."""

    def act(connection: socket.socket, _received: Received) -> None:
        connection.sendall(reply)

    return act


def hang(connection: socket.socket, _received: Received) -> None:
    """Say nothing until the other end has had enough."""
    with contextlib.suppress(OSError):
        connection.settimeout(30)
        connection.recv(1)


def drip(connection: socket.socket, _received: Received) -> None:
    """Send an answer a byte a second."""
    with contextlib.suppress(OSError):
        connection.settimeout(1.0)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
            connection.sendall(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                if connection.recv(1) == b"":
                    return


OK = answer(200)
DIES_IN_MID_REPLY = raw(b"HTTP/1.1 200 OK\r\nContent-Le")


@dataclass
class Receiver:
    """Listens on a free port of 127.0.0.1, or on the one it had; `behaviour` may be changed at any time."""

    behaviour: Behaviour = OK
    port: int = 0
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    _listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook?key=s3cret"

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        self.port = self.port or free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def event_ids(self) -> list[int]:
        return [each.event_id for each in list(self.received)]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                received = read_request(connection)
                if received is not None:
                    self.received.append(received)
                    self.behaviour(connection, received)


def read_request(connection: socket.socket) -> Received | None:
    """Return one request, None where the other end gave up before its end."""
    stream = connection.makefile("rb")
    first = stream.readline().decode().split()
    if not first:
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    body = stream.read(length)
    return Received(first[0], first[1], headers, body, time.monotonic()) if len(body) == length else None
