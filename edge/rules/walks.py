"""Where everybody went with a scene, worked out once for all rules of a channel.

Places are in units of the frame's height on both axes (see anchor.py).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.event import Waypoint
from edge.model.scene import Scene, Sighting, Track
from edge.rules.anchor import AnchorKind

Numbers = NDArray[np.float64]

_PATH_STEP_S = 0.2
_PATH_KEPT = 40


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """All new sightings of a scene, a row each, an object's in their order: the step that led to each.

    `before` and `now` are (rows, 2): the anchor at the sighting before, NaN where there was none, and at this one.
    `height` is the box's height, in shares of the frame's.
    """

    tracks: tuple[Track, ...]
    sightings: tuple[Sighting, ...]
    before: Numbers
    now: Numbers
    height: Numbers


class Walks:
    """Remembers each object's last place and its path of late; shared by the rules of one channel.

    Every rule asks with each scene; the answer is worked out at the first time. Scenes come in order.
    """

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._steps: dict[AnchorKind, Steps] = {}
        self._last: dict[int, Sighting] = {}
        self._before: dict[int, Sighting] = {}
        self._paths: dict[int, deque[Sighting]] = {}

    def steps(self, scene: Scene, kind: AnchorKind) -> Steps:
        """Return the steps of a scene; a scene that is not settled has none, and they are never made up for."""
        self._advance(scene)
        if kind not in self._steps:
            self._steps[kind] = self._work_out(scene, kind)
        return self._steps[kind]

    def path(self, object_id: int, kind: AnchorKind) -> tuple[Waypoint, ...]:
        """Return where an object was of late, oldest first, in fractions of the frame; empty for one not known."""
        sightings = self._paths.get(object_id, ())
        places = [(each, each.box.bottom_center if kind == "bottom_center" else each.box.center) for each in sightings]
        return tuple(Waypoint(each.stream_s, place.x, place.y) for each, place in places)

    def _advance(self, scene: Scene) -> None:
        """Take a new scene in; who ended with the scene before is forgotten."""
        if scene is self._scene:
            return
        if self._scene is not None:
            for track in self._scene.ended:
                self._last.pop(track.object_id, None)
                self._paths.pop(track.object_id, None)
        self._scene = scene
        self._steps.clear()
        self._before = {}
        if not scene.settled:
            return
        for track in (*scene.tracks, *scene.ended):
            if track.new:
                self._remember(track)

    def _remember(self, track: Track) -> None:
        before = self._last.get(track.object_id)
        if before is not None:
            self._before[track.object_id] = before
        self._last[track.object_id] = track.new[-1]
        path = self._paths.setdefault(track.object_id, deque(maxlen=_PATH_KEPT))
        for sighting in track.new:
            if not path or sighting.stream_s - path[-1].stream_s >= _PATH_STEP_S - 1e-6:
                path.append(sighting)

    def _work_out(self, scene: Scene, kind: AnchorKind) -> Steps:
        rows = [
            (track, sighting, before)
            for track in ((*scene.tracks, *scene.ended) if scene.settled else ())
            for sighting, before in zip(track.new, (self._before.get(track.object_id), *track.new), strict=False)
        ]
        now = _anchors([sighting for _, sighting, _ in rows], kind, scene.aspect)
        known = [row for row, (_, _, before) in enumerate(rows) if before is not None]
        before = np.full((len(rows), 2), np.nan)
        before[known] = _anchors([each for _, _, each in rows if each is not None], kind, scene.aspect)
        height = np.array([sighting.box.height for _, sighting, _ in rows])
        return Steps(tuple(row[0] for row in rows), tuple(row[1] for row in rows), before, now, height)


def _anchors(sightings: list[Sighting], kind: AnchorKind, aspect: float) -> Numbers:
    corners = [(each.box.left, each.box.top, each.box.right, each.box.bottom) for each in sightings]
    left, top, right, bottom = np.array(corners, np.float64).reshape(-1, 4).T
    return np.column_stack(((left + right) / 2 * aspect, bottom if kind == "bottom_center" else (top + bottom) / 2))
