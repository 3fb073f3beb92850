"""Where everybody went with a scene, worked out once for all rules of a channel.

Places are in units of the frame's height on both axes (see anchor.py).
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.event import Waypoint
from edge.model.scene import Scene, Sighting, Track
from edge.rules.anchor import AnchorKind

Numbers = NDArray[np.float64]

_PATH_STEP_S = 0.2
_PATH_KEPT = 25
"""The last five seconds are kept."""

_SHOWN = 2
"""A path that is shown has every second of the places kept, with the last."""

_ROUNDING = 1e-6
Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """All new sightings of a scene, a row each, an object's in their order: the step that led to each.

    `before` and `now` are (rows, 2): the anchor at the sighting before, NaN where there was none, and at this one.
    `came` are the sightings before, None where there was none; `rows` says which rows are an object's. `height` is the
    box's height, in shares of the frame's. `spots` are (2 * rows, 3): where each step began (where it ended, if it had
    no beginning), below that where each ended, and a column of ones.
    """

    tracks: Sequence[Track]
    sightings: Sequence[Sighting]
    came: Sequence[Sighting | None]
    rows: dict[int, range]
    before: Numbers
    now: Numbers
    height: Numbers
    spots: Numbers


_NO_STEPS = Steps([], [], [], {}, np.empty((0, 2)), np.empty((0, 2)), np.empty(0), np.empty((0, 3)))


@dataclass(slots=True)
class _Known:
    """What is remembered of one object: its last sighting with its corners, its path, and when that goes on."""

    last: Sighting
    corners: Corners
    path: deque[Sighting]
    due_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The steps of a scene before an anchor is chosen; `corners` of the sightings before, below them of the new ones.

    A row of `corners` is left, right, top, bottom in fractions of the frame. `fresh` are the rows without one before.
    """

    tracks: list[Track]
    sightings: list[Sighting]
    came: list[Sighting | None]
    rows: dict[int, range]
    fresh: list[int]
    corners: Numbers


_NOTHING = _Rows([], [], [], {}, [], np.empty((0, 4)))


class Walks:
    """Remembers each object's last place and its path of late; shared by the rules of one channel.

    Every rule asks with each scene; the answer is worked out at the first time. Scenes come in order. A camera that
    changes the shape of its picture starts anew.
    """

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._rows = _NOTHING
        self._steps: dict[AnchorKind, Steps] = {}
        self._known: dict[int, _Known] = {}
        self._paths: dict[tuple[int, AnchorKind], tuple[Waypoint, ...]] = {}

    def steps(self, scene: Scene, kind: AnchorKind) -> Steps:
        """Return the steps of a scene; a scene that is not settled has none, and they are never made up for."""
        if scene is not self._scene:
            self._advance(scene)
        steps = self._steps.get(kind)
        if steps is None:
            steps = self._steps[kind] = self._work_out(scene, kind) if self._rows.tracks else _NO_STEPS
        return steps

    def path(self, object_id: int, kind: AnchorKind) -> tuple[Waypoint, ...]:
        """Return where an object was of late, oldest first, in fractions of the frame; empty for one not known."""
        path = self._paths.get((object_id, kind))
        if path is None:
            foot = kind == "bottom_center"
            boxes = [(each.stream_s, each.box) for each in self.sightings(object_id)[::-_SHOWN][::-1]]
            path = self._paths[object_id, kind] = tuple(
                Waypoint(at_s, (box.left + box.right) / 2, box.bottom if foot else (box.top + box.bottom) / 2)
                for at_s, box in boxes
            )
        return path

    def sightings(self, object_id: int) -> tuple[Sighting, ...]:
        """Return where an object was seen of late, oldest first, some five a second; empty for one not known."""
        known = self._known.get(object_id)
        return () if known is None else tuple(known.path)

    def last(self, object_id: int) -> Sighting | None:
        """Return the last believed sighting of an object, None for one not known."""
        known = self._known.get(object_id)
        return None if known is None else known.last

    def _advance(self, scene: Scene) -> None:
        """Take a new scene in; who ended with the scene before, or has vanished since, is forgotten."""
        if self._scene is not None:
            self._forget(self._scene)
            if scene.aspect != self._scene.aspect:
                self._known.clear()
        self._scene = scene
        self._steps.clear()
        self._paths.clear()
        self._rows = self._walk((*scene.tracks, *scene.ended) if scene.settled else ())

    def _forget(self, scene: Scene) -> None:
        for track in scene.ended:
            self._known.pop(track.object_id, None)
        if len(self._known) > len(scene.tracks):
            alive = {track.object_id for track in scene.tracks}
            self._known = {key: known for key, known in self._known.items() if key in alive}

    def _walk(self, moved: Iterable[Track]) -> _Rows:
        tracks: list[Track] = []
        sightings: list[Sighting] = []
        came: list[Sighting | None] = []
        rows: dict[int, range] = {}
        fresh: list[int] = []
        starts: list[float] = []
        ends: list[float] = []
        for track in moved:
            new = track.new
            if not new:
                continue
            key, begin = track.object_id, len(tracks)
            known = self._known.get(key)
            for sighting in new:
                box = sighting.box
                corners = (box.left, box.right, box.top, box.bottom)
                tracks.append(track)
                sightings.append(sighting)
                ends += corners
                if known is None:
                    fresh.append(len(came))
                    came.append(None)
                    starts += corners
                    known = self._known[key] = _Known(sighting, corners, deque(maxlen=_PATH_KEPT), -np.inf)
                else:
                    came.append(known.last)
                    starts += known.corners
                    known.last, known.corners = sighting, corners
                if sighting.stream_s >= known.due_s:
                    known.path.append(sighting)
                    known.due_s = sighting.stream_s + _PATH_STEP_S - _ROUNDING
            rows[key] = range(begin, len(tracks))
        if not tracks:
            return _NOTHING
        return _Rows(tracks, sightings, came, rows, fresh, np.array(starts + ends).reshape(-1, 4))

    def _work_out(self, scene: Scene, kind: AnchorKind) -> Steps:
        given = self._rows
        count, corners = len(given.tracks), given.corners
        spots = np.ones((2 * count, 3))
        spots[:, 0] = (corners[:, 0] + corners[:, 1]) / 2 * scene.aspect
        spots[:, 1] = corners[:, 3] if kind == "bottom_center" else (corners[:, 2] + corners[:, 3]) / 2
        before = spots[:count, :2]
        if given.fresh:
            before = before.copy()
            before[given.fresh] = np.nan
        height = corners[count:, 3] - corners[count:, 2]
        return Steps(given.tracks, given.sightings, given.came, given.rows, before, spots[count:, :2], height, spots)
