"""What the ONVIF camera of the tests says, by the schemas of ONVIF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"'
    ' xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
)
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&b;</s:Body></s:Envelope>"""
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"


@dataclass(frozen=True)
class Video:
    """One profile with what it shows."""

    token: str
    width: int
    height: int
    codec: str = "H264"
    fps: int = 10
    gop: int = 50
    source: str = "lens_1"


class Camera(Protocol):
    """What a message needs to know of the camera."""

    @property
    def endpoint(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def videos(self) -> tuple[Video, ...]: ...
    @property
    def rtsp(self) -> tuple[str, int]: ...
    @property
    def rtsp_ports(self) -> tuple[int, ...]: ...
    @property
    def paths(self) -> Mapping[str, str]: ...
    @property
    def media2(self) -> bool: ...
    @property
    def services(self) -> bool: ...
    @property
    def fault(self) -> str: ...
    @property
    def snapshot(self) -> str: ...
    @property
    def address(self) -> str: ...
    def now(self) -> datetime: ...


def envelope(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMESPACES}><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


def fault(code: str, reason: str) -> bytes:
    return envelope(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{code}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def probe_match(camera: Camera, relates_to: str) -> bytes:
    name = camera.name.replace(" ", "%20")
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMESPACES}><s:Header>'
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action>"
        f"<a:MessageID>urn:uuid:1419d68a-1dd2-11b2-a105-000000000000</a:MessageID><a:RelatesTo>{escape(relates_to)}"
        "</a:RelatesTo><a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To></s:Header><s:Body>"
        f"<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{camera.endpoint}</a:Address>"
        "</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>"
        f"onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/{escape(name)}"
        " onvif://www.onvif.org/hardware/T-1000 onvif://www.onvif.org/Profile/Streaming</d:Scopes>"
        f"<d:XAddrs>{camera.address}/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    )
    return text.encode()


def hello(camera: Camera) -> bytes:
    """What a camera says to all when it has started."""
    found = probe_match(camera, "")
    for before, after in (
        ("<d:ProbeMatches><d:ProbeMatch>", "<d:Hello>"),
        ("</d:ProbeMatch></d:ProbeMatches>", "</d:Hello>"),
        ("discovery/ProbeMatches", "discovery/Hello"),
    ):
        found = found.replace(before.encode(), after.encode())
    return found


def answer(camera: Camera, namespace: str, call: str, body: ET.Element) -> str | None:
    """The body of an answer, None where the camera has no such call."""
    has_media = camera.fault != "no media"
    if namespace == DEVICE:
        made = _DEVICE_CALLS.get(call)
        return made(camera, has_media) if made else None
    if not has_media or (namespace == MEDIA2 and not camera.media2):
        return None
    if call == "GetProfiles":
        return _profiles(camera, namespace, full=any(each.tag.endswith("}Type") for each in body.iter()))
    token = next((each.text or "" for each in body.iter() if each.tag.endswith("ProfileToken")), "")
    addresses = {
        "GetSnapshotUri": camera.snapshot or f"{camera.address.removesuffix('/onvif')}/snapshot/{token}",
        "GetStreamUri": f"rtsp://{camera.rtsp[0]}:{camera.rtsp[1]}{camera.paths.get(token, '/' + token)}",
    }
    return _uri(namespace, call, addresses[call]) if call in addresses else None


def _profiles(camera: Camera, namespace: str, *, full: bool) -> str:
    if namespace == MEDIA2:
        parts = "".join(_profile2(video, full=full) for video in camera.videos)
        return f"<tr2:GetProfilesResponse>{parts}</tr2:GetProfilesResponse>"
    parts = "".join(_profile(video) for video in camera.videos if video.codec != "H265")
    return f"<trt:GetProfilesResponse>{parts}</trt:GetProfilesResponse>"


def _time(camera: Camera, _has_media: object) -> str:
    now = camera.now()
    told = (
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
        f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
        f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
    )
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
        f"<tt:DaylightSavings>false</tt:DaylightSavings>{'' if camera.fault == 'no time' else told}"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _services(camera: Camera, has_media: object) -> str | None:
    if not camera.services:
        return None
    services = [(DEVICE, "device_service", 2)]
    services += [(MEDIA, "media_service", 2)] if has_media else []
    services += [(MEDIA2, "media2_service", 19)] if has_media and camera.media2 else []
    parts = "".join(
        f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{camera.address}/{path}</tds:XAddr>"
        f"<tds:Version><tt:Major>{major}</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>"
        for namespace, path, major in services
    )
    return f"<tds:GetServicesResponse>{parts}</tds:GetServicesResponse>"


def _capabilities(camera: Camera, has_media: object) -> str:
    media = (
        f"<tt:Media><tt:XAddr>{camera.address}/media_service</tt:XAddr><tt:StreamingCapabilities>"
        "<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>"
        "</tt:StreamingCapabilities></tt:Media>"
    )
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{camera.address}/device_service</tt:XAddr></tt:Device>{media if has_media else ''}"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def _information(_camera: Camera, _has_media: object) -> str:
    return (
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Test</tds:Manufacturer><tds:Model>T-1000</tds:Model>"
        "<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber>"
        "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def _protocols(camera: Camera, _has_media: object) -> str | None:
    if not camera.rtsp_ports:
        return None
    ports = "".join(f"<tt:Port>{port}</tt:Port>" for port in camera.rtsp_ports)
    return (
        "<tds:GetNetworkProtocolsResponse><tds:NetworkProtocols><tt:Name>HTTP</tt:Name><tt:Enabled>true</tt:Enabled>"
        "<tt:Port>80</tt:Port></tds:NetworkProtocols><tds:NetworkProtocols><tt:Name>RTSP</tt:Name>"
        f"<tt:Enabled>true</tt:Enabled>{ports}</tds:NetworkProtocols></tds:GetNetworkProtocolsResponse>"
    )


_DEVICE_CALLS: Mapping[str, Callable[[Camera, object], str | None]] = {
    "GetSystemDateAndTime": _time,
    "GetServices": _services,
    "GetCapabilities": _capabilities,
    "GetDeviceInformation": _information,
    "GetNetworkProtocols": _protocols,
}


def _uri(namespace: str, call: str, address: str) -> str:
    if namespace == MEDIA2:
        return f"<tr2:{call}Response><tr2:Uri>{escape(address)}</tr2:Uri></tr2:{call}Response>"
    return (
        f"<trt:{call}Response><trt:MediaUri><tt:Uri>{escape(address)}</tt:Uri><tt:InvalidAfterConnect>false"
        "</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
        f"</trt:MediaUri></trt:{call}Response>"
    )


def _resolution(video: Video) -> str:
    return f"<tt:Resolution><tt:Width>{video.width}</tt:Width><tt:Height>{video.height}</tt:Height></tt:Resolution>"


_MULTICAST = (
    "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
    "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
)


def _profile(video: Video) -> str:
    codec = {"H264": "H264", "JPEG": "JPEG"}.get(video.codec, "MPEG4")
    gop = (
        f"<tt:H264><tt:GovLength>{video.gop}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>"
        if codec == "H264"
        else ""
    )
    return (
        f'<trt:Profiles token="{video.token}" fixed="true"><tt:Name>{video.token} stream</tt:Name>'
        f'<tt:VideoSourceConfiguration token="vsc_{video.source}"><tt:Name>{video.source}</tt:Name>'
        f"<tt:UseCount>3</tt:UseCount><tt:SourceToken>{video.source}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{video.width}" height="{video.height}"/></tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="vec_{video.token}"><tt:Name>{video.token}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{codec}</tt:Encoding>{_resolution(video)}<tt:Quality>3</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{video.fps}</tt:FrameRateLimit><tt:EncodingInterval>1"
        f"</tt:EncodingInterval><tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl>{gop}{_MULTICAST}"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def _profile2(video: Video, *, full: bool) -> str:
    parts = (
        f'<tr2:Configurations><tr2:VideoSource token="vsc_{video.source}"><tt:Name>{video.source}</tt:Name>'
        f"<tt:UseCount>3</tt:UseCount><tt:SourceToken>{video.source}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{video.width}" height="{video.height}"/></tr2:VideoSource>'
        f'<tr2:VideoEncoder token="vec_{video.token}" GovLength="{video.gop}" Profile="Main"><tt:Name>{video.token}'
        f"</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{video.codec}</tt:Encoding>{_resolution(video)}"
        f'<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>{video.fps}</tt:FrameRateLimit>'
        "<tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl><tt:Quality>3</tt:Quality></tr2:VideoEncoder>"
        "</tr2:Configurations>"
    )
    return (
        f'<tr2:Profiles token="{video.token}" fixed="true"><tr2:Name>{video.token} stream</tr2:Name>'
        f"{parts if full else ''}</tr2:Profiles>"
    )
