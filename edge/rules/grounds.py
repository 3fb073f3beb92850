"""Where everybody stands to all zones of a channel, worked out once a scene for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import diagonal
from edge.model.scene import Scene
from edge.rules.anchor import AnchorKind
from edge.rules.region import Numbers, Regions, margin_limit
from edge.rules.walks import Steps, Walked, Walks
from edge.settings import ZoneSettings

_MARGIN_OF_BOX = 0.1
"""The margin is at most this share of a box's height; see anchor.margin_of."""

DEEP, NEAR = 2, 1
"""How one stands to a zone: deep inside is DEEP, inside near its outline NEAR; outside the same below nought."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One scene's answer, a row for each zone in the order in which they were added, a column for each of `walked`.

    `off` is how far inside, `came` the same at the sighting before (there may be none).
    `stands` is DEEP, NEAR, -NEAR or -DEEP. `changed` are, for each zone, the objects that stand otherwise than before.
    """

    walked: Walked
    off: Numbers
    came: Numbers
    margin: Numbers
    stands: NDArray[np.int8]
    changed: Mapping[int, Sequence[int]]


class _Memory:
    """How each object stood to each zone at its last sighting: a row for each zone, a column for each slot."""

    def __init__(self, zones: int) -> None:
        self._off = np.empty((zones, 0))
        self._stands = np.empty((zones, 0), np.int8)

    def swap(self, walked: Walked, off: Numbers, stands: NDArray[np.int8]) -> tuple[Numbers, NDArray[np.int8]]:
        """Return how it was before each sighting, and remember how it is; who is new was far outside of all zones."""
        slots, more = walked.slots, walked.room - self._off.shape[1]
        if more > 0:
            self._off = np.hstack((self._off, np.empty((len(off), more))))
            self._stands = np.hstack((self._stands, np.empty((len(off), more), np.int8)))
        came, stood = self._off.take(slots, axis=1), self._stands.take(slots, axis=1)
        if len(walked.rows) < len(slots):  # somebody has several sightings, each after the one before
            later = [row for rows in walked.rows.values() for row in rows[1:]]
            before = np.array(later, np.intp) - 1
            came[:, later], stood[:, later] = off[:, before], stands[:, before]
            last = [rows[-1] for rows in walked.rows.values()]
            slots, off, stands = slots[last], off[:, last], stands[:, last]
        if walked.fresh:
            came[:, walked.fresh], stood[:, walked.fresh] = -np.inf, -DEEP
        self._off[:, slots], self._stands[:, slots] = off, stands
        return came, stood


class Grounds:
    """The zones of a channel that judge by one kind of anchor. All are added before the first scene."""

    def __init__(self, walks: Walks, kind: AnchorKind) -> None:
        self._walks = walks
        self._kind = kind
        self._zones: list[ZoneSettings] = []
        self._memory = _Memory(0)
        self._regions = Regions((), 1.0)
        self._limit = np.empty((0, 1))
        self._aspect = 0.0
        self._scene: Scene | None = None
        self._ground: Ground | None = None

    def add(self, zone: ZoneSettings) -> int:
        """Take in a zone; return its row, the same for zones that lie alike."""
        for row, other in enumerate(self._zones):
            if (other.polygon, other.margin) == (zone.polygon, zone.margin):
                return row
        self._zones.append(zone)
        return len(self._zones) - 1

    def look(self, scene: Scene) -> Ground:
        """Return where everybody seen in this scene stands; scenes come in order."""
        if scene is not self._scene or self._ground is None:
            self._scene = scene
            if scene.aspect != self._aspect:
                self._fit(scene.aspect)
            self._ground = self._work_out(self._walks.steps(scene, self._kind))
        return self._ground

    def _fit(self, aspect: float) -> None:
        """Lay the zones into a picture of this shape; a camera that changes its shape starts anew."""
        outlines = [zone.polygon for zone in self._zones]
        self._aspect, self._regions = aspect, Regions(outlines, aspect)
        shares = np.array([zone.margin for zone in self._zones]) * diagonal(aspect)
        self._limit = np.minimum(shares, [margin_limit(corners, aspect) for corners in outlines])[:, None]
        self._memory = _Memory(len(self._zones))

    def _work_out(self, steps: Steps) -> Ground:
        walked = steps.walked
        if not walked.tracks:
            nothing = np.empty((len(self._zones), 0))
            return Ground(walked, nothing, nothing, nothing, nothing.astype(np.int8), {})
        off = self._regions.off(steps.now)
        margin = np.minimum(self._limit, _MARGIN_OF_BOX * (walked.now[3] - walked.now[2]))
        stands = np.where(off >= 0.0, NEAR, -NEAR).astype(np.int8)
        stands += off >= margin
        stands -= off <= -margin
        came, stood = self._memory.swap(walked, off, stands)
        changed: dict[int, list[int]] = {}
        zones, columns = (stands != stood).nonzero()
        for zone, column in zip(zones.tolist(), columns.tolist(), strict=True):
            changed.setdefault(zone, []).append(walked.tracks[column].object_id)
        return Ground(walked, off, came, margin, stands, changed)
