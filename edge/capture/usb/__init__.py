"""Cameras on USB, by the kernel's V4L2 interface."""
