"""What `edge cameras test` is to open: an address, a camera of this machine or a file, as the settings have it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from edge.app.system import SystemClock
from edge.capture.deadline import Deadline
from edge.capture.onvif.choice import AUTO, choose
from edge.capture.onvif.client import Client, Login, off_in_words
from edge.capture.onvif.place import device_place
from edge.capture.onvif.resolve import address_of, offer_of, snapshot_of
from edge.capture.source import CaptureError
from edge.cli.errors import CommandError
from edge.settings import (
    CsiSettings,
    FileSettings,
    HttpSettings,
    HttpTlsSettings,
    RtspSettings,
    SourceSettings,
    UsbSettings,
)
from edge.settings.checks import host_name, picture_url, rtsp_url

_RESOLVE_S = 15.0
_STILLS = 10.0
_CLOCK_S = 2.0
_LAST_MODULE = 7
FORMS = "rtsp://HOST/PATH, onvif://HOST[:PORT], http://HOST/PATH, usb:DEVICE, csi:NUMBER|ID|MODEL, or a video file"


@dataclass(frozen=True, slots=True)
class Target:
    """A source to be tried, what was found out on the way, and where a still picture is (empty: not known)."""

    source: SourceSettings
    said: tuple[str, ...] = ()
    snapshot: str = ""


def target_of(text: str, login: Login, transport: str, *, insecure: bool) -> Target:
    """Return what is meant; asks an ONVIF camera for its stream. Raises CommandError and CaptureError."""
    scheme = text.partition(":")[0].lower()
    if scheme == "usb" or text.startswith("/dev/"):
        return Target(SourceSettings(usb=UsbSettings(device=text[4:] if scheme == "usb" else text)))
    if scheme == "csi":
        return Target(SourceSettings(csi=_module(text[4:])))
    if "://" not in text and Path(text).is_file():
        return Target(SourceSettings(file=FileSettings(path=text)))
    if scheme == "onvif":
        return _by_onvif(text, login, transport)
    if "@" in _place(text):
        raise CommandError(
            "write the user name with --user and the password with --password-file, not into the address"
        )
    if scheme in {"http", "https"}:
        return _by_http(text, login, insecure=insecure)
    if wrong := rtsp_url(text):
        raise CommandError(f"the address {wrong}; taken are {FORMS}")
    return Target(SourceSettings(rtsp=_rtsp(text, login, transport)))


def picture_settings(url: str, login: Login, *, insecure: bool) -> HttpSettings:
    """Return how the pictures at an address are asked for."""
    tls = HttpTlsSettings(insecure=True) if insecure else None
    return HttpSettings(url=url, username=login.username, password=login.password, fps=_STILLS, tls=tls)


def _module(text: str) -> CsiSettings:
    if text.isdecimal() and len(text) == 1 and int(text) <= _LAST_MODULE:
        return CsiSettings(camera=int(text))
    if not text or text.isdecimal():
        raise CommandError("write csi:0, or the camera's id or model behind csi:; `edge cameras` prints them")
    return CsiSettings(id=text)


def _by_http(url: str, login: Login, *, insecure: bool) -> Target:
    if wrong := picture_url(url):
        raise CommandError(f"the address {wrong}")
    return Target(SourceSettings(http=picture_settings(url, login, insecure=insecure)))


def _rtsp(url: str, login: Login, transport: str) -> RtspSettings:
    return RtspSettings(
        url=url,
        username=login.username,
        password=login.password,
        transport="udp" if transport == "udp" else "tcp",
    )


def _by_onvif(url: str, login: Login, transport: str) -> Target:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host, port = "", 0
    if host_name(host) or "@" in url:
        raise CommandError("the address must be of the form onvif://HOST or onvif://HOST:PORT")
    client = Client(device_place(host, port), login, SystemClock(), Deadline.after(_RESOLVE_S))
    offer = offer_of(client)
    snapshot = snapshot_of(client, offer)
    said = [f"still picture: {snapshot}"] if snapshot else []
    if client.clock_off_s is not None and abs(client.clock_off_s) > _CLOCK_S:
        said.append(f"clock: {off_in_words(client.clock_off_s)}")
    try:
        chosen = address_of(client, offer.service, choose(offer.profiles, AUTO, client.place.shown), transport)
    except CaptureError as error:
        if not snapshot:
            raise
        pictures = SourceSettings(http=picture_settings(snapshot, login, insecure=True))
        return Target(pictures, (*said, f"stream: {error}"), snapshot)
    said = [f"profile: {chosen.profile.token}, {chosen.profile.shown}", f"address: {chosen.url}", *said]
    return Target(SourceSettings(rtsp=_rtsp(chosen.url, login, transport)), tuple(said), snapshot)


def _place(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
