"""Stands for PiDNG's camera definitions."""


class Picamera2Camera:
    """Never made."""
