"""Makes boxes and frames by hand, for tests of the tracker."""

from collections.abc import Iterable, Sequence

import numpy as np

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Frame, Picture, Scene
from edge.track.tracker import Tracker

FPS = 5.0
_PICTURE = Picture(np.zeros((90, 160), np.uint8), np.zeros((45, 80), np.uint8), np.zeros((45, 80), np.uint8))


def frame(stream_s: float) -> Frame:
    """Return a frame of 16:9 with nothing in it."""
    return Frame("c", round(stream_s * 100), round(stream_s * 1e6), stream_s, _PICTURE)


def person(x: float, foot: float = 0.7, height: float = 0.2) -> Box:
    """Return the box of someone standing at x, foot."""
    half = height * 9 / 16 * 0.2
    return Box(x - half, foot - height, x + half, foot)


def follow(tracker: Tracker, boxes: Iterable[Sequence[Box]], start_s: float = 0.0, fps: float = FPS) -> list[Scene]:
    """Show frame after frame; each is a list of boxes."""
    scenes = []
    for number, found in enumerate(boxes):
        shown = frame(start_s + number / fps)
        tracker.expected(shown.stream_s)
        scenes.append(tracker.update(shown, Detections(tuple(Detection(box) for box in found))))
    return scenes


def ids(scenes: Iterable[Scene]) -> set[int]:
    """Return the ids of all objects in the scenes."""
    return {track.object_id for scene in scenes for track in scene.tracks}
