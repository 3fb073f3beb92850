"""From a camera's buffer to a picture in memory of our own: one copy, turned on the way where that is asked for."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from edge.capture.source import CameraStatus, CaptureError
from edge.model.scene import Picture, Plane

PLANAR, PAIRED = ("YUV420", "YVU420"), ("NV12", "NV21")
_BLUE_LAST = ("YVU420", "NV21")
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Layout:
    """How one stream lies in its buffer: lines of `stride` bytes, of which some at the end are padding.

    CaptureError BROKEN where it is of a format that is not known.
    """

    def __init__(self, stream: Mapping[str, Any], rotation: int, *, full_range: bool) -> None:
        self._width, self._height = stream["size"]
        self._stride = int(stream["stride"])
        self._format = str(stream["format"])
        self._turn = _TURNS.get(rotation)
        self._full_range = full_range
        self.size = (self._height, self._width) if rotation % 180 else (self._width, self._height)
        if self._format not in (*PLANAR, *PAIRED):
            known = ", ".join((*PLANAR, *PAIRED))
            raise CaptureError(CameraStatus.BROKEN, f"the camera gives {self._format}; expected one of {known}")

    def copied(self, buffer: Plane) -> Picture:
        """Return the picture in a buffer of bytes, in new memory; ValueError where the buffer is too short."""
        height, stride = self._height, self._stride
        luma = buffer[: height * stride].reshape(height, stride)[:, : self._width]
        rest = buffer[height * stride : height * stride * 3 // 2]
        if self._format in PLANAR:
            first, second = rest.reshape(2, height // 2, stride // 2)[:, :, : self._width // 2]
        else:
            pairs = rest.reshape(height // 2, stride)[:, : self._width]
            first, second = pairs[:, ::2], pairs[:, 1::2]
        blue, red = (second, first) if self._format in _BLUE_LAST else (first, second)
        return Picture(self._own(luma), self._own(blue), self._own(red), self._full_range)

    def _own(self, plane: Plane) -> Plane:
        if self._turn is None:
            return np.array(plane)
        return np.asarray(cv2.rotate(plane, self._turn), np.uint8)


def is_full_range(configuration: Mapping[str, Any]) -> bool:
    """Tell whether a camera's black is 0 and its white 255, by the configuration in force."""
    space = configuration.get("colour_space")
    return getattr(getattr(space, "range", None), "name", "") == "Full"
