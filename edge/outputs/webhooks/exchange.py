"""One HTTP request and its answer within a time that nothing stretches: each wait is for what is left of it."""

import contextlib
import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge.outputs.webhooks.address import Endpoint, Target

BODY_S = 1.0
"""So long is the body of an answer to a POST read: its head has said all, and many leave the connection open."""
MOST_READ = 65_536
"""Bytes that are read of an answer, head and body; what comes after is left."""


_BROKEN = "the connection was broken off before an answer"
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "no answer in time"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, _BROKEN),
    (http.client.IncompleteRead, _BROKEN),
    (http.client.HTTPException, "the answer is not HTTP"),
    (ValueError, "the answer is not HTTP"),
)
"""What went wrong, in words; the first that fits counts."""


class Deadline:
    """A moment on the machine's clock by which all must be done."""

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds

    def left_s(self) -> float:
        """Return the seconds that are left; raises TimeoutError where there are none."""
        left_s = self._end_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        return left_s


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; Host, Content-Length and Connection are added."""

    method: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: the status, the headers that matter, and the body as far as it was read."""

    status: int
    location: str
    retry_after: str
    body: bytes


class NoReply(Exception):  # noqa: N818 - named for what came of it
    """There is no answer. `text` says why; `sent`: the whole request went out, so it may have been received."""

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.text = text
        self.sent = sent


class _Wire(io.RawIOBase):
    """Reads from a socket, never longer than there is time, never more than a bound."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = MOST_READ
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # RawIOBase has no name for it
        count = 0
        if self._left > 0:
            self._connection.settimeout(self._deadline.left_s())
            count = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        self.ended = not count
        return count

    def hurry(self, seconds: float) -> None:
        """Read for so long at most from here on."""
        self._deadline = Deadline(min(seconds, self._deadline.left_s()))

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Be the socket that http.client reads from."""
        return io.BufferedReader(self)


def exchange(
    target: Target, points: Sequence[Endpoint], request: Request, deadline: Deadline, tls: ssl.SSLContext | None
) -> Reply:
    """Send a request to the first of these addresses that takes a connection, and return the answer.

    `tls` is asked for where the target is encrypted. Raises NoReply, by the deadline at the latest.
    """
    sent = False
    try:
        with contextlib.closing(_connect(target, points, deadline, tls)) as connection:
            _send(connection, _head(target, request) + request.body, deadline)
            sent = True
            return _reply(connection, request.method, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoReply(_reason(error), sent=sent) from error


def _connect(
    target: Target, points: Sequence[Endpoint], deadline: Deadline, tls: ssl.SSLContext | None
) -> socket.socket:
    """Connect to one of the addresses; each has its share of the time, so that a dead one leaves some for the next."""
    failure: OSError = ConnectionError("there is no address")
    for number, point in enumerate(points):
        connection = socket.socket(point.family, socket.SOCK_STREAM)
        try:
            connection.settimeout(deadline.left_s() / (len(points) - number))
            connection.connect(point.sockaddr)
            return _encrypted(connection, target, deadline, tls) if target.encrypted else connection
        except OSError as error:
            connection.close()
            failure = error
            if isinstance(error, ssl.SSLError):
                break
    raise failure


def _encrypted(
    connection: socket.socket, target: Target, deadline: Deadline, tls: ssl.SSLContext | None
) -> socket.socket:
    """Return the connection, encrypted and the other end known by its name, not by its address."""
    context = tls or ssl.create_default_context()
    connection.settimeout(deadline.left_s())
    return context.wrap_socket(connection, server_hostname=target.host)


def _head(target: Target, request: Request) -> bytes:
    fixed = {"Host": target.host_header, "Connection": "close"}
    if request.method == "POST":
        fixed["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {target.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (fixed | dict(request.headers)).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def _send(connection: socket.socket, data: bytes, deadline: Deadline) -> None:
    rest = memoryview(data)
    while rest:
        connection.settimeout(deadline.left_s())
        rest = rest[connection.send(rest) :]


def _reply(connection: socket.socket, method: str, deadline: Deadline) -> Reply:
    """Read the answer. Once its head is there it counts, whatever becomes of the body."""
    wire = _Wire(connection, deadline)
    answer = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type] # it only asks for makefile
    try:
        answer.begin()
        if wire.ended:  # which http.client takes for the end of the head
            raise ConnectionError("broken off within the head")
        body = b""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            if method == "POST":
                wire.hurry(BODY_S)
            while part := answer.read1(MOST_READ):
                body += part
        location, retry_after = (answer.headers.get(name, "") for name in ("Location", "Retry-After"))
        return Reply(answer.status, location, retry_after, body)
    finally:
        answer.close()


def _reason(error: BaseException) -> str:
    """Return what went wrong in words for people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no encrypted connection ({error.reason or 'broken off'})"
    text = next((text for kinds, text in _REASONS if isinstance(error, kinds)), "")
    return text or f"not reached ({getattr(error, 'strerror', None) or type(error).__name__})"
