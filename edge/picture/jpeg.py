"""JPEG pictures of frames: for snapshots, the channel's still picture and MJPEG."""

import cv2

from edge.model.scene import Picture
from edge.picture.colour import Bgr, to_bgr


def encode(picture: Picture, *, max_width: int, quality: int) -> bytes:
    """Return the picture as JPEG, at most `max_width` pixels wide, never enlarged; `quality` from 1 to 100."""
    return encode_bgr(to_bgr(picture, max_width), quality=quality)


def encode_bgr(image: Bgr, *, quality: int) -> bytes:
    """Return a BGR picture as JPEG; `quality` from 1 to 100."""
    done, packed = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not done:
        raise ValueError(f"A picture of shape {image.shape} cannot be written as JPEG.")
    return packed.tobytes()
