"""Where everybody stands to all zones of a channel, worked out once a scene for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import diagonal
from edge.model.scene import Scene, Track
from edge.rules.anchor import AnchorKind
from edge.rules.region import Numbers, Regions, margin_limit
from edge.rules.walks import Steps, Walks
from edge.settings import ZoneSettings

_MARGIN_OF_BOX = 0.1
"""The margin is at most this share of a box's height; see anchor.margin_of."""

DEEP, NEAR = 2, 1
"""How one stands to a zone: deep inside is DEEP, inside near its outline NEAR; outside the same below nought."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One scene's answer: rows are those of `steps`, columns the zones in the order in which they were added.

    `tracks` are the objects there. `off` is how far inside, `came` the same at the sighting before, with its time
    `came_s` (NaN where there was none). `stands` is DEEP, NEAR, -NEAR or -DEEP. `changed` are, for each zone, the
    objects that stand otherwise than before.
    """

    steps: Steps
    tracks: dict[int, Track]
    off: Numbers
    came: Numbers
    came_s: Numbers
    margin: Numbers
    stands: NDArray[np.int8]
    changed: dict[int, list[int]]


@dataclass(slots=True)
class _Memory:
    """What is remembered of each object, a row of the tables each: how it stood to each zone, and when."""

    row_of: dict[int, int] = field(default_factory=dict)
    free: list[int] = field(default_factory=list)
    off: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    stands: NDArray[np.int8] = field(default_factory=lambda: np.empty((0, 0), np.int8))
    seen_s: Numbers = field(default_factory=lambda: np.empty(0))

    def rows(self, ids: Sequence[int]) -> list[int]:
        """Return the row of each object; one that is new is nowhere yet: far outside of all zones."""
        missing = [key for key in dict.fromkeys(ids) if key not in self.row_of]
        if len(missing) > len(self.free):
            self._grow(len(missing))
        for key in missing:
            row = self.row_of[key] = self.free.pop()
            self.off[row], self.stands[row], self.seen_s[row] = -np.inf, -DEEP, np.nan
        return [self.row_of[key] for key in ids]

    def forget(self, object_id: int) -> None:
        """Forget an object."""
        row = self.row_of.pop(object_id, None)
        if row is not None:
            self.free.append(row)

    def _grow(self, by: int) -> None:
        before, zones = self.off.shape
        more = max(by, before, 16)
        self.off = np.vstack((self.off, np.empty((more, zones))))
        self.stands = np.vstack((self.stands, np.empty((more, zones), np.int8)))
        self.seen_s = np.concatenate((self.seen_s, np.empty(more)))
        self.free += range(before + more - 1, before - 1, -1)


class Grounds:
    """The zones of a channel that judge by one kind of anchor. All are added before the first scene."""

    def __init__(self, walks: Walks, kind: AnchorKind) -> None:
        self._walks = walks
        self._kind = kind
        self._zones: list[ZoneSettings] = []
        self._memory = _Memory()
        self._regions: Regions | None = None
        self._share = self._limit = np.empty(0)
        self._aspect = 0.0
        self._scene: Scene | None = None
        self._ground: Ground | None = None

    def add(self, zone: ZoneSettings) -> int:
        """Take in a zone; return its column, the same for zones that lie alike."""
        for column, other in enumerate(self._zones):
            if (other.polygon, other.margin) == (zone.polygon, zone.margin):
                return column
        self._zones.append(zone)
        return len(self._zones) - 1

    def look(self, scene: Scene) -> Ground:
        """Return where everybody seen in this scene stands; scenes come in order."""
        if scene is not self._scene or self._ground is None:
            self._forget()
            self._scene = scene
            if scene.aspect != self._aspect:
                self._fit(scene.aspect)
            tracks = {track.object_id: track for track in scene.tracks}
            self._ground = self._work_out(self._walks.steps(scene, self._kind), tracks)
        return self._ground

    def _forget(self) -> None:
        """Forget who ended with the scene before."""
        if self._scene is not None:
            for track in self._scene.ended:
                self._memory.forget(track.object_id)
            if len(self._memory.row_of) > 2 * len(self._scene.tracks) + 16:
                alive = {track.object_id for track in self._scene.tracks}
                for key in [key for key in self._memory.row_of if key not in alive]:
                    self._memory.forget(key)

    def _fit(self, aspect: float) -> None:
        """Lay the zones into a picture of this shape; a camera that changes its shape starts anew."""
        outlines = [zone.polygon for zone in self._zones]
        self._aspect, self._regions = aspect, Regions(outlines, aspect)
        self._share = np.array([zone.margin for zone in self._zones]) * diagonal(aspect)
        self._limit = np.array([margin_limit(corners, aspect) for corners in outlines])
        count = len(self._zones)
        self._memory = _Memory(off=np.empty((0, count)), stands=np.empty((0, count), np.int8))

    def _work_out(self, steps: Steps, tracks: dict[int, Track]) -> Ground:
        count, zones = len(steps.tracks), len(self._zones)
        if not count or self._regions is None:
            nothing = np.empty((0, zones))
            return Ground(steps, tracks, nothing, nothing, np.empty(0), nothing, nothing.astype(np.int8), {})
        off = self._regions.off(steps.now)
        margin = np.minimum(np.minimum(self._share, self._limit), _MARGIN_OF_BOX * steps.height[:, None])
        stands = np.where(off >= 0.0, NEAR, -NEAR).astype(np.int8)
        stands += off >= margin
        stands -= off <= -margin
        return self._compare(steps, tracks, off, margin, stands)

    def _compare(
        self, steps: Steps, tracks: dict[int, Track], off: Numbers, margin: Numbers, stands: NDArray[np.int8]
    ) -> Ground:
        """Hold a scene against what was before it, and remember it."""
        ids = [track.object_id for track in steps.tracks]
        memory, now_s = self._memory, np.array([each.stream_s for each in steps.sightings])
        kept = memory.rows(ids)
        came, stood, came_s = memory.off[kept], memory.stands[kept], memory.seen_s[kept]
        rows = steps.rows
        if len(rows) < len(ids):  # somebody has several sightings, each after the one before
            later = np.flatnonzero([key == other for key, other in zip(ids[1:], ids, strict=False)]) + 1
            came[later], stood[later], came_s[later] = off[later - 1], stands[later - 1], now_s[later - 1]
        last = [each.stop - 1 for each in rows.values()]
        slots = [kept[row] for row in last]
        memory.off[slots], memory.stands[slots], memory.seen_s[slots] = off[last], stands[last], now_s[last]
        changed: dict[int, list[int]] = {}
        for row, zone in np.argwhere(stands != stood).tolist():
            changed.setdefault(zone, []).append(ids[row])
        return Ground(steps, tracks, off, came, came_s, margin, stands, changed)
