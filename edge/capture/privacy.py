"""Privacy masks: parts of the picture that are painted over before anything sees or stores it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge.model.raster import Covered, covered
from edge.model.scene import Frame, Larger, Picture, Plane
from edge.settings import MaskSettings

_SIZES = 2
"""One for the analysis, one for people."""
GREY: Final = 128
"""Luma in the middle, and no colour."""


class PrivacyPainter:
    """Paints one channel's pictures; without a privacy mask it hands them on as they are.

    Every pixel that a polygon touches is painted; of the colours, which stand for two by two pixels, every one that has
    a painted pixel. The planes are copied, never written to: they may lie in a decoder's buffer.
    """

    def __init__(self, masks: Sequence[MaskSettings]) -> None:
        self._polygons = [mask.polygon for mask in masks if mask.kind == "privacy"]
        self._covered: dict[tuple[int, int], tuple[Covered, Covered]] = {}

    def painted(self, frame: Frame) -> Frame:
        """Return the frame with its private parts painted over."""
        if not self._polygons:
            return frame
        larger = None if frame.larger is None else PaintedLarger(frame.larger, self)
        return replace(frame, picture=self.paint(frame.picture), larger=larger)

    def paint(self, picture: Picture) -> Picture:
        """Return a picture painted over; safe from every thread."""
        size = (picture.width, picture.height)
        found = self._covered.get(size)
        if found is None:
            if len(self._covered) >= _SIZES:
                self._covered.clear()
            whole = covered(self._polygons, *size)
            found = self._covered[size] = whole, _halved(whole)
        luma, chroma = found
        y, u, v = _paint(picture.y, luma), _paint(picture.u, chroma), _paint(picture.v, chroma)
        return Picture(y, u, v, picture.full_range)


class PaintedLarger:
    """A larger picture that is painted over before anybody has it; safe from every thread."""

    def __init__(self, larger: Larger, painter: PrivacyPainter) -> None:
        self._lock = threading.Lock()
        self._larger = larger
        self._painter = painter
        self._painted: Picture | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._larger.size

    def picture(self) -> Picture:
        """Return the picture painted over, made the first time."""
        with self._lock:
            if self._painted is None:
                self._painted = self._painter.paint(self._larger.picture())
            return self._painted


def _paint(plane: Plane, where: Covered) -> Plane:
    copy = np.array(plane)
    np.copyto(copy, np.uint8(GREY), where=where)
    return copy


def _halved(luma: Covered) -> Covered:
    """Return which of the colours' pixels have a painted pixel among their two by two, of which some lie outside."""
    rows, columns = luma.shape
    whole = np.pad(luma, ((0, rows % 2), (0, columns % 2)))
    return np.asarray(whole[::2, ::2] | whole[1::2, ::2] | whole[::2, 1::2] | whole[1::2, 1::2])
