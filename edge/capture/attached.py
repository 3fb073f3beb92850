"""Cameras on this machine itself: those on USB, by V4L2."""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_QUERY_CAPABILITY = 0x80685600
_ENUMERATE_FORMATS = 0xC0405602
_ENUMERATE_SIZES = 0xC02C564A
_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_FORMAT = struct.Struct("=III32s4sI12x")
_SIZE = struct.Struct("=I4sIII24x")
_DEVICE_CAPABILITIES = 0x80000000
_VIDEO_CAPTURE = 1
_DISCRETE = 1
_MOST = 32


@dataclass(frozen=True, slots=True)
class Attached:
    """A camera on this machine: its setting's kind, its name, its address there, and what it gives."""

    kind: str
    name: str
    address: str
    streams: tuple[str, ...] = ()


def usb_cameras(folder: Path = Path("/dev")) -> list[Attached]:
    """Return the V4L2 devices on USB that capture, in order. One that is in use or not permitted is told by name only.

    A webcam has further devices that give no video, and a board has some for its codecs: those are left out.
    """
    devices = sorted(folder.glob("video[0-9]*"), key=lambda path: (len(path.name), path.name))
    return [found for found in map(_usb_camera, devices) if found is not None]


def capturing(capability: bytes) -> str | None:
    """Return the name in a V4L2 capability, None where it is no camera on USB."""
    _, card, bus, _, all_of_it, this_device = _CAPABILITY.unpack(capability)
    of_device = this_device if all_of_it & _DEVICE_CAPABILITIES else all_of_it
    if not of_device & _VIDEO_CAPTURE or not bus.startswith(b"usb"):
        return None
    return _text(card) or "USB camera"


def _usb_camera(path: Path) -> Attached | None:
    try:
        line = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    with closing(os.fdopen(line, "rb", buffering=0)) as device:
        try:
            name = capturing(fcntl.ioctl(device, _QUERY_CAPABILITY, bytes(_CAPABILITY.size)))
        except OSError:
            return None
        return None if name is None else Attached("usb", name, str(path), tuple(_streams(device.fileno())))


def _streams(device: int) -> Iterator[str]:
    for number in range(_MOST):
        asked = _FORMAT.pack(number, _VIDEO_CAPTURE, 0, b"", b"", 0)
        answer = _asked(device, _ENUMERATE_FORMATS, asked)
        if answer is None:
            return
        code = _FORMAT.unpack(answer)[4]
        sizes = ", ".join(f"{width}x{height}" for width, height in _sizes(device, code))
        yield f"{_text(code)}: {sizes}" if sizes else _text(code)


def _sizes(device: int, code: bytes) -> Iterator[tuple[int, int]]:
    for number in range(_MOST):
        answer = _asked(device, _ENUMERATE_SIZES, _SIZE.pack(number, code, 0, 0, 0))
        if answer is None:
            return
        _, _, kind, width, height = _SIZE.unpack(answer)
        if kind != _DISCRETE:
            return
        yield width, height


def _asked(device: int, call: int, question: bytes) -> bytes | None:
    try:
        return fcntl.ioctl(device, call, question)
    except OSError:
        return None


def _text(raw: bytes) -> str:
    words = raw.split(b"\0")[0].decode(errors="replace")
    return "".join(c for c in words if c.isprintable()).strip()
