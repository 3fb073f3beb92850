"""Cameras: every kind of source of frames."""
