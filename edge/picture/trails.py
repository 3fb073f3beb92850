"""Where objects have been of late, to be drawn behind them."""

from collections.abc import Mapping
from typing import Final

from edge.model.geometry import Point
from edge.model.scene import Scene, Sighting

TRAIL_S: Final = 4.0


class Trails:
    """Keeps each followed object's places of the last TRAIL_S seconds; those of an ended track are forgotten."""

    def __init__(self) -> None:
        self._seen: dict[int, list[Sighting]] = {}

    def update(self, scene: Scene) -> None:
        """Take in the next scene of the channel."""
        for track in scene.tracks:
            kept = [*self._seen.get(track.object_id, ()), *track.new]
            self._seen[track.object_id] = [seen for seen in kept if seen.stream_s > scene.stream_s - TRAIL_S]
        followed = {track.object_id for track in scene.tracks}
        for object_id in [kept for kept in self._seen if kept not in followed]:
            del self._seen[object_id]

    def points(self) -> Mapping[int, tuple[Point, ...]]:
        """Return each object's places, the oldest first: the bottom centres of its boxes, in fractions of the frame."""
        return {
            object_id: tuple(sighting.box.bottom_center for sighting in seen) for object_id, seen in self._seen.items()
        }
