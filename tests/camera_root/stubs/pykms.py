"""Stands for kms++, which picamera2 imports for previews on a screen; nothing of it is used.

PyPI's `kms` is an unrelated package.
"""


class PixelFormat:
    """Any name is a format."""

    XBGR8888 = XRGB8888 = BGR888 = RGB888 = YUV420 = YVU420 = MJPEG = YUYV = NV12 = NV21 = None
