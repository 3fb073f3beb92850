"""Tracking: detections to tracks."""
