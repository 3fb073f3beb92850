"""The part of libcamera's Python binding that the program uses, for the fake picamera2 beside it."""

from dataclasses import dataclass
from enum import Enum


@dataclass
class Transform:
    """How a picture is turned by the camera."""

    hflip: bool = False
    vflip: bool = False


class Range(Enum):
    """Which levels are used."""

    Full = 0
    Limited = 1


class ColorSpace:
    """What the numbers of a picture mean."""

    def __init__(self, levels: Range) -> None:
        self.range = levels

    @classmethod
    def Smpte170m(cls) -> "ColorSpace":  # noqa: N802 - libcamera's name
        return cls(Range.Limited)

    @classmethod
    def Sycc(cls) -> "ColorSpace":  # noqa: N802 - libcamera's name
        return cls(Range.Full)
