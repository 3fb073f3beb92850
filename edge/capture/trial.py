"""Watching one camera for some seconds to see how good its video is."""

import math
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge.capture.address import camera_address
from edge.capture.connect import failure, open_stream
from edge.capture.decoder import ENDED_BY_NEXT
from edge.capture.file import open_container
from edge.capture.i420 import picture_of
from edge.capture.source import CameraStatus, CaptureError
from edge.capture.still import Still
from edge.capture.trial_seen import Seen, Trial, summed
from edge.settings import RtspSettings

_READ_S = 5.0
_MISSED = re.compile(r"RTP: missed (\d+) packets")
_NO_PICTURE = "sent no picture that can be decoded; choose H.264 in the camera's settings"


class TakesStills(Protocol):
    """A source whose pictures stand alone."""

    @property
    def codec(self) -> str:
        """How the camera sends, as FFmpeg names it."""
        ...

    @property
    def decode_errors(self) -> int:
        """How many pictures were damaged."""
        ...

    def open(self) -> None:
        """Connect; CaptureError where that fails."""
        ...

    def take(self) -> Still | None:
        """Return the next picture, None where there is none yet; CaptureError where the camera is lost."""
        ...

    def close(self) -> None:
        """Let go of the camera."""
        ...


def try_out(settings: RtspSettings, seconds: float, monotonic_s: Callable[[], float] = time.monotonic) -> Trial:
    """Play a stream for some seconds and return what was seen. CaptureError where it cannot be played."""
    address = camera_address(settings)
    seen = Seen()
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
    return summed(seen, seen.picture, codec, lost_packets([message for _, _, message in log]))


def try_stills(source: TakesStills, seconds: float) -> Trial:
    """Play a camera whose pictures stand alone. CaptureError where it cannot be played."""
    seen = Seen()
    begun_s = time.monotonic()
    try:
        source.open()
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s or (seen.picture is None and time.monotonic() < end_s + _READ_S):
            cpu_s = time.thread_time()
            still = source.take()
            seen.cpu_s += time.thread_time() - cpu_s
            if still is not None:
                _note_still(still, seen, begun_s)
        codec, seen.errors = source.codec, source.decode_errors
    finally:
        source.close()
    if seen.picture is None:
        raise CaptureError(CameraStatus.BROKEN, "sent no picture that is whole; choose JPEG in the camera's settings")
    return summed(seen, seen.picture, codec, 0)


def try_file(path: Path, seconds: float) -> Trial:
    """Read the first seconds of a clip as fast as it goes. CaptureError where it cannot be played."""
    seen = Seen()
    begun_s = time.monotonic()
    container = open_container(path)
    try:
        stream = _video_of(container, str(path))
        codec = _codec(container)
        for packet in container.demux(stream):
            stamped_s = seen.arrivals[-1][0] - seen.arrivals[0][0] if seen.arrivals else 0.0
            if stamped_s > seconds:
                break
            if packet.size:
                _note(packet, seen, float((packet.pts or 0) * (packet.time_base or 0)))
            _decode(packet, seen)
            seen.first_s = seen.first_s or (time.monotonic() - begun_s if seen.picture else 0.0)
    except av.FFmpegError:
        seen.errors += 1
    finally:
        container.close()
    if seen.picture is None:
        raise CaptureError(CameraStatus.BROKEN, f"{path}: no picture can be decoded; record or convert it anew")
    return summed(seen, seen.picture, codec, 0)


def _note_still(still: Still, seen: Seen, begun_s: float) -> None:
    now_s = time.monotonic()
    seen.first_s = seen.first_s or now_s - begun_s
    seen.came_s.append(now_s)
    seen.arrivals.append((still.moment_s, now_s))
    seen.delays.append(now_s - still.moment_s)
    seen.keyframes.append(still.moment_s)
    seen.size += still.size
    seen.frames += 1
    seen.picture = still.picture


def lost_packets(messages: list[str]) -> int:
    """Return how many packets of a stream are missing, by what FFmpeg says; over TCP they only show as damage."""
    return sum(int(number) for message in messages for number in _MISSED.findall(message))


def _play(container: InputContainer, stream: VideoStream, seen: Seen, begun_s: float, seconds: float) -> None:
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


def _note(packet: "Packet[VideoStream]", seen: Seen, now_s: float) -> None:
    told_us = next((_wall_us(bytes(each)) for each in packet.iter_sidedata() if each.data_type == "prft"), None)
    if told_us is not None and seen.came_s:
        ended_by_next = packet.stream.codec_context.name in ENDED_BY_NEXT
        waited_s = now_s - seen.came_s[-1] if ended_by_next else 0.0
        seen.delays.append(time.time() - waited_s - told_us / 1e6)
    seen.size += packet.size
    seen.came_s.append(now_s)
    if packet.pts is None or packet.time_base is None:  # the very first: no time is known yet
        return
    at_s = float(packet.pts * packet.time_base)
    seen.arrivals.append((at_s, now_s))
    if packet.is_keyframe:
        seen.keyframes.append(at_s)


def _wall_us(reference: bytes) -> int:
    """Return the camera's wall clock in an AVProducerReferenceTime: what RTCP told, carried on to this picture."""
    return int.from_bytes(reference[:8], sys.byteorder, signed=True)


def _decode(packet: "Packet[VideoStream]", seen: Seen) -> None:
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


def _video_of(container: InputContainer, shown: str) -> VideoStream:
    for stream in container.streams.video:
        if stream.codec_context is not None:
            return stream
    raise CaptureError(CameraStatus.BROKEN, f"{shown} has no video that can be decoded; choose a stream with video")


def _codec(container: InputContainer) -> str:
    names = (stream.codec_context.name for stream in container.streams.video if stream.codec_context is not None)
    return next(names, "")
