"""Stands for PiDNG, which picamera2 imports for raw pictures (DNG); nothing of it is used, and it has no wheel."""
