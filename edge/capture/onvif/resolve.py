"""From a camera's device service to the address of the stream that is played."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlunsplit

from edge.capture.address import camera_address
from edge.capture.knock import answers_rtsp
from edge.capture.onvif import media
from edge.capture.onvif.choice import choose
from edge.capture.onvif.client import Client, FaultError
from edge.capture.onvif.media import MediaService, Profile
from edge.capture.onvif.place import bracketed, split
from edge.capture.source import CameraStatus, CaptureError
from edge.settings import RtspSettings

_RTSP = 554
_ASKED = 3


@dataclass(frozen=True, slots=True)
class Resolved:
    """A chosen profile, and where its video is; `snapshot` is where a still picture is, as far as it was asked for."""

    profile: Profile
    url: str
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a camera offers, and the service that offers it."""

    service: MediaService
    profiles: Sequence[Profile]


def offer_of(client: Client) -> Offer:
    """Return a camera's profiles, of its second media service where that works; CaptureError where there are none."""
    client.read_clock()
    failure: CaptureError | None = None
    for service in media.media_services(client):
        try:
            return Offer(service, media.profiles_of(client, service))
        except FaultError as error:
            failure = failure or media.fault_error(service.place, error.fault)
    raise failure or CaptureError(CameraStatus.NO_SUCH_STREAM, f"{client.place.shown} has no media service")


def resolve(client: Client, wanted: str, transport: str) -> Resolved:
    """Return the stream to play; CaptureError says what an installer has to do where there is none."""
    offer = offer_of(client)
    profile = choose(offer.profiles, wanted, client.place.shown)
    return address_of(client, offer.service, profile, transport)


def address_of(client: Client, service: MediaService, profile: Profile, transport: str) -> Resolved:
    """Return where a profile's video is, with host and port put right."""
    try:
        reported = media.stream_uri(client, service, profile.token, transport)
    except FaultError as error:
        failure = media.fault_error(service.place, error.fault)
    else:
        return Resolved(profile, put_right(client, reported))
    raise failure


def snapshot_of(client: Client, offer: Offer) -> str:
    """Return the address of a still picture of the first profile that has one; empty where none has."""
    for profile in offer.profiles[:_ASKED]:
        found = picture_url(client, media.snapshot_uri(client, offer.service, profile.token))
        if found:
            return found
    return ""


def put_right(client: Client, reported: str) -> str:
    """Return an RTSP address at which something answers, by the one that the camera reports.

    Its host gives way to the one that has answered us, its port to one that the camera names elsewhere, or to the usual
    one, where nothing answers RTSP there; the path stays. Where nothing answers at all, our host and its port remain.
    """
    parts = split(reported)
    if parts is None or parts.scheme not in {"rtsp", "rtsps"}:
        text = "names no RTSP address for its stream; use source.rtsp with the address from its manual"
        raise CaptureError(CameraStatus.BROKEN, f"{client.place.shown} {text}")
    rest = parts._replace(fragment="")

    def at(host: str, port: int) -> str:
        return urlunsplit(rest._replace(netloc=f"{bracketed(host)}:{port}"))

    stated = parts.port or (_RTSP if parts.scheme == "rtsp" else 322)
    first = at(client.place.host, stated)
    if _answers(first):
        return first
    for port in (*media.rtsp_ports(client), _RTSP):
        if port != stated and _answers(at(client.place.host, port)):
            return at(client.place.host, port)
    asis = at(parts.hostname or "", stated)
    return asis if asis != first and _answers(asis) else first


def picture_url(client: Client, reported: str) -> str:
    """Return the address of a still picture, put right like that of a service; empty where none is reported."""
    parts = split(reported)
    if parts is None or parts.scheme not in {"http", "https"}:
        return ""
    place = client.place.service(reported)
    return f"{'https' if place.encrypted else 'http'}://{place.shown}{place.path}"


def _answers(url: str) -> bool:
    return answers_rtsp(camera_address(RtspSettings(url=url)))
