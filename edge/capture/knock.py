"""Asking a network camera cheaply whether it is there: one RTSP OPTIONS, no credentials, no video."""

import socket
import ssl

from edge.capture.address import CameraAddress

_PATIENCE_S = 1.0


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
    request = f"OPTIONS {address.shown} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: edge\r\n\r\n"
    try:
        with (
            socket.create_connection((address.host, address.port), _PATIENCE_S) as plain,
            _wrapped(plain, address) as line,
        ):
            line.settimeout(_PATIENCE_S)
            line.sendall(request.encode())
            return line.recv(64).startswith(b"RTSP/")
    except (OSError, UnicodeError):
        return False


def _wrapped(plain: socket.socket, address: CameraAddress) -> socket.socket:
    if not address.encrypted:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # cameras sign themselves, and nothing secret is sent here
    return context.wrap_socket(plain)
