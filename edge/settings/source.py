"""Where a channel's video comes from: exactly one kind each."""

from dataclasses import dataclass
from typing import Annotated, Literal

from edge.settings.checks import host_name, iso_time, picture_url, rtsp_url
from edge.settings.marks import Check, Doc, Length, Range, Secret

HTTP_PATTERN = "^[hH][tT][tT][pP][sS]?://[^/?#@\\s]+([/?#]\\S*)?$"
RTSP_PATTERN = "^[rR][tT][sS][pP][sS]?://[^/?#@\\s]+([/?#]\\S*)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class RtspSettings:
    """A network camera by its RTSP address."""

    url: Annotated[
        str, Doc("rtsp:// or rtsps:// address, without user name or password"), Length(1), Check(rtsp_url, RTSP_PATTERN)
    ]
    username: Annotated[str, Doc("user name; empty: none")] = ""
    password: Annotated[str, Doc("password, where a file is not wanted"), Secret()] = ""
    password_file: Annotated[str, Doc("file whose first line is the password")] = ""
    transport: Annotated[Literal["tcp", "udp"], Doc("how the video travels")] = "tcp"
    timeout_s: Annotated[float, Doc("a stream without a packet for so long is stalled"), Range(0.5, 120)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifSettings:
    """A network camera by ONVIF."""

    host: Annotated[str, Doc("address or name"), Length(1), Check(host_name)]
    port: Annotated[int, Doc("port of its device service; 443 is encrypted"), Range(1, 65535)] = 80
    username: Annotated[str, Doc("user name; empty: none")] = ""
    password: Annotated[str, Doc("password, where a file is not wanted"), Secret()] = ""
    password_file: Annotated[str, Doc("file whose first line is the password")] = ""
    basic: Annotated[
        bool,
        Doc("send the password readable where the camera takes HTTP Basic only; not sent so otherwise"),
    ] = False
    profile: Annotated[
        str, Doc("profile token or name; auto: the smallest stream of at least 640 pixels"), Length(1)
    ] = "auto"
    endpoint: Annotated[
        str, Doc("its endpoint id, by which it is found when its address has changed; empty: learnt"), Length(0, 200)
    ] = ""
    transport: Annotated[Literal["tcp", "udp"], Doc("how the video travels")] = "tcp"
    timeout_s: Annotated[float, Doc("a stream without a packet for so long is stalled"), Range(0.5, 120)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTlsSettings:
    """How the certificate of an https address is checked."""

    ca_file: Annotated[
        str | None, Doc("certificate authority, or the camera's own certificate, PEM; null: the system's")
    ] = None
    insecure: Annotated[bool, Doc("do not check the camera's certificate")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """A network camera by HTTP: a still picture that is asked for again and again, or an MJPEG stream."""

    url: Annotated[
        str,
        Doc("http:// or https:// address of a JPEG or an MJPEG stream, without user name or password"),
        Length(1),
        Check(picture_url, HTTP_PATTERN),
    ]
    username: Annotated[str, Doc("user name; empty: none")] = ""
    password: Annotated[str, Doc("password, where a file is not wanted"), Secret()] = ""
    password_file: Annotated[str, Doc("file whose first line is the password")] = ""
    fps: Annotated[float, Doc("pictures per second, at most; a still one is asked for so often"), Range(0.02, 30)] = 5.0
    timeout_s: Annotated[float, Doc("a camera that sends nothing for so long is stalled"), Range(0.5, 120)] = 5.0
    tls: Annotated[
        HttpTlsSettings | None, Doc("of https; absent: the certificate is checked by the system's authorities")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiSettings:
    """A camera module on the board's ribbon cable."""

    camera: Annotated[int, Doc("number of the camera, as `edge cameras` prints it"), Range(0, 7)] = 0
    id: Annotated[
        str,
        Doc(
            "its id, or its model where there is one of it, by which it is found whatever its number; empty: by number"
        ),
        Length(0, 200),
    ] = ""
    width: Annotated[int, Doc("pixels, of the picture for people, before it is turned"), Range(64, 8192)] = 1280
    height: Annotated[int, Doc("pixels, of the same"), Range(64, 8192)] = 720
    fps: Annotated[float, Doc("pictures per second"), Range(1, 120)] = 15.0
    min_fps: Annotated[
        float,
        Doc("in the dark it may go down to this, so that pictures get more light; 0: never below fps"),
        Range(0, 120),
    ] = 0.0
    max_exposure_ms: Annotated[
        float,
        Doc("no picture is exposed for longer: less blur of what moves, more noise in the dark; 0: as fps allows"),
        Range(0, 1000),
    ] = 0.0
    rotation: Annotated[Literal[0, 90, 180, 270], Doc("degrees by which the picture is turned, clockwise")] = 0
    timeout_s: Annotated[float, Doc("a camera without a picture for so long is stalled"), Range(0.5, 120)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbSettings:
    """A camera on USB (V4L2)."""

    device: Annotated[
        str, Doc("device file, best one of /dev/v4l/by-id; or a number, or the camera's name"), Length(1)
    ] = "/dev/video0"
    width: Annotated[int, Doc("pixels; the smallest size of at least so many is taken"), Range(64, 8192)] = 1280
    height: Annotated[int, Doc("pixels; the same"), Range(64, 8192)] = 720
    fps: Annotated[float, Doc("pictures per second, at most"), Range(1, 120)] = 15.0
    format: Annotated[
        Literal["auto", "mjpeg", "yuyv"], Doc("how it sends; auto: raw where USB 2 has room for it, else JPEG")
    ] = "auto"
    timeout_s: Annotated[float, Doc("a camera without a picture for so long is stalled"), Range(0.5, 120)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """A recorded clip."""

    path: Annotated[str, Doc("video file"), Length(1)]
    loop: Annotated[bool, Doc("start again at its end")] = False
    realtime: Annotated[
        bool,
        Doc("play at its own speed; false: as fast as possible, on the clip's clock, nothing dropped"),
    ] = True
    start_time: Annotated[str, Doc("wall time of its first frame, ISO 8601; empty: now"), Check(iso_time)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """The built-in moving scene."""

    scene: Annotated[Literal["street"], Doc("which scene")] = "street"
    seed: Annotated[int, Doc("the same seed draws the same scene"), Range(0, 2**31)] = 1
    fps: Annotated[float, Doc("pictures per second"), Range(1, 30)] = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """The source of a channel's video: exactly one of these."""

    rtsp: Annotated[RtspSettings | None, Doc("network camera by RTSP")] = None
    onvif: Annotated[OnvifSettings | None, Doc("network camera by ONVIF")] = None
    http: Annotated[HttpSettings | None, Doc("network camera by HTTP")] = None
    csi: Annotated[CsiSettings | None, Doc("camera module")] = None
    usb: Annotated[UsbSettings | None, Doc("USB camera")] = None
    file: Annotated[FileSettings | None, Doc("recorded clip")] = None
    demo: Annotated[DemoSettings | None, Doc("built-in scene")] = None
