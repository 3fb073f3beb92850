"""Asking a network camera cheaply whether it is there, and what it is: one request, no credentials, no video."""

import re
import socket
import ssl

from edge.capture.address import CameraAddress

_PATIENCE_S = 1.0
_MOST_BYTES = 4096
_DIGEST = re.compile(r"^WWW-Authenticate:\s*Digest(.*)$", re.IGNORECASE | re.MULTILINE)
_ALGORITHM = re.compile(r'algorithm="?([\w-]+)', re.IGNORECASE)


def connects(address: CameraAddress) -> bool:
    """Tell whether anything takes a connection there."""
    try:
        with socket.create_connection((address.host, address.port), _PATIENCE_S):
            return True
    except (OSError, UnicodeError):
        return False


def answers_rtsp(address: CameraAddress) -> bool:
    """Tell whether the camera gives any RTSP answer.

    A connection alone proves nothing: the kernel of a stalled camera still accepts it.
    """
    return _answer(address, f"OPTIONS {address.shown} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: edge\r\n\r\n", 64).startswith(
        "RTSP/"
    )


def answers_http(address: CameraAddress) -> bool:
    """Tell whether it is a web server that answers."""
    return _answer(address, f"HEAD / HTTP/1.0\r\nHost: {address.host}\r\n\r\n", 64).startswith("HTTP/")


def wants_what_nobody_can(address: CameraAddress) -> bool:
    """Tell whether the login that the camera asks for is one that FFmpeg has no answer to; sends no credentials.

    FFmpeg knows Basic and Digest with MD5; of several Digest challenges it takes the last one.
    """
    request = f"DESCRIBE {address.shown} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\nUser-Agent: edge\r\n\r\n"
    challenges = _DIGEST.findall(_answer(address, request, _MOST_BYTES))
    if not challenges:
        return False
    algorithm = _ALGORITHM.search(challenges[-1])
    return algorithm is not None and not algorithm[1].upper().startswith("MD5")


def _answer(address: CameraAddress, request: str, most: int) -> str:
    """Return the beginning of what is answered to a request, empty where nothing is."""
    try:
        with (
            socket.create_connection((address.host, address.port), _PATIENCE_S) as plain,
            _wrapped(plain, address) as line,
        ):
            line.settimeout(_PATIENCE_S)
            line.sendall(request.encode())
            return line.recv(most).decode("latin-1")
    except (OSError, UnicodeError):
        return ""


def _wrapped(plain: socket.socket, address: CameraAddress) -> socket.socket:
    if not address.encrypted:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # cameras sign themselves, and nothing secret is sent here
    return context.wrap_socket(plain)
