"""What a USB camera can send, and which of it is taken. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

FORMATS = {"MJPG": "MJPEG", "JPEG": "MJPEG", "YUYV": "YUYV"}
"""Those that are played, by the kernel's four letters."""
_BUS_BYTES = 20e6
"""Half of what USB 2 carries in practice: a second camera beside it must have room too."""
_RATE_SLACK = 0.98


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to send: four letters of the format, pixels, pictures a second (0: not told)."""

    code: str
    width: int
    height: int
    fps: float

    @property
    def shown(self) -> str:
        """Size, format and rate, as people read them."""
        rate = f", {self.fps:.3g} fps" if self.fps else ""
        return f"{self.width}x{self.height} {FORMATS.get(self.code, self.code)}{rate}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask for; `format` is auto, mjpeg or yuyv."""

    width: int
    height: int
    fps: float
    format: str = "auto"


def in_order(modes: Iterable[Mode], wanted: Wanted) -> list[Mode]:
    """Return the modes that can be played, the best first.

    The smallest size and lowest rate that suffice; where none does, what comes nearest. Of one size and rate YUYV costs
    less to decode and shows more, but is taken only where it leaves room on a USB 2 bus: else MJPEG.
    """
    played = [mode for mode in modes if mode.code in FORMATS and wanted.format in {"auto", FORMATS[mode.code].lower()}]
    return sorted(played, key=lambda mode: _cost(mode, wanted))


def _cost(mode: Mode, wanted: Wanted) -> tuple[float, int, float, int]:
    fps = mode.fps or wanted.fps
    rate = 1.0 if fps >= wanted.fps * _RATE_SLACK else fps / wanted.fps
    size = min(1.0, mode.width / wanted.width) * min(1.0, mode.height / wanted.height)
    return -round(rate * size, 3), mode.width * mode.height, max(1.0, fps / wanted.fps), _format_cost(mode, fps)


def _format_cost(mode: Mode, fps: float) -> int:
    if mode.code != "YUYV":
        return 1
    return 0 if 2.0 * mode.width * mode.height * fps <= _BUS_BYTES else 2
