"""Where everybody went with a scene, worked out once for all rules of a channel.

Places are in units of the frame's height on both axes (see anchor.py).
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
class Walked:
    """All new sightings of a scene, a row each, an object's in their order.

    `came` are the sightings before, None where there was none; `rows` says which rows are an object's. `corners` are
    (4, 2 * rows): left, right, top and bottom, in fractions of the frame, of the sightings before (of the new ones,
    where there was none), then of the new ones.

    Each object has a slot, a small number that is its own while it is known; `slots` are those of the rows, all below
    `room`. `fresh` are the rows without a sighting before: what was kept for their slots was another's.
    """

    tracks: Sequence[Track]
    sightings: Sequence[Sighting]
    came: Sequence[Sighting | None]
    rows: Mapping[int, range]
    fresh: Sequence[int]
    slots: NDArray[np.intp]
    room: int
    corners: Numbers

    @property
    def now(self) -> Numbers:
        """The corners of the new sightings: (4, rows)."""
        return self.corners[:, len(self.tracks) :]


NOBODY = Walked((), (), (), {}, (), np.empty(0, np.intp), 0, np.empty((4, 0)))


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps that led to a scene's new sightings, as one anchor went.

    `before` is where each began, `now` where it ended: (3, rows of `walked`), x, y and ones. A step without a beginning
    begins where it ends.
    """

    walked: Walked
    before: Numbers
    now: Numbers


@dataclass(slots=True, eq=False)
class _Known:
    """What is remembered of one object: its slot, its last sighting with its corners, and its path.

    The path goes on at `due_s`; `taken` is how many sightings it has had. `places` are as many of them as were asked
    for, as places of an anchor: they are worked out up to `placed`.
    """

    slot: int
    last: Sighting
    corners: Corners
    path: deque[Sighting] = field(default_factory=lambda: deque(maxlen=_PATH_KEPT))
    due_s: float = -math.inf
    taken: int = 0
    places: dict[AnchorKind, deque[Waypoint]] = field(default_factory=dict)
    placed: dict[AnchorKind, int] = field(default_factory=dict)

    def shown(self, kind: AnchorKind) -> tuple[Waypoint, ...]:
        """Return the path as it is shown."""
        places = self.places.get(kind)
        if places is None:
            places = self.places[kind] = deque(maxlen=_PATH_KEPT)
        missing = self.taken - self.placed.get(kind, 0)
        if missing:
            self.placed[kind] = self.taken
            places.extend([_waypoint(each, kind) for each in tuple(self.path)[-missing:]])
        return tuple(places)[::-_SHOWN][::-1]


class Walks:
    """Remembers each object's last place and its path of late; shared by the rules of one channel.

    Every rule asks with each scene; the answer is worked out at the first time. Scenes come in order. A camera that
    changes the shape of its picture starts anew.
    """

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._walked = NOBODY
        self._present: Mapping[int, Track] = {}
        self._steps: dict[AnchorKind, Steps] = {}
        self._known: dict[int, _Known] = {}
        self._free: list[int] = []
        self._room = 0
        self._paths: dict[tuple[int, AnchorKind], tuple[Waypoint, ...]] = {}

    def walked(self, scene: Scene) -> Walked:
        """Return who was seen anew with a scene; nobody, while it is not settled, and that is never made up for."""
        if scene is not self._scene:
            self._advance(scene)
        return self._walked

    def present(self, scene: Scene) -> Mapping[int, Track]:
        """Return the objects of a scene by their ids."""
        if scene is not self._scene:
            self._advance(scene)
        return self._present

    def steps(self, scene: Scene, kind: AnchorKind) -> Steps:
        """Return the same as steps of one anchor."""
        walked = self.walked(scene)
        steps = self._steps.get(kind)
        if steps is None:
            steps = self._steps[kind] = _steps(walked, kind, scene.aspect)
        return steps

    def path(self, object_id: int, kind: AnchorKind) -> tuple[Waypoint, ...]:
        """Return where an object was of late, oldest first, in fractions of the frame; empty for one not known."""
        path = self._paths.get((object_id, kind))
        if path is None:
            known = self._known.get(object_id)
            path = self._paths[object_id, kind] = () if known is None else known.shown(kind)
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
            self._forget(self._scene.ended)
            if scene.aspect != self._scene.aspect:
                self._forget_all(self._known.copy())
        self._scene = scene
        self._present = {track.object_id: track for track in scene.tracks}
        self._steps.clear()
        self._paths.clear()
        self._walked = self._walk((*scene.tracks, *scene.ended)) if scene.settled else NOBODY

    def _forget(self, ended: Iterable[Track]) -> None:
        self._forget_all(track.object_id for track in ended)
        if len(self._known) > len(self._present):
            self._forget_all(self._known.keys() - self._present.keys())

    def _forget_all(self, object_ids: Iterable[int]) -> None:
        for object_id in object_ids:
            known = self._known.pop(object_id, None)
            if known is not None:
                self._free.append(known.slot)

    def _walk(self, moved: Iterable[Track]) -> Walked:
        tracks: list[Track] = []
        sightings: list[Sighting] = []
        came: list[Sighting | None] = []
        rows: dict[int, range] = {}
        fresh: list[int] = []
        slots: list[int] = []
        starts: list[float] = []
        ends: list[float] = []
        for track in moved:
            known, begin = self._known.get(track.object_id), len(tracks)
            for sighting in track.new:
                box = sighting.box
                corners = (box.left, box.right, box.top, box.bottom)
                if known is None:
                    fresh.append(len(tracks))
                    came.append(None)
                    starts += corners
                    known = self._known[track.object_id] = _Known(self._slot(), sighting, corners)
                else:
                    came.append(known.last)
                    starts += known.corners
                    known.last, known.corners = sighting, corners
                ends += corners
                tracks.append(track)
                sightings.append(sighting)
                slots.append(known.slot)
                if sighting.stream_s >= known.due_s:
                    known.path.append(sighting)
                    known.taken += 1
                    known.due_s = sighting.stream_s + _PATH_STEP_S - _ROUNDING
            if track.new:
                rows[track.object_id] = range(begin, len(tracks))
        if not tracks:
            return NOBODY
        both = np.array(starts + ends).reshape(-1, 4).T
        return Walked(tracks, sightings, came, rows, fresh, np.array(slots, np.intp), self._room, both)

    def _slot(self) -> int:
        """Return a slot that is free."""
        if self._free:
            return self._free.pop()
        self._room += 1
        return self._room - 1


def _steps(walked: Walked, kind: AnchorKind, aspect: float) -> Steps:
    count = len(walked.tracks)
    left, right, top, bottom = walked.corners
    spots = np.empty((3, 2 * count))
    spots[0] = (left + right) / 2 * aspect
    spots[1] = bottom if kind == "bottom_center" else (top + bottom) / 2
    spots[2] = 1.0
    return Steps(walked, spots[:, :count], spots[:, count:])


def _waypoint(sighting: Sighting, kind: AnchorKind) -> Waypoint:
    box = sighting.box
    y = box.bottom if kind == "bottom_center" else (box.top + box.bottom) / 2
    return Waypoint(sighting.stream_s, (box.left + box.right) / 2, y)
