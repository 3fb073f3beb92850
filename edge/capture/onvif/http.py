"""One POST over HTTP, over by its deadline however slowly the other side answers, with a bound on the answer."""

import errno
import http.client
import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from edge.capture.deadline import Deadline
from edge.capture.onvif.place import Place
from edge.capture.source import CameraStatus, CaptureError

MOST_BYTES = 1_000_000
"""Of an answer. The profiles of a camera are some 20 kB, those of a recorder with 64 channels some 500 kB."""
_FAR = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came: the status, the challenges of a 401, where it sends us, the body."""

    status: int
    challenges: tuple[str, ...]
    location: str
    body: bytes


def post(place: Place, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> Reply:
    """Send a body and return the answer. CaptureError where none comes by the deadline."""
    try:
        plain = socket.create_connection((place.host, place.port), max(deadline.left_s(), 0.01))
    except (OSError, UnicodeError) as error:
        failure = _not_connected(place, error)
    else:
        with plain:
            return _exchange(plain, place, _request(place, headers, body), deadline)
    raise failure


def _exchange(plain: socket.socket, place: Place, request: bytes, deadline: Deadline) -> Reply:
    try:
        plain.settimeout(max(deadline.left_s(), 0.01))
        with _wrapped(plain, encrypted=place.encrypted) as line:
            line.sendall(request)
            return _read(line, deadline)
    except TimeoutError:
        failure = CaptureError(
            CameraStatus.STALLED,
            f"{place.shown} takes the connection and does not answer in time; restart the camera",
        )
    except (http.client.HTTPException, ssl.SSLError, ValueError):
        failure = CaptureError(
            CameraStatus.NOT_ONVIF, f"{place.shown} does not answer as ONVIF does; check host and port of source.onvif"
        )
    except OSError:
        failure = CaptureError(CameraStatus.BROKEN, f"{place.shown} broke the connection; the camera may be restarting")
    raise failure


def _read(line: socket.socket, deadline: Deadline) -> Reply:
    with http.client.HTTPResponse(cast(socket.socket, _Line(line, deadline)), method="POST") as answer:
        answer.begin()
        body = answer.read()
        challenges = tuple(answer.headers.get_all("WWW-Authenticate") or ())
        return Reply(answer.status, challenges, answer.headers.get("Location", ""), body)


class _Line:
    """What HTTPResponse takes for a socket."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._received = _Received(line, deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._received)


class _Received(io.RawIOBase):
    """The bytes of a socket up to a deadline and a number: its own time-out bounds each read, not their sum."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._deadline = deadline
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader gives nothing else
        left_s = self._deadline.left_s()
        if left_s <= 0.0:
            raise TimeoutError
        self._line.settimeout(left_s)
        count = self._line.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise ValueError("the answer is too long")
        return count


def _request(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {place.path} HTTP/1.1",
        f"Host: {place.shown}",
        "User-Agent: edge",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _wrapped(plain: socket.socket, *, encrypted: bool) -> socket.socket:
    if not encrypted:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # cameras sign themselves; the password goes as a digest all the same
    return context.wrap_socket(plain)


def _not_connected(place: Place, error: Exception) -> CaptureError:
    if isinstance(error, ConnectionRefusedError):
        text = "refuses the connection; check source.onvif.port, and that ONVIF is switched on in the camera"
        return CaptureError(CameraStatus.REFUSED, f"{place.shown} {text}")
    if isinstance(error, socket.gaierror | UnicodeError):
        text = "is not known by name; check source.onvif.host and the name server"
    elif isinstance(error, OSError) and error.errno in _FAR:
        text = "cannot be reached; check the address and the network"
    else:
        text = "does not answer; check the address, the cable and the power"
    return CaptureError(CameraStatus.UNREACHABLE, f"{place.shown} {text}")
