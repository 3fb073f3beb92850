"""The kernel's V4L2 calls on an open device file: bytes out, bytes in, as in linux/videodev2.h of 64-bit systems."""

import fcntl
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_QUERYCAP = 0x80685600
_ENUM_FMT = 0xC0405602
_ENUM_FRAMESIZES = 0xC02C564A
_ENUM_FRAMEINTERVALS = 0xC034564B
_S_FMT = 0xC0D05605
_S_PARM = 0xC0CC5616
_REQBUFS = 0xC0145608
_QUERYBUF = 0xC0585609
_QBUF = 0xC058560F
_DQBUF = 0xC0585611
_STREAMON = 0x40045612
_STREAMOFF = 0x40045613

_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_FMTDESC = struct.Struct("=III32s4sI12x")
_FRMSIZE = struct.Struct("=I4sI6I8x")
_FRMIVAL = struct.Struct("=I4sIII6I8x")
_FORMAT = struct.Struct("=I4xII4sI II 176x")
_PARM = struct.Struct("=III II 184x")
_REQUEST = struct.Struct("=IIIII")
_BUFFER = struct.Struct("=IIIII4x qq 16x II Q III4x")

_CAPTURE = 1
_MMAP = 1
_DEVICE_CAPS = 0x80000000
_DISCRETE = 1
_MOST = 64
_USUAL_SIZES = ((320, 240), (640, 360), (640, 480), (800, 600), (1280, 720), (1920, 1080))
_USUAL_RATES = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
_FAULTY = 0x40
_TIMESTAMP_MASK = 0xE000
_MONOTONIC = 0x2000


@dataclass(frozen=True, slots=True)
class Capability:
    """What a device says it is: its name, where it is attached, and whether it gives pictures."""

    card: str
    bus: str
    captures: bool

    @property
    def on_usb(self) -> bool:
        """Whether it is on USB: a board has video devices of its own, for its codecs."""
        return self.bus.startswith("usb")


@dataclass(frozen=True, slots=True)
class Format:
    """What the device will send: four letters, pixels, bytes of a row (0: compressed)."""

    code: str
    width: int
    height: int
    row_bytes: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A buffer that holds a picture. `moment_s` is monotonic, None where the driver keeps another clock."""

    index: int
    size: int
    faulty: bool
    moment_s: float | None


def query(device: int) -> Capability:
    """Return what a device is; OSError where it is none of V4L2."""
    return capability(fcntl.ioctl(device, _QUERYCAP, bytes(_CAPABILITY.size)))


def capability(answer: bytes) -> Capability:
    """Return what the kernel's answer says."""
    _, card, bus, _, all_of_it, this_node = _CAPABILITY.unpack(answer)
    of_node = this_node if all_of_it & _DEVICE_CAPS else all_of_it
    return Capability(_text(card), _text(bus), bool(of_node & _CAPTURE))


def formats(device: int) -> Iterator[str]:
    """Give the four letters of each format."""
    for number in range(_MOST):
        answer = _asked(device, _ENUM_FMT, _FMTDESC.pack(number, _CAPTURE, 0, b"", b"", 0))
        if answer is None:
            return
        yield _text(_FMTDESC.unpack(answer)[4])


def sizes(device: int, code: str) -> Iterator[tuple[int, int]]:
    """Give the sizes of a format; of a device that scales freely the usual ones."""
    for number in range(_MOST):
        answer = _asked(device, _ENUM_FRAMESIZES, _FRMSIZE.pack(number, code.encode(), 0, 0, 0, 0, 0, 0, 0))
        if answer is None:
            return
        _, _, kind, width, height, *_ = found = _FRMSIZE.unpack(answer)
        if kind != _DISCRETE:
            least_width, most_width, _, least_height, most_height, _ = found[3:]
            yield from (
                (width, height)
                for width, height in _USUAL_SIZES
                if least_width <= width <= most_width and least_height <= height <= most_height
            )
            return
        yield width, height


def rates(device: int, code: str, width: int, height: int) -> Iterator[float]:
    """Give the pictures a second that the device can send of a size; of one that goes freely the usual ones."""
    for number in range(_MOST):
        asked = _FRMIVAL.pack(number, code.encode(), width, height, 0, 0, 0, 0, 0, 0, 0)
        answer = _asked(device, _ENUM_FRAMEINTERVALS, asked)
        if answer is None:
            return
        kind, seconds, parts = _FRMIVAL.unpack(answer)[4:7]
        highest = parts / seconds if seconds else 0.0
        if kind != _DISCRETE:
            yield from (rate for rate in _USUAL_RATES if rate <= highest)
            return
        if highest:
            yield highest


def set_format(device: int, code: str, width: int, height: int) -> Format:
    """Set a format and return what the device makes of it; OSError EBUSY where another program streams."""
    answer = fcntl.ioctl(device, _S_FMT, _FORMAT.pack(_CAPTURE, width, height, code.encode(), 0, 0, 0))
    _, width, height, letters, _, row_bytes, _ = _FORMAT.unpack(answer)
    return Format(_text(letters), width, height, row_bytes)


def set_rate(device: int, fps: float) -> float:
    """Ask for a frame rate and return what the device makes of it, 0 where it does not say."""
    answer = _asked(device, _S_PARM, _PARM.pack(_CAPTURE, 0, 0, 1000, round(fps * 1000)))
    if answer is None:
        return 0.0
    _, _, _, seconds, parts = _PARM.unpack(answer)
    return parts / seconds if seconds else 0.0


def request_buffers(device: int, count: int) -> int:
    """Have the driver make buffers and return how many there are; OSError EBUSY where another program streams."""
    answer = fcntl.ioctl(device, _REQBUFS, _REQUEST.pack(count, _CAPTURE, _MMAP, 0, 0))
    return int(_REQUEST.unpack(answer)[0])


def buffer_place(device: int, index: int) -> tuple[int, int]:
    """Return where a buffer lies for mmap: offset and length in bytes."""
    found = _BUFFER.unpack(fcntl.ioctl(device, _QUERYBUF, _buffer(index)))
    return found[9], found[10]


def give_buffer(device: int, index: int) -> None:
    """Let the driver fill a buffer."""
    fcntl.ioctl(device, _QBUF, _buffer(index))


def take_buffer(device: int) -> Filled:
    """Return the oldest filled buffer; OSError EAGAIN where there is none, ENODEV where the camera is gone."""
    index, _, size, flags, _, seconds, micros, *_ = _BUFFER.unpack(fcntl.ioctl(device, _DQBUF, _buffer(0)))
    monotonic = flags & _TIMESTAMP_MASK == _MONOTONIC
    return Filled(index, size, bool(flags & _FAULTY), seconds + micros / 1e6 if monotonic else None)


def start(device: int) -> None:
    """Begin to stream; OSError ENOSPC where the USB has no room for it."""
    fcntl.ioctl(device, _STREAMON, struct.pack("=I", _CAPTURE))


def stop(device: int) -> None:
    """End streaming; OSError where the device is gone."""
    fcntl.ioctl(device, _STREAMOFF, struct.pack("=I", _CAPTURE))


def _buffer(index: int) -> bytes:
    return _BUFFER.pack(index, _CAPTURE, 0, 0, 0, 0, 0, 0, _MMAP, 0, 0, 0, 0)


def _asked(device: int, call: int, question: bytes) -> bytes | None:
    try:
        return fcntl.ioctl(device, call, question)
    except OSError:
        return None


def _text(raw: bytes) -> str:
    words = raw.split(b"\0")[0].decode(errors="replace")
    return "".join(c for c in words if c.isprintable()).strip()
