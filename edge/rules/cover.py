"""Who moves in a scene, and how much of each zone their boxes cover: worked out once for all zones of a channel."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Scene, Sighting
from edge.rules.grounds import Grounds
from edge.rules.region import Numbers, Regions
from edge.rules.walks import Steps, Walks
from edge.settings import ZoneSettings

_GRID = 16
"""A zone's bounding box is cut into so many cells along each side."""

_AROUND = np.array((0, _GRID + 1, 1, _GRID + 2))
"""From the sum at a cell's first corner to those below, to its right, and across."""

_FINE = 6
"""Each cell's share of the zone is measured at so many places along each side."""

_GOOD_PART = 0.25
"""A box is in a zone with this share of itself, or when it covers this share of the zone."""

_MOVES = 0.15
"""An object moves when its middle has gone this share of its height from where it stood; as in the tracker."""

_SAME_TIME_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What moves in one scene: rows are moving sightings, oldest first, columns the zones in the order of `add`.

    `rows` are their rows in `steps`. `of_zone` is the share of the zone that the box covers. `inside` are, for each
    zone, those of the rows that are in it.
    """

    steps: Steps
    rows: Sequence[int]
    of_zone: Numbers
    inside: dict[int, list[int]]


class Covers:
    """The zones of a channel in which motion is watched. All are added before the first scene.

    An object is in a zone when its anchor is, or a good part of its box, and it covers enough of the zone.
    """

    def __init__(self, walks: Walks) -> None:
        self._walks = walks
        self._zones: list[ZoneSettings] = []
        self._grounds: list[tuple[Grounds, int]] = []
        self._least: list[float] = []
        self._scene: Scene | None = None
        self._aspect = 0.0
        self._cover: Cover | None = None
        self._sums = self._begin = self._size = self._scale = self._area = np.empty(0)

    def add(self, zone: ZoneSettings, grounds: Grounds, least: float) -> int:
        """Take in a zone of which boxes must cover the share `least`; return its column."""
        self._zones.append(zone)
        self._grounds.append((grounds, grounds.add(zone)))
        self._least.append(least)
        return len(self._zones) - 1

    def look(self, scene: Scene) -> Cover:
        """Return what moves in this scene, and where."""
        if scene is not self._scene or self._cover is None:
            self._scene = scene
            if scene.aspect != self._aspect:
                self._fit(scene.aspect)
            steps = self._walks.steps(scene, "bottom_center")
            rows = _moving(steps, scene.aspect)
            of_zone, of_box = self._shares([steps.sightings[row] for row in rows])
            inside = (of_zone >= self._least) & (of_zone > 0.0)
            inside &= (np.maximum(of_zone, of_box) >= _GOOD_PART) | self._anchored(scene, rows)
            found: dict[int, list[int]] = {}
            for number, zone in np.argwhere(inside).tolist():
                found.setdefault(zone, []).append(number)
            self._cover = Cover(steps, rows, of_zone, found)
        return self._cover

    def _anchored(self, scene: Scene, rows: Sequence[int]) -> NDArray[np.bool_]:
        """Tell which rows have their anchor in which zone."""
        offs = {grounds: grounds.look(scene).off for grounds, _ in self._grounds}
        if len(offs) == 1:
            off = next(iter(offs.values()))[rows]
            return np.asarray(off[:, [column for _, column in self._grounds]] >= 0.0)
        return np.column_stack([offs[grounds][rows, column] >= 0.0 for grounds, column in self._grounds])

    def _fit(self, aspect: float) -> None:
        self._aspect = aspect
        corners = [np.array(zone.polygon) for zone in self._zones]
        self._begin = np.array([each.min(axis=0) for each in corners])
        self._size = np.array([np.ptp(each, axis=0) for each in corners])
        cells = np.array([_cells(zone, aspect) for zone in self._zones])
        sums = np.zeros((len(cells), _GRID + 1, _GRID + 1))
        sums[:, 1:, 1:] = cells.cumsum(axis=1).cumsum(axis=2)
        self._sums = sums.ravel()
        self._scale = _GRID / self._size
        self._area = cells.sum(axis=(1, 2)) * self._size.prod(axis=1) / _GRID**2

    def _shares(self, sightings: Sequence[Sighting]) -> tuple[Numbers, Numbers]:
        """Return how much of each zone each box covers, and how much of the box lies in the zone: (boxes, zones)."""
        corners = [(each.box.left, each.box.top, each.box.right, each.box.bottom) for each in sightings]
        boxes = np.array(corners, np.float64).reshape(-1, 4)
        near = (boxes[:, None, :2] < self._begin + self._size) & (boxes[:, None, 2:] > self._begin)
        box, zone = np.nonzero(np.all(near, axis=2))
        corners_of = boxes[box][:, [[2, 3], [0, 1], [0, 3], [2, 1]]] - self._begin[zone][:, None]
        sums = self._sum(zone[:, None], corners_of * self._scale[zone][:, None])
        cells = sums[:, 0] + sums[:, 1] - sums[:, 2] - sums[:, 3]
        covered = np.zeros(near.shape[:2])
        covered[box, zone] = cells / self._scale[zone].prod(axis=1)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        return covered / self._area, covered / np.maximum(areas, 1e-9)[:, None]

    def _sum(self, zone: NDArray[np.intp], place: Numbers) -> Numbers:
        """Return how much of each zone, in cells, lies to the left of and above each place, in cells from its corner.

        `place` ends in x and y. The sums over whole cells are known; between them they grow in proportion, since a cell
        is alike all over.
        """
        place = np.minimum(np.maximum(place, 0.0), _GRID)
        whole = np.minimum(place.astype(np.intp), _GRID - 1)
        first = zone * (_GRID + 1) ** 2 + whole[..., 1] * (_GRID + 1) + whole[..., 0]
        around = self._sums[first[..., None] + _AROUND]
        rest = place - whole
        rows = around[..., :2] + rest[..., :1] * (around[..., 2:] - around[..., :2])
        return np.asarray(rows[..., 0] + rest[..., 1] * (rows[..., 1] - rows[..., 0]))


def _cells(zone: ZoneSettings, aspect: float) -> Numbers:
    """Return the share of each cell of the bounding box that lies in the zone, a row for each y."""
    (left, top), (right, bottom) = np.min(zone.polygon, axis=0), np.max(zone.polygon, axis=0)
    places = (np.arange(_GRID * _FINE) + 0.5) / (_GRID * _FINE)
    x, y = np.meshgrid(left + places * (right - left), top + places * (bottom - top))
    off = Regions((zone.polygon,), aspect).off(np.column_stack((x.ravel() * aspect, y.ravel())))
    inside: NDArray[np.bool_] = (off >= 0.0).reshape(_GRID, _FINE, _GRID, _FINE)
    cells: Numbers = np.mean(inside, axis=(1, 3))
    return cells if cells.any() else np.ones(cells.shape)


def _moving(steps: Steps, aspect: float) -> list[int]:
    """Return the rows of the sightings at which an object had moved from where it stood, oldest first.

    The tracker says so of the last one. Where several come at once, those of an object that was just confirmed, they
    are looked at one by one; of these the first is motion too, if the object was not known before.
    """
    rows: list[int] = []
    several = False
    for row, (track, sighting) in enumerate(zip(steps.tracks, steps.sightings, strict=True)):
        if len(track.new) == 1:
            if track.moved_s >= sighting.stream_s - _SAME_TIME_S:
                rows.append(row)
        elif sighting is track.new[0]:
            several = True
            known = not math.isnan(steps.before[row, 0])
            rows += [row + number for number in _moves(track.new, aspect, known=known)]
    return sorted(rows, key=lambda row: steps.sightings[row].stream_s) if several else rows


def _moves(sightings: Sequence[Sighting], aspect: float, *, known: bool) -> Iterator[int]:
    stand: tuple[float, float] | None = None
    for number, sighting in enumerate(sightings):
        middle = sighting.box.center
        place = (middle.x * aspect, middle.y)
        if stand is None or math.dist(stand, place) > _MOVES * sighting.box.height:
            if stand is not None or not known:
                yield number
            stand = place
