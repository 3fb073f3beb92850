"""Privacy masks: parts of the picture that are painted over before anything sees or stores it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge.model.raster import Covered, covered
from edge.model.scene import Frame, Picture, Plane
from edge.settings import MaskSettings

GREY: Final = 128
"""Luma in the middle, and no colour."""


class PrivacyPainter:
    """Paints one channel's pictures; without a privacy mask it hands them on as they are.

    Every pixel that a polygon touches is painted; of the colours, which stand for two by two pixels, every one that has
    a painted pixel. The planes are copied, never written to: they may lie in a decoder's buffer.
    """

    def __init__(self, masks: Sequence[MaskSettings]) -> None:
        self._polygons = [mask.polygon for mask in masks if mask.kind == "privacy"]
        self._luma = self._chroma = np.zeros((0, 0), bool)

    def painted(self, frame: Frame) -> Frame:
        """Return the frame with its private parts painted over."""
        if not self._polygons:
            return frame
        picture = frame.picture
        if self._luma.shape != picture.y.shape:
            self._luma = covered(self._polygons, picture.width, picture.height)
            self._chroma = _halved(self._luma)
        y, u, v = _paint(picture.y, self._luma), _paint(picture.u, self._chroma), _paint(picture.v, self._chroma)
        return replace(frame, picture=Picture(y, u, v, picture.full_range))


def _paint(plane: Plane, where: Covered) -> Plane:
    copy = np.array(plane)
    np.copyto(copy, np.uint8(GREY), where=where)
    return copy


def _halved(luma: Covered) -> Covered:
    """Return which of the colours' pixels have a painted pixel among their two by two, of which some lie outside."""
    rows, columns = luma.shape
    whole = np.pad(luma, ((0, rows % 2), (0, columns % 2)))
    return np.asarray(whole[::2, ::2] | whole[1::2, ::2] | whole[::2, 1::2] | whole[1::2, 1::2])
