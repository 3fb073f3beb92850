"""Coded pictures as RTP packets, and pictures that carry a number: what a scripted camera sends."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from edge.model.scene import Picture

Planes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Codec = Literal["h264", "h265"]
CLOCK = 90_000
_MOST = 1200
_BITS = 16
_ENCODERS = {"h264": "libx264", "h265": "libx265"}


def nal_units(unit: bytes) -> list[bytes]:
    """Return the NAL units of an access unit in Annex B form."""
    found = [piece.rstrip(b"\0") for piece in unit.split(b"\0\0\1")[1:]]
    return [piece for piece in found if piece]


def payloads(nal: bytes, codec: Codec) -> Iterator[bytes]:
    """Yield the RTP payloads of one NAL unit (RFC 6184, RFC 7798): whole, or in fragments."""
    if len(nal) <= _MOST:
        yield nal
        return
    head = 1 if codec == "h264" else 2
    kind = nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F
    lead = bytes([nal[0] & 0xE0 | 28]) if codec == "h264" else bytes([nal[0] & 0x81 | 49 << 1, nal[1]])
    body = nal[head:]
    for start in range(0, len(body), _MOST):
        last = start + _MOST >= len(body)
        mark = (0x80 if start == 0 else 0) | (0x40 if last else 0) | kind
        yield lead + bytes([mark]) + body[start : start + _MOST]


class Packets:
    """Gives access units as RTP packets with rising sequence numbers."""

    def __init__(self, codec: Codec, number: int = 0) -> None:
        self._codec: Codec = codec
        self._number = number

    def of(self, unit: bytes, stamp: int) -> list[bytes]:
        """Return the packets of one access unit, its last one marked."""
        bodies = [body for nal in nal_units(unit) for body in payloads(nal, self._codec)]
        return [self.packet(body, stamp, last=index == len(bodies) - 1) for index, body in enumerate(bodies)]

    def packet(self, body: bytes, stamp: int, *, last: bool) -> bytes:
        """Return one packet."""
        self._number += 1
        marked = 96 | (0x80 if last else 0)
        return struct.pack(">BBHII", 0x80, marked, self._number & 0xFFFF, stamp & 0xFFFFFFFF, 0x1234) + body


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture: its access unit, when it is shown in ticks of 1/90000 s, whether it is a key frame."""

    unit: bytes
    stamp: int
    key: bool


class Encoder:
    """Encodes pictures that carry a number, one after the other; B-frames come in the order of decoding."""

    def __init__(
        self, codec: Codec = "h264", *, size: tuple[int, int] = (320, 240), fps: int = 10, gop: int = 10, b: int = 0
    ) -> None:
        self._size = size
        self._step = CLOCK // fps
        self._count = 0
        context = av.CodecContext.create(_ENCODERS[codec], "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = size
        context.pix_fmt, context.framerate, context.time_base = "yuv420p", Fraction(fps), Fraction(1, CLOCK)
        context.gop_size, context.max_b_frames = gop, b
        tune = {} if b else {"tune": "zerolatency"}
        own = {"x265-params": f"log-level=none:keyint={gop}:repeat-headers=1:bframes={b}"} if codec == "h265" else {}
        context.options = {"preset": "ultrafast", "threads": "1", "forced-idr": "1", **tune, **own}
        self._context = context

    def add(self, number: int) -> list[Coded]:
        """Encode the next picture, with a number; return what is done by then."""
        return self.add_picture(numbered(number, *self._size))

    def add_picture(self, planes: Planes) -> list[Coded]:
        """Encode a picture of one's own, I420 of the encoder's size."""
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self._count * self._step
        self._count += 1
        return self._done(frame)

    def flush(self) -> list[Coded]:
        """Return what is left."""
        return self._done(None)

    def _done(self, frame: av.VideoFrame | None) -> list[Coded]:
        return [
            Coded(bytes(packet), packet.pts or 0, packet.is_keyframe)
            for packet in self._context.encode(frame)
            if packet.size
        ]


def coded(count: int, codec: Codec = "h264", *, size: tuple[int, int] = (320, 240), b: int = 0) -> list[Coded]:
    """Return so many pictures with rising numbers, at 10 a second, a key frame a second."""
    encoder = Encoder(codec, size=size, b=b)
    return [each for number in range(count) for each in encoder.add(number)] + encoder.flush()


def numbered(number: int, width: int, height: int) -> Planes:
    """Return an I420 picture with a number in binary as bars over its upper half, and a block that moves below."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    bar = width // _BITS
    for bit in range(_BITS):
        picture[: height // 2, bit * bar : (bit + 1) * bar] = 235 if number >> bit & 1 else 16
    left = number * 4 % (width - 32)
    picture[height // 2 + 16 : height // 2 + 48, left : left + 32] = 40
    return picture


def number_of(picture: Picture) -> int:
    """Return the number that a picture carries."""
    bar = picture.width // _BITS
    return sum(1 << bit for bit in range(_BITS) if picture.y[picture.height // 4, bit * bar + bar // 2] > 128)
