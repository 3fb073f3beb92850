"""`edge cameras test URL`: opens one camera, says how good its stream is and what would make it better."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from edge.app.system import SystemClock
from edge.capture.onvif.client import Client, Login
from edge.capture.onvif.deadline import Deadline
from edge.capture.onvif.place import device_place
from edge.capture.onvif.resolve import resolve
from edge.capture.source import CaptureError
from edge.capture.trial import Trial, try_out
from edge.cli.errors import CommandError
from edge.picture.jpeg import encode
from edge.settings import RtspSettings
from edge.settings.checks import host_name, rtsp_url

_NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
_SUFFICIENT = 1280 * 720
_LONG_KEYFRAME_S = 4.0
_BEHIND = 0.02
_UNEVEN_S = 0.5
_FEW, _MANY = 5.0, 20.0
_JPEG_QUALITY = 90
_RESOLVE_S = 15.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "url", metavar="URL", help="rtsp://HOST/PATH, or onvif://HOST[:PORT] for the stream it would use"
    )
    parser.add_argument("--user", default=argparse.SUPPRESS, metavar="NAME", help="user name")
    parser.add_argument(
        "--password-file", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="its first line is the password"
    )
    parser.add_argument("--transport", choices=("tcp", "udp"), default="tcp", help="how the video travels")
    parser.add_argument("--seconds", type=_seconds, default=10.0, metavar="S", help="how long to look (default: 10)")
    parser.add_argument("--picture", type=Path, metavar="OUT.jpg", help="write the last picture there")


def run(args: argparse.Namespace, login: Login) -> int:
    """Report on the stream; raises CommandError where it cannot be played."""
    try:
        settings = _settings(args, login)
        trial = try_out(settings, args.seconds)
    except CaptureError as error:
        raise CommandError(f"{error.status}: {error}") from None
    if args.picture is not None:
        args.picture.write_bytes(encode(trial.picture, max_width=trial.picture.width, quality=_JPEG_QUALITY))
    lines = [*report(trial, args.seconds), *(f"advice: {each}" for each in advice(trial, args.transport))]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def report(trial: Trial, seconds: float) -> Iterator[str]:
    """Give what was seen, a line each."""
    yield f"codec: {_NAMES.get(trial.codec, trial.codec)}"
    yield f"size: {trial.picture.width}x{trial.picture.height}"
    said = (
        f" ({trial.stamped_fps:.1f} by its time stamps)" if abs(trial.stamped_fps - trial.fps) > 0.1 * trial.fps else ""
    )
    yield f"frame rate: {trial.fps:.1f} a second{said}, {trial.bits / 1e6:.2f} Mbit/s"
    if trial.keyframes > 1:
        yield f"key frames: {trial.keyframe_s:.1f} s apart at most"
    else:
        yield f"key frames: none for {trial.keyframe_s:.1f} s (look longer with --seconds)"
    yield f"first picture: after {trial.first_picture_s:.1f} s"
    evenness = "keeps up" if trial.falls_behind < _BEHIND else f"falls behind by {trial.falls_behind:.0%}"
    yield f"lag: {evenness}, pictures come within {trial.jitter_s * 1e3:.0f} ms (the camera's own part cannot be seen)"
    yield f"losses: {trial.lost_packets} packets, {trial.decode_errors} decoding errors in {seconds:g} s"
    yield f"decoding: {trial.decode_s * 1e3:.1f} ms a picture, {trial.decode_s * trial.fps:.0%} of a core"


def advice(trial: Trial, transport: str) -> list[str]:
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
    return [hint for hint, applies in {**hints, **_network_advice(trial, transport)}.items() if applies]


def _network_advice(trial: Trial, transport: str) -> dict[str, bool]:
    behind = trial.falls_behind >= _BEHIND
    by_udp = trial.lost_packets > 0 and transport == "udp"
    return {
        "packets are lost: set transport: tcp": by_udp,
        "packets are lost or damaged: look at the cable, the switch, the Wi-Fi": (
            not by_udp and trial.lost_packets + trial.decode_errors > 0
        ),
        "the network or the camera does not keep up with the stream: lower its bit rate, or use the sub-stream": behind,
        "pictures come unevenly: look at the network (Wi-Fi?) and at the load of the camera": (
            not behind and trial.jitter_s > _UNEVEN_S
        ),
    }


def _settings(args: argparse.Namespace, login: Login) -> RtspSettings:
    url = args.url
    if url.lower().startswith("onvif://"):
        url = _by_onvif(url, login, args.transport)
    elif "@" in urlsplit(url).netloc:
        raise CommandError(
            "write the user name with --user and the password with --password-file, not into the address"
        )
    elif wrong := rtsp_url(url):
        raise CommandError(f"the address {wrong}; onvif://HOST is taken too")
    return RtspSettings(url=url, username=login.username, password=login.password, transport=args.transport)


def _by_onvif(url: str, login: Login, transport: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host, port = "", 0
    if host_name(host) or "@" in url:
        raise CommandError("the address must be of the form onvif://HOST or onvif://HOST:PORT")
    client = Client(device_place(host, port), login, SystemClock(), Deadline.after(_RESOLVE_S))
    chosen = resolve(client, "auto", transport)
    sys.stdout.write(f"profile: {chosen.profile.token}, {chosen.profile.shown}\naddress: {chosen.url}\n")
    return chosen.url


def _seconds(text: str) -> float:
    value = float(text)
    if not 1.0 <= value <= 600.0:  # noqa: PLR2004 - said in the text
        raise argparse.ArgumentTypeError("must be 1 to 600")
    return value
