"""The address of a network camera: with its credentials in memory only, and as people may see it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from edge.capture.source import CameraStatus, CaptureError
from edge.settings import HttpSettings, OnvifSettings, RtspSettings

_PORTS = {"rtsp": 554, "rtsps": 322}
_MOST_BYTES = 127
"""FFmpeg cuts longer credentials off without a word, and the camera sees a wrong password."""
_MUST = "%/?#@: "


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """Where a camera is. `shown` carries no credentials and is the only part that is ever logged."""

    shown: str
    host: str
    port: int
    encrypted: bool
    with_credentials: str = field(repr=False)


def camera_address(settings: RtspSettings) -> CameraAddress:
    """Return the address of the settings' camera; reads the password file. CaptureError says what is wrong."""
    parts = urlsplit(settings.url)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise CaptureError(CameraStatus.BROKEN, "source.rtsp.url is not of the form rtsp://host:port/path")
    place = f"[{host}]" if ":" in host else host
    port = _port_of(settings.url)
    if port is not None:
        place += f":{port}"
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    userinfo = parts.netloc.rpartition("@")[0]
    if settings.username:
        userinfo = _userinfo(settings.username, password_of(settings))
    return CameraAddress(
        shown=f"{parts.scheme}://{place}{parts.path}",
        host=host,
        port=port or _PORTS[parts.scheme],
        encrypted=parts.scheme == "rtsps",
        with_credentials=f"{parts.scheme}://{userinfo + '@' if userinfo else ''}{place}{rest}",
    )


def password_of(settings: RtspSettings | OnvifSettings | HttpSettings) -> str:
    """Return the password: the first line of the password file where there is one; CaptureError if it can't be read."""
    if not settings.password_file:
        return settings.password
    try:
        lines = Path(settings.password_file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    else:
        return lines[0] if lines else ""
    raise CaptureError(
        CameraStatus.WRONG_PASSWORD,
        f"the password file {settings.password_file} cannot be read ({reason}); put the password on its first line",
    )


def _userinfo(username: str, password: str) -> str:
    """Return both as they stand in an address: all escaped that is special, or, where too long, that must be."""
    for escaped in (lambda text: quote(text, safe=""), _escaped):
        userinfo = f"{escaped(username)}:{escaped(password)}"
        size = len(userinfo.encode(errors="surrogatepass"))
        if size <= _MOST_BYTES:
            return os.fsdecode(userinfo.encode(errors="surrogatepass"))
    raise CaptureError(
        CameraStatus.WRONG_PASSWORD,
        f"user name and password are too long: {size} bytes, an RTSP address takes {_MOST_BYTES};"
        " give the camera a shorter password",
    )


def _escaped(text: str) -> str:
    return "".join(f"%{ord(each):02X}" if each in _MUST or each < " " else each for each in text)


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        port_fault = "source.rtsp.url has a port that is not a number from 1 to 65535"
    raise CaptureError(CameraStatus.BROKEN, port_fault)
