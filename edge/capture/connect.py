"""Opening an RTSP stream with little lag, and what a failure means; nothing that is raised holds a password."""

import errno
import socket
from collections.abc import Callable

import av
from av.container import InputContainer

from edge.capture.address import CameraAddress
from edge.capture.knock import answers_http, answers_rtsp, connects, wants_what_nobody_can
from edge.capture.source import CameraStatus, CaptureError
from edge.settings import RtspSettings

_LEAST_OPEN_S = 5.0
_MOST_OPEN_S = 15.0


def open_stream(
    address: CameraAddress, settings: RtspSettings, monotonic_s: Callable[[], float], read_s: float | None = None
) -> InputContainer:
    """Return the opened stream, whose reads break off after `read_s` (None: `timeout_s`); it is good for nothing then.

    CaptureError with the camera's status.
    """
    read_s = settings.timeout_s if read_s is None else read_s
    _resolve(address)
    patience_s = min(max(settings.timeout_s, _LEAST_OPEN_S), _MOST_OPEN_S)
    options = {
        "rtsp_transport": settings.transport,
        "allowed_media_types": "video",
        "timeout": str(round(max(patience_s, read_s + 1.0) * 1e6)),
        "analyzeduration": "300000",
        "fpsprobesize": "0",
        "flags": "low_delay",
    }
    begun_s = monotonic_s()
    try:
        return av.open(
            address.with_credentials, options=options, timeout=(patience_s, read_s), metadata_errors="replace"
        )
    except (av.FFmpegError, OSError) as error:
        overdue = monotonic_s() - begun_s >= patience_s  # an interrupted handshake has many names
        lost = _silent(address) if overdue else _refusal(address, error)
    raise lost


def failure(shown: str, error: Exception) -> CaptureError:
    """Return what an error of PyAV means, without a word of its own text: that may hold the password."""
    status, text = _diagnose(error)
    return CaptureError(status, f"{shown} {text}")


def _refusal(address: CameraAddress, error: Exception) -> CaptureError:
    """Return why a stream cannot be opened; asks the camera where FFmpeg's error says too little."""
    match error:
        case av.error.HTTPUnauthorizedError() if wants_what_nobody_can(address):
            status, text = (
                CameraStatus.NO_LOGIN,
                "asks for a login by SHA-256; choose Digest (MD5) in the camera's settings",
            )
        case av.error.InvalidDataError() | av.error.EOFError() if answers_rtsp(address):
            status, text = CameraStatus.BROKEN, "breaks off while the stream is opened; restart the camera"
        case av.error.InvalidDataError() if answers_http(address):
            status, text = CameraStatus.BROKEN, "is a web server and sends no video; check the port (mostly 554)"
        case _:
            return failure(address.shown, error)
    return CaptureError(status, f"{address.shown} {text}")


def _silent(address: CameraAddress) -> CaptureError:
    if connects(address):
        text = "takes the connection and says nothing; restart the camera"
        return CaptureError(CameraStatus.STALLED, f"{address.shown} {text}")
    text = "does not answer; check the address, the cable and the power"
    return CaptureError(CameraStatus.UNREACHABLE, f"{address.shown} {text}")


def _resolve(address: CameraAddress) -> None:
    """FFmpeg reports an unknown name as a plain I/O error; asked first, it can be told."""
    try:
        socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        text = f"{address.shown} is not known by name; check source.rtsp.url and the name server"
    else:
        return
    raise CaptureError(CameraStatus.UNREACHABLE, text)


def _diagnose(error: Exception) -> tuple[CameraStatus, str]:  # noqa: PLR0911 - a table of error types, in order
    """Return what an error of PyAV means and a text that continues the address; nothing of the error's own text."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return CameraStatus.WRONG_PASSWORD, "refuses the user name or password; check both in its source"
        case av.error.HTTPNotFoundError():
            return CameraStatus.NO_SUCH_STREAM, "has no such stream; check its path"
        case av.error.ConnectionRefusedError():
            return CameraStatus.REFUSED, "refuses the connection; check the port, and that RTSP is switched on"
        case av.error.HTTPError():
            return CameraStatus.BROKEN, "refuses to play the stream; try the other transport (tcp, udp)"
        case av.error.InvalidDataError():
            return CameraStatus.BROKEN, "sends what is not RTSP video; check the address"
        case av.error.TimeoutError():
            return CameraStatus.UNREACHABLE, "does not answer; check the address, the cable and the power"
    if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN}:
        return CameraStatus.UNREACHABLE, "cannot be reached; check the address and the network"
    return CameraStatus.BROKEN, "broke the connection; the camera may be restarting"
