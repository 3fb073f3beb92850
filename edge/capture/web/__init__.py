"""Cameras by HTTP: still pictures, asked for again and again, and MJPEG streams."""
