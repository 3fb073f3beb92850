"""Single pictures to I420: JPEG as cameras send it one by one, and raw YUYV."""

import struct
from dataclasses import dataclass

import av
import numpy as np

from edge.capture.i420 import picture_of
from edge.model.scene import Picture

MOST_PIXELS = 8192 * 4320
_START = b"\xff\xd8"
_END = b"\xff\xd9"
_PADDING = 4096
_SIZE_MARKERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}


@dataclass(frozen=True, slots=True)
class Still:
    """One picture, its moment in monotonic seconds, and how many bytes it came in."""

    moment_s: float
    picture: Picture
    size: int


class DamagedError(Exception):
    """A picture that cannot be shown; the text says what is wrong with it."""


class JpegDecoder:
    """Decodes JPEGs one by one, also those of webcams, which leave out their Huffman tables."""

    def __init__(self) -> None:
        self._codec: av.VideoCodecContext = _new()

    def decode(self, data: bytes) -> Picture:
        """Return the picture; DamagedError where it is cut off, garbled or absurdly large."""
        sound(data)
        try:
            frames = self._codec.decode(av.Packet(data))
        except (av.FFmpegError, ValueError):
            self._codec = _new()
            frames = []
        if not frames or frames[0].is_corrupt:
            raise DamagedError("it cannot be decoded")
        return picture_of(frames[0])


def yuyv_picture(data: memoryview, width: int, height: int, row_bytes: int) -> Picture:
    """Return a raw 4:2:2 picture; DamagedError where it is too short. Colour is taken from every other row."""
    row_bytes = row_bytes or 2 * width
    if len(data) < row_bytes * height:
        raise DamagedError("it is cut off")
    rows = np.frombuffer(data, np.uint8, row_bytes * height).reshape(height, row_bytes)[:, : 2 * width]
    luma = rows[:, 0::2].copy()
    return Picture(luma, rows[0::2, 1::4].copy(), rows[0::2, 3::4].copy(), full_range=False)


def sound(data: bytes) -> tuple[int, int]:
    """Return the width and height that a JPEG says it has; DamagedError where it is none, cut off or too large."""
    if not data.startswith(_START):
        raise DamagedError("it is no JPEG picture")
    if data.rfind(_END, max(2, len(data) - _PADDING)) < 0:
        raise DamagedError("it is cut off")
    width, height = _size(data)
    if not 0 < width * height <= MOST_PIXELS:
        raise DamagedError(f"its size of {width}x{height} pixels is out of bounds")
    return width, height


def _size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - begins every marker
        marker = data[at + 1]
        if marker in _SIZE_MARKERS:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 if marker in _WITHOUT_LENGTH else 2 + int.from_bytes(data[at + 2 : at + 4])  # noqa: PLR2004
    return 0, 0


def _new() -> av.VideoCodecContext:
    codec = av.VideoCodecContext.create("mjpeg", "r")
    codec.thread_count = 1
    codec.options = {"err_detect": "explode"}
    return codec
