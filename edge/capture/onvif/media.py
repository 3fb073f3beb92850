"""What a camera has to show: its profiles, and the addresses of a profile's stream and picture."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from edge.capture.onvif.client import DEVICE, Client, FaultError
from edge.capture.onvif.place import Place
from edge.capture.onvif.soap import Fault
from edge.capture.onvif.xml import first, named, number_of, text_of
from edge.capture.source import CameraStatus, CaptureError

MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_MOST_PROFILES = 512
_CODECS = {"H264": "H264", "H265": "H265", "HEVC": "H265", "JPEG": "JPEG", "MJPEG": "JPEG"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream that a camera offers. `codec` is H264, H265, JPEG or what else the camera calls it; 0: not told."""

    token: str
    name: str
    source: str
    codec: str
    width: int
    height: int
    fps: float
    keyframe_frames: int = 0

    @property
    def playable(self) -> bool:
        """Whether this program shows it."""
        return self.codec in _CODECS.values() and self.width > 0 and self.height > 0

    @property
    def shown(self) -> str:
        """Size, codec and rate, as people read them."""
        rate = f", {self.fps:g} fps" if self.fps else ""
        return f"{self.width}x{self.height} {self.codec or 'without video'}{rate}"


@dataclass(frozen=True, slots=True)
class MediaService:
    """Where a camera's media service is; the second version knows H.265."""

    place: Place
    second: bool

    @property
    def namespace(self) -> str:
        """Its XML namespace."""
        return MEDIA2 if self.second else MEDIA


def media_services(client: Client) -> list[MediaService]:
    """Return the media services of a camera, the best first; CaptureError where it has none."""
    found = _by_services(client) or _by_capabilities(client)
    if not found:
        text = "speaks ONVIF but offers no video by it; use source.rtsp with the address from its manual"
        raise CaptureError(CameraStatus.NO_SUCH_STREAM, f"{client.place.shown} {text}")
    return sorted(found, key=lambda service: not service.second)


def profiles_of(client: Client, service: MediaService) -> list[Profile]:
    """Return the profiles in the camera's order; raises FaultError."""
    wanted = "<Type>VideoSource</Type><Type>VideoEncoder</Type>" if service.second else ""
    answer = client.call(f'<GetProfiles xmlns="{service.namespace}">{wanted}</GetProfiles>', service.place)
    elements = list(named(answer, "Profiles"))[:_MOST_PROFILES]
    return [profile for profile in map(_profile, elements) if profile.token and profile.token.isprintable()]


def stream_uri(client: Client, service: MediaService, token: str, transport: str) -> str:
    """Return the RTSP address of a profile as the camera reports it; raises FaultError."""
    if service.second:
        protocol = "RtspUnicast" if transport == "udp" else "RTSP"
        body = f"<Protocol>{protocol}</Protocol><ProfileToken>{escape(token)}</ProfileToken>"
    else:
        protocol = "UDP" if transport == "udp" else "RTSP"
        body = (
            f'<StreamSetup><Stream xmlns="{_SCHEMA}">RTP-Unicast</Stream>'
            f'<Transport xmlns="{_SCHEMA}"><Protocol>{protocol}</Protocol></Transport></StreamSetup>'
            f"<ProfileToken>{escape(token)}</ProfileToken>"
        )
    return _uri(client, service, "GetStreamUri", body)


def snapshot_uri(client: Client, service: MediaService, token: str) -> str:
    """Return the address of a profile's still picture, empty where the camera has none."""
    try:
        return _uri(client, service, "GetSnapshotUri", f"<ProfileToken>{escape(token)}</ProfileToken>")
    except FaultError:
        return ""


def rtsp_ports(client: Client) -> list[int]:
    """Return the ports on which the camera says it serves RTSP."""
    try:
        answer = client.call(f'<GetNetworkProtocols xmlns="{DEVICE}"/>')
    except FaultError:
        return []
    ports = [
        round(number_of(port))
        for protocol in named(answer, "NetworkProtocols")
        if text_of(protocol, "Name").upper() == "RTSP"
        for port in named(protocol, "Port")
    ]
    return [port for port in ports[:4] if 0 < port < 65536]  # noqa: PLR2004 - the ports there are


def model_of(client: Client) -> str:
    """Return maker and model, empty where the camera does not tell."""
    try:
        answer = client.call(f'<GetDeviceInformation xmlns="{DEVICE}"/>')
    except FaultError:
        return ""
    return _shown(f"{text_of(answer, 'Manufacturer')} {text_of(answer, 'Model')}".strip())


def fault_error(place: Place, fault: Fault) -> CaptureError:
    """Return what to say where a call that is needed fails."""
    said = f" ({fault.reason})" if fault.reason else ""
    return CaptureError(
        CameraStatus.BROKEN,
        f"{place.shown} cannot name its stream{said}; restart the camera, or use source.rtsp with the address from its"
        " manual",
    )


def _by_services(client: Client) -> list[MediaService]:
    call = f'<GetServices xmlns="{DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
    try:
        answer = client.call(call)
    except FaultError:
        return []
    found = []
    for service in named(answer, "Service"):
        namespace = text_of(service, "Namespace")
        if namespace in {MEDIA, MEDIA2}:
            found.append(MediaService(client.place.service(text_of(service, "XAddr")), namespace == MEDIA2))
    return found


def _by_capabilities(client: Client) -> list[MediaService]:
    try:
        answer = client.call(f'<GetCapabilities xmlns="{DEVICE}"><Category>All</Category></GetCapabilities>')
    except FaultError:
        return []
    address = text_of(answer, "Media", "XAddr")
    return [MediaService(client.place.service(address), second=False)] if address else []


def _profile(element: Element) -> Profile:
    encoder = first(element, "VideoEncoderConfiguration")
    if encoder is None:
        encoder = first(element, "VideoEncoder")
    source = first(element, "VideoSourceConfiguration")
    if source is None:
        source = first(element, "VideoSource")
    said = text_of(encoder, "Encoding").upper()
    keyframes = number_of(encoder, "GovLength") or _number(encoder.get("GovLength", "") if encoder is not None else "")
    return Profile(
        token=element.get("token", ""),
        name=_shown(text_of(element, "Name")),
        source=text_of(source, "SourceToken"),
        codec=_CODECS.get(said.replace(".", ""), _shown(said)[:16]),
        width=round(number_of(encoder, "Resolution", "Width")),
        height=round(number_of(encoder, "Resolution", "Height")),
        fps=number_of(encoder, "RateControl", "FrameRateLimit"),
        keyframe_frames=round(keyframes),
    )


def _shown(words: str) -> str:
    return "".join(c for c in words if c.isprintable())[:80]


def _number(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0.0  # noqa: PLR2004 - no sane GOP


def _uri(client: Client, service: MediaService, call: str, body: str) -> str:
    answer = client.call(f'<{call} xmlns="{service.namespace}">{body}</{call}>', service.place)
    return text_of(answer, "Uri")
