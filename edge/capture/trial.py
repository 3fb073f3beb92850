"""Watching one stream for some seconds to see how good it is."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge.capture.address import camera_address
from edge.capture.connect import failure, open_stream
from edge.capture.i420 import picture_of
from edge.capture.source import CameraStatus, CaptureError
from edge.model.scene import Picture
from edge.settings import RtspSettings

_READ_S = 5.0
_MISSED = re.compile(r"RTP: missed (\d+) packets")
_NO_PICTURE = "sent no picture that can be decoded; choose H.264 in the camera's settings"


@dataclass(frozen=True, slots=True)
class Trial:
    """What was seen of a stream. Rates are a second, times are seconds.

    `fps` is what arrives, `stamped_fps` what the stream's own time stamps say; 0: nothing to tell it by.
    `keyframe_s` is the longest time from one key frame to the next; where `keyframes` is below 2, it is how long none
    came. `falls_behind` is the share by which pictures come later and later; `jitter_s` how much they come unevenly, at
    the 95th of a hundred. `decode_s` is CPU for one picture.
    """

    codec: str
    picture: Picture
    fps: float
    stamped_fps: float
    keyframes: int
    keyframe_s: float
    first_picture_s: float
    bits: float
    decode_errors: int
    lost_packets: int
    jitter_s: float
    falls_behind: float
    decode_s: float


@dataclass(slots=True)
class _Seen:
    """What is noted while the stream plays: the stream's time and the arrival of packets, in seconds."""

    came_s: list[float] = field(default_factory=list)
    arrivals: list[tuple[float, float]] = field(default_factory=list)
    keyframes: list[float] = field(default_factory=list)
    size: int = 0
    frames: int = 0
    errors: int = 0
    cpu_s: float = 0.0
    first_s: float = 0.0
    picture: Picture | None = None


def try_out(settings: RtspSettings, seconds: float, monotonic_s: Callable[[], float] = time.monotonic) -> Trial:
    """Play a stream for some seconds and return what was seen. CaptureError where it cannot be played."""
    address = camera_address(settings)
    seen = _Seen()
    av.logging.set_level(av.logging.WARNING)
    with av.logging.Capture() as log:
        begun_s = monotonic_s()
        container = open_stream(address, settings, monotonic_s, _READ_S)
        try:
            stream = _video_of(container, address.shown)
            _play(container, stream, seen, begun_s, seconds)
        except av.error.ExitError:
            text = f"sent no video for {_READ_S:g} s; check the camera and its network"
            lost: CaptureError | None = CaptureError(CameraStatus.STALLED, f"{address.shown} {text}")
        except (av.FFmpegError, OSError) as error:
            lost = failure(address.shown, error)
        else:
            lost = None
        finally:
            codec = _codec(container)
            container.close()
    if lost is not None:
        raise lost
    if seen.picture is None:
        raise CaptureError(CameraStatus.BROKEN, f"{address.shown} {_NO_PICTURE}")
    return _summed(seen, seen.picture, codec, lost_packets([message for _, _, message in log]))


def lost_packets(messages: list[str]) -> int:
    """Return how many packets of a stream are missing, by what FFmpeg says; over TCP they only show as damage."""
    return sum(int(number) for message in messages for number in _MISSED.findall(message))


def _play(container: InputContainer, stream: VideoStream, seen: _Seen, begun_s: float, seconds: float) -> None:
    stream.thread_type = "NONE"
    packets = container.demux(stream)
    end_s = math.inf
    while time.monotonic() < end_s:
        packet = next(packets, None)
        if packet is None or not packet.size:
            return
        now_s = time.monotonic()
        if not seen.came_s:
            end_s = now_s + seconds
        _note(packet, seen, now_s)
        _decode(packet, seen)
        if seen.picture is not None and not seen.first_s:
            seen.first_s = time.monotonic() - begun_s


def _note(packet: "Packet[VideoStream]", seen: _Seen, now_s: float) -> None:
    seen.size += packet.size
    seen.came_s.append(now_s)
    if packet.pts is None or packet.time_base is None:  # the very first: no time is known yet
        return
    at_s = float(packet.pts * packet.time_base)
    seen.arrivals.append((at_s, now_s))
    if packet.is_keyframe:
        seen.keyframes.append(at_s)


def _decode(packet: "Packet[VideoStream]", seen: _Seen) -> None:
    begun_s = time.thread_time()
    try:
        frames = packet.decode()
    except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.BugError):
        seen.errors += 1
        return
    seen.cpu_s += time.thread_time() - begun_s
    for frame in frames:
        seen.frames += 1
        seen.errors += bool(frame.is_corrupt)
        seen.picture = picture_of(frame)


def _summed(seen: _Seen, picture: Picture, codec: str, lost: int) -> Trial:
    arrivals = seen.arrivals or [(came_s, came_s) for came_s in seen.came_s]
    (first_s, _), (last_s, _) = arrivals[0], arrivals[-1]
    passed_s = seen.came_s[-1] - seen.came_s[0]
    settled = [(at, came) for at, came in arrivals if came - seen.came_s[0] >= passed_s / 5] or arrivals
    behind, jitter_s = _evenness(settled)
    gaps = [after - before for before, after in pairwise(seen.keyframes)]
    open_s = last_s - (seen.keyframes[-1] if seen.keyframes else first_s)
    return Trial(
        codec=codec,
        picture=picture,
        fps=_rate([came for _, came in settled]),
        stamped_fps=_rate([at for at, _ in seen.arrivals]),
        keyframes=len(seen.keyframes),
        keyframe_s=max(gaps) if gaps else open_s,
        first_picture_s=seen.first_s,
        bits=seen.size * 8 / passed_s if passed_s > 0 else 0.0,
        decode_errors=seen.errors,
        lost_packets=lost,
        jitter_s=jitter_s,
        falls_behind=behind,
        decode_s=seen.cpu_s / max(1, seen.frames),
    )


def _rate(moments_s: list[float]) -> float:
    span_s = moments_s[-1] - moments_s[0] if moments_s else 0.0
    return (len(moments_s) - 1) / span_s if span_s > 0 else 0.0


def _evenness(arrivals: list[tuple[float, float]]) -> tuple[float, float]:
    """Return by what share arrivals fall behind the stream's own time, and how far they scatter around that."""
    span_s = arrivals[-1][0] - arrivals[0][0]
    if span_s <= 0:
        return 0.0, 0.0
    late = [came - at for at, came in arrivals]
    third = max(1, len(late) // 3)
    behind = (min(late[-third:]) - min(late[:third])) / span_s
    scatter = sorted(each - min(late) for each in late)
    return max(0.0, behind), scatter[int(0.95 * (len(scatter) - 1))]


def _video_of(container: InputContainer, shown: str) -> VideoStream:
    for stream in container.streams.video:
        if stream.codec_context is not None:
            return stream
    raise CaptureError(CameraStatus.BROKEN, f"{shown} has no video that can be decoded; choose a stream with video")


def _codec(container: InputContainer) -> str:
    names = (stream.codec_context.name for stream in container.streams.video if stream.codec_context is not None)
    return next(names, "")
