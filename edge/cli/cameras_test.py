"""`edge cameras test URL`: opens one camera, says how good its video is and what would make it better."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.app.system import SystemClock
from edge.capture.onvif.client import CLOCK_OFF_S, Login, off_in_words
from edge.capture.source import CameraStatus, CaptureError
from edge.capture.trial import try_file, try_out, try_stills
from edge.capture.trial_seen import Trial
from edge.capture.usb.source import UsbSource
from edge.capture.web.source import HttpSource
from edge.cli import cameras_module
from edge.cli.cameras_target import FORMS, Target, picture_settings, target_of
from edge.cli.errors import CommandError
from edge.model.scene import Picture
from edge.picture.jpeg import encode
from edge.settings import HttpSettings, SourceSettings

_NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG", "rawvideo": "YUYV"}
_SUFFICIENT = 1280 * 720
_LONG_KEYFRAME_S = 4.0
_BEHIND = 0.02
_UNEVEN_S = 0.5
_FEW, _MANY = 5.0, 20.0
_JPEG_QUALITY = 90
_MUCH = 4e6
_ALONE = {"usb", "http"}
_SOONEST_S, _LATEST_S = -0.5, 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("url", metavar="URL", help=FORMS)
    parser.add_argument("--user", default=argparse.SUPPRESS, metavar="NAME", help="user name")
    parser.add_argument(
        "--password-file", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="its first line is the password"
    )
    parser.add_argument("--transport", choices=("tcp", "udp"), default="tcp", help="how RTSP video travels")
    parser.add_argument("--insecure", action="store_true", help="do not check the certificate of an https address")
    parser.add_argument("--seconds", type=_seconds, default=10.0, metavar="S", help="how long to look (default: 10)")
    parser.add_argument("--picture", type=Path, metavar="OUT.jpg", help="write the last picture there")


def run(args: argparse.Namespace, login: Login) -> int:
    """Report on the camera; raises CommandError where it cannot be played."""
    try:
        target = target_of(args.url, login, args.transport, insecure=args.insecure)
        sys.stdout.write("".join(f"{line}\n" for line in target.said))
        told = _module(target.source, args) if target.source.csi is not None else _told(target, login, args)
    except CaptureError as error:
        raise CommandError(f"{error.status}: {error}{_freed(error, target.source)}") from None
    if args.picture is not None:
        args.picture.write_bytes(encode(told.picture, max_width=told.picture.width, quality=_JPEG_QUALITY))
    sys.stdout.write("".join(f"{line}\n" for line in (*told.seen, *(f"advice: {each}" for each in told.hints))))
    if told.hung:
        raise CommandError(f"{CameraStatus.HUNG}: {told.hung}")
    return 0


@dataclass(frozen=True, slots=True)
class _Told:
    """What is printed of a camera: what was seen, what would make it better, and what hangs since."""

    picture: Picture
    seen: Sequence[str]
    hints: Sequence[str]
    hung: str = ""


def _told(target: Target, login: Login, args: argparse.Namespace) -> _Told:
    kind, trial = _tried(target, login, args.seconds)
    return _Told(trial.picture, list(report(trial, args.seconds, kind)), advice(trial, args.transport, kind))


def _module(source: SourceSettings, args: argparse.Namespace) -> _Told:
    trial = cameras_module.tried(source, args.seconds)
    seen, hints = list(cameras_module.report(trial)), cameras_module.advice(trial, source)
    return _Told(trial.seen.picture, seen, hints, trial.hung)


def _freed(error: CaptureError, source: SourceSettings) -> str:
    """Say how a camera on this machine is got that the device itself has."""
    here = source.usb is not None or source.csi is not None
    return "; where it is the device itself: systemctl stop edge" if here and error.status is CameraStatus.BUSY else ""


def _tried(target: Target, login: Login, seconds: float) -> tuple[str, Trial]:
    """Return the kind of source and what was seen; a stream that gives no picture gives way to the still picture."""
    source = target.source
    if source.http is not None:
        return "http", _stills(source.http, seconds)
    if source.rtsp is None:
        return _attached(source, seconds)
    try:
        return "rtsp", try_out(source.rtsp, seconds)
    except CaptureError as error:
        if not target.snapshot:
            raise
        sys.stdout.write(f"stream: {error.status}: {error}\n")
    return "http", _stills(picture_settings(target.snapshot, login, insecure=True), seconds)


def _attached(source: SourceSettings, seconds: float) -> tuple[str, Trial]:
    if source.usb is not None:
        camera = UsbSource("test", source.usb, SystemClock())
        return "usb", try_stills(camera, seconds)
    return "file", try_file(Path(source.file.path if source.file else ""), seconds)


def _stills(settings: HttpSettings, seconds: float) -> Trial:
    return try_stills(HttpSource("test", settings, SystemClock()), seconds)


def report(trial: Trial, seconds: float, kind: str = "rtsp") -> Iterator[str]:
    """Give what was seen, a line each."""
    yield f"codec: {_NAMES.get(trial.codec, trial.codec)}"
    yield f"size: {trial.picture.width}x{trial.picture.height}"
    said = (
        f" ({trial.stamped_fps:.1f} by its time stamps)" if abs(trial.stamped_fps - trial.fps) > 0.1 * trial.fps else ""
    )
    yield f"frame rate: {trial.fps:.1f} a second{said}, {trial.bits / 1e6:.2f} Mbit/s"
    if kind in _ALONE:
        yield "key frames: each picture stands alone"
    elif trial.keyframes > 1:
        yield f"key frames: {trial.keyframe_s:.1f} s apart at most"
    else:
        yield f"key frames: none for {trial.keyframe_s:.1f} s (look longer with --seconds)"
    yield f"first picture: after {trial.first_picture_s:.1f} s"
    yield from _timing(trial, kind)
    span = "the clip" if kind == "file" else f"{seconds:g} s"
    yield f"losses: {trial.lost_packets} packets, {trial.decode_errors} decoding errors in {span}"
    yield f"decoding: {trial.decode_s * 1e3:.1f} ms a picture, {trial.decode_s * trial.fps:.0%} of a core"


def _timing(trial: Trial, kind: str) -> Iterator[str]:
    if kind == "file":
        return
    evenness = "keeps up" if trial.falls_behind < _BEHIND else f"falls behind by {trial.falls_behind:.0%}"
    yield f"lag: {evenness}, pictures come within {trial.jitter_s * 1e3:.0f} ms"
    if kind == "usb":
        yield f"latency: {(trial.delay_s or 0.0) * 1e3:.0f} ms from the camera's first byte (its exposure is not seen)"
    elif kind == "http":
        yield "latency: not told by the camera"
    elif trial.delay_s is None:
        yield "latency: not told by the camera (no RTCP sender report)"
    elif _SOONEST_S < trial.delay_s < _LATEST_S:
        yield f"latency: {max(0.0, trial.delay_s):.2f} s by the camera's own clock, as far as that is right"
    else:
        yield f"latency: not known, since the camera's clock is {off_in_words(-trial.delay_s)}"


def advice(trial: Trial, transport: str, kind: str = "rtsp") -> list[str]:
    """Return what would make the stream better."""
    hints = {
        "use the camera's sub-stream: 640 to 1280 pixels are enough for analysis, and cost a part of this": (
            trial.picture.width * trial.picture.height > _SUFFICIENT
        ),
        "switch the stream to H.264: it costs less to decode than H.265": trial.codec == "hevc",
        "switch the stream to H.264: it takes a part of the network": trial.codec == "mjpeg",
        "switch the stream to H.264: every board decodes it well": trial.codec not in _NAMES,
        "shorten the key-frame interval (GOP) to 2 s: after a loss nothing is seen until the next key frame": (
            trial.keyframe_s > _LONG_KEYFRAME_S
        ),
        "raise the frame rate to 10 a second: who runs is seen too seldom to be followed": trial.fps < _FEW,
        "lower the frame rate to 10 to 15 a second: more is decoded and not analysed": trial.fps > _MANY,
    }
    of_kind = {"usb": _usb_advice, "http": _http_advice}.get(kind)
    if of_kind is not None:
        return [hint for hint, applies in of_kind(trial).items() if applies]
    network = {} if kind == "file" else _network_advice(trial, transport)
    return [hint for hint, applies in {**hints, **network}.items() if applies]


def _usb_advice(trial: Trial) -> dict[str, bool]:
    return {
        "set width: 640 and height: 480: enough for analysis, and costs a part of this": (
            trial.picture.width * trial.picture.height > _SUFFICIENT
        ),
        "pictures come unevenly: give it more light, or turn off its low-light compensation": trial.varies,
        "pictures come seldom: give it more light, or set a smaller width": trial.fps < _FEW,
        "pictures are damaged: use a shorter cable, another USB port, no hub": trial.decode_errors > 0,
    }


def _http_advice(trial: Trial) -> dict[str, bool]:
    return {
        "use the camera's RTSP stream if it has one: H.264 takes a tenth of the network": trial.bits > _MUCH,
        "use a smaller picture: 640 to 1280 pixels are enough for analysis": (
            trial.picture.width * trial.picture.height > _SUFFICIENT
        ),
        "pictures come seldom: use its stream instead of its still picture, or a smaller one": trial.fps < _FEW,
        "pictures are damaged: look at the Wi-Fi, the power supply, the load of the camera": trial.decode_errors > 0,
        "pictures come unevenly: look at the network (Wi-Fi?) and at the load of the camera": trial.jitter_s
        > _UNEVEN_S,
    }


def _network_advice(trial: Trial, transport: str) -> dict[str, bool]:
    behind = trial.falls_behind >= _BEHIND
    by_udp = trial.lost_packets > 0 and transport == "udp"
    return {
        "set the camera's clock, best by NTP": abs(trial.delay_s or 0.0) > CLOCK_OFF_S,
        "the frame rate varies: set a constant one, and a shutter that the dark does not slow": (
            trial.varies and not trial.lost_packets + trial.decode_errors
        ),
        "packets are lost: set transport: tcp": by_udp,
        "packets are lost or damaged: look at the cable, the switch, the Wi-Fi": (
            not by_udp and trial.lost_packets + trial.decode_errors > 0
        ),
        "the network or the camera does not keep up with the stream: lower its bit rate, or use the sub-stream": behind,
        "pictures come unevenly: look at the network (Wi-Fi?) and at the load of the camera": (
            not behind and trial.jitter_s > _UNEVEN_S
        ),
    }


def _seconds(text: str) -> float:
    value = float(text)
    if not 1.0 <= value <= 600.0:  # noqa: PLR2004 - said in the text
        raise argparse.ArgumentTypeError("must be 1 to 600")
    return value
