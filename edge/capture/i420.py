"""Decoded video as I420 pictures, without a copy where the decoder already gives that."""

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange

from edge.model.scene import Picture, Plane

_PLANAR = {"yuv420p": False, "yuvj420p": True}


def picture_of(frame: av.VideoFrame) -> Picture:
    """Return the frame's picture.

    With 4:2:0 video of 8 bits the planes are views into the decoder's buffer, which lives as long as they do; any other
    format is converted. Rotation noted in a file's metadata is not applied: cameras do not write it.
    """
    full_range = frame.color_range == ColorRange.JPEG or _PLANAR.get(frame.format.name, False)
    if frame.format.name not in _PLANAR or any(plane.line_size <= 0 for plane in frame.planes):
        frame = frame.reformat(format="yuv420p", dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG)
    chroma_width, chroma_height = (frame.width + 1) // 2, (frame.height + 1) // 2
    y, u, v = frame.planes
    return Picture(
        _view(y, frame.width, frame.height),
        _view(u, chroma_width, chroma_height),
        _view(v, chroma_width, chroma_height),
        full_range,
    )


def _view(plane: VideoPlane, width: int, height: int) -> Plane:
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8, plane.line_size * height)
    return rows.reshape(height, plane.line_size)[:, :width]
