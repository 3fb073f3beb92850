"""From the camera's I420 planes to BGR, scaled on the way."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Picture, Plane

Bgr = NDArray[np.uint8]
"""A picture of shape (height, width, 3), channels blue, green, red."""


def _stretch(low: int, span: int, start: int) -> Plane:
    """Return the table that maps limited range to full: `low` becomes `start`, `span` levels become 255."""
    levels = np.arange(256, dtype=np.float64)
    return np.clip(np.rint((levels - low) * 255.0 / span + start), 0, 255).astype(np.uint8)


LUMA: Final = _stretch(16, 219, 0)
CHROMA: Final = _stretch(128, 224, 128)


def scaled_size(width: int, height: int, max_width: int) -> tuple[int, int]:
    """Return (width, height) in pixels, reduced to `max_width`, never enlarged."""
    if width <= max_width:
        return width, height
    return max_width, max(1, round(height * max_width / width))


def to_bgr(picture: Picture, max_width: int) -> Bgr:
    """Return the picture in new memory as BGR, at most `max_width` pixels wide (BT.601 colours)."""
    size = scaled_size(picture.width, picture.height, max_width)
    planes = [_resized(plane, size) for plane in (picture.y, picture.v, picture.u)]
    if not picture.full_range:
        planes = [_looked_up(plane, table) for plane, table in zip(planes, (LUMA, CHROMA, CHROMA), strict=True)]
    return cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2BGR).astype(np.uint8, copy=False)


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    """Scale one plane to (width, height): whole steps by area, the rest linear (area at a fraction costs 20 times)."""
    height, width = plane.shape
    step = min(width // size[0], height // size[1])
    if step > 1:
        part = plane[: height // step * step, : width // step * step]
        plane = cv2.resize(part, (width // step, height // step), interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
    return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _looked_up(plane: Plane, table: Plane) -> Plane:
    return cv2.LUT(plane, table).astype(np.uint8, copy=False)
