"""Detectors: frames to detections."""
