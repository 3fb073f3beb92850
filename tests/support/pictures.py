"""Pictures, frames and scenes made for tests."""

import cv2
import numpy as np

from edge.model.geometry import Box
from edge.model.scene import Frame, Origin, Picture, Scene, Sighting, Track
from edge.picture.colour import Bgr


def plain_picture(width: int, height: int, bgr: tuple[int, int, int], *, full_range: bool = False) -> Picture:
    """Return a picture of one colour, by the equations of BT.601."""
    blue, green, red = (value / 255.0 for value in bgr)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma_blue, chroma_red = (blue - luma) / 1.772, (red - luma) / 1.402
    base, luma_span, chroma_span = (0, 255, 255) if full_range else (16, 219, 224)
    size = ((height + 1) // 2, (width + 1) // 2)
    return Picture(
        y=np.full((height, width), round(base + luma_span * luma), np.uint8),
        u=np.full(size, min(255, round(128 + chroma_span * chroma_blue)), np.uint8),
        v=np.full(size, min(255, round(128 + chroma_span * chroma_red)), np.uint8),
        full_range=full_range,
    )


def plain_frame(
    channel_id: str = "c", sequence: int = 0, *, size: tuple[int, int] = (320, 180), grey: int = 90
) -> Frame:
    """Return a grey frame of (width, height) `size`, ten frames a second."""
    picture = plain_picture(*size, (grey, grey, grey))
    return Frame(channel_id, sequence, 1_700_000_000_000_000 + sequence * 100_000, sequence / 10.0, picture)


def scene_of(frame: Frame, *boxes: Box) -> Scene:
    """Return a scene with one pedestrian a box, numbered from 1."""
    tracks = tuple(
        Track(number, box, Origin.PEDESTRIAN, 0.9, 0.0, frame.stream_s, (Sighting(frame.stream_s, box),))
        for number, box in enumerate(boxes, 1)
    )
    return Scene(frame.channel_id, frame.time_us, frame.stream_s, frame.picture.aspect, tracks)


def decoded(jpeg: bytes) -> Bgr:
    """Return a JPEG's pixels as BGR."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image.astype(np.uint8, copy=False)
