"""Who moves in a scene, and how much of each zone their boxes cover."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.model.scene import Scene, Sighting, Track
from edge.rules.grounds import Grounds
from edge.rules.region import Numbers, Regions, spots_at
from edge.rules.walks import NOBODY, Walked, Walks
from edge.settings import ZoneSettings

_GRID = 16
"""A zone's bounding box is cut into so many cells along each side."""

_FINE = 6
"""Each cell's share of the zone is measured at so many places along each side."""

_GOOD_PART = 0.25
"""A box is in a zone with this share of itself, or when it covers this share of the zone."""

_MOVES = 0.15
"""An object moves when its middle has gone this share of its height from where it stood; as in the tracker."""

_SAME_TIME_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """An object at a moment at which it moves in a zone, covering a share of that."""

    track: Track
    sighting: Sighting
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class _Area:
    """One zone's area, in cells of its bounding box, which begins at `left` and `top`.

    `across` and `down` are how many cells there are to a unit, `sums` what lies of the zone to the left of and above
    each corner of the cells, in cells, row by row, `size` the zone's share of the frame.
    """

    left: float
    top: float
    across: float
    down: float
    sums: list[list[float]]
    size: float

    def covered(self, box: Box) -> float:
        """Return how much of the zone a box covers, a share of the frame."""
        left, right = _cell((box.left - self.left) * self.across), _cell((box.right - self.left) * self.across)
        top, bottom = _cell((box.top - self.top) * self.down), _cell((box.bottom - self.top) * self.down)
        cells = self._sum(right, bottom) + self._sum(left, top) - self._sum(left, bottom) - self._sum(right, top)
        return cells / (self.across * self.down)

    def _sum(self, x: tuple[int, float], y: tuple[int, float]) -> float:
        """Return what lies to the left of and above a place: between corners it grows in proportion, as in a cell."""
        (column, right), (row, down) = x, y
        above, below = self.sums[row], self.sums[row + 1]
        upper = above[column] + right * (above[column + 1] - above[column])
        lower = below[column] + right * (below[column + 1] - below[column])
        return upper + down * (lower - upper)


class Covers:
    """The zones of a channel in which motion is watched. All are added before the first scene.

    An object is in a zone when its anchor is, or a good part of its box, and it covers enough of the zone.
    """

    def __init__(self, walks: Walks) -> None:
        self._walks = walks
        self._zones: list[ZoneSettings] = []
        self._grounds: list[tuple[Grounds, int]] = []
        self._least: list[float] = []
        self._areas: list[_Area] = []
        self._begin = self._end = np.empty((2, 0, 1))
        self._scene: Scene | None = None
        self._aspect = 0.0
        self._walked = NOBODY
        self._rows: Sequence[int] = ()
        self._near: NDArray[np.bool_] = np.empty((0, 0), np.bool_)

    def add(self, zone: ZoneSettings, grounds: Grounds, least: float) -> int:
        """Take in a zone of which boxes must cover the share `least`; return its number."""
        self._zones.append(zone)
        self._grounds.append((grounds, grounds.add(zone)))
        self._least.append(least)
        return len(self._zones) - 1

    def moved(self, scene: Scene, number: int) -> Iterator[Moved]:
        """Yield who moves in a zone with this scene, the newest first."""
        if scene is not self._scene:
            self._look(scene)
        grounds, place = self._grounds[number]
        anchored, near = grounds.look(scene).stands[place] > 0, self._near[number].tolist()
        for row in reversed(self._rows):
            if near[row]:
                share = self._share(number, self._walked.sightings[row].box, anchored=bool(anchored[row]))
                if share > 0.0:
                    yield Moved(self._walked.tracks[row], self._walked.sightings[row], share)

    def _share(self, number: int, box: Box, *, anchored: bool) -> float:
        """Return which share of a zone a box covers that is in it, nought where it is not."""
        area = self._areas[number]
        covered = area.covered(box)
        of_zone = covered / area.size
        good = anchored or of_zone >= _GOOD_PART or covered >= _GOOD_PART * max(box.width * box.height, 1e-9)
        return of_zone if good and of_zone >= self._least[number] else 0.0

    def _look(self, scene: Scene) -> None:
        """Find out what moves, and which boxes overlap which zones' bounding boxes."""
        self._scene = scene
        if scene.aspect != self._aspect:
            self._fit(scene.aspect)
        self._walked = self._walks.walked(scene)
        self._rows = _moving(self._walked, scene.aspect)
        left, right, top, bottom = self._walked.now
        near = (left < self._end[0]) & (right > self._begin[0])
        near &= top < self._end[1]
        near &= bottom > self._begin[1]
        self._near = near

    def _fit(self, aspect: float) -> None:
        self._aspect = aspect
        self._begin = np.array([np.min(zone.polygon, axis=0) for zone in self._zones]).T[:, :, None]
        self._end = np.array([np.max(zone.polygon, axis=0) for zone in self._zones]).T[:, :, None]
        self._areas = [_area(zone, aspect) for zone in self._zones]


def _cell(place: float) -> tuple[int, float]:
    """Return the cell of a place along one side of a zone's bounding box, and how far in it; the nearest, outside."""
    place = min(max(place, 0.0), _GRID)
    whole = min(int(place), _GRID - 1)
    return whole, place - whole


def _area(zone: ZoneSettings, aspect: float) -> _Area:
    (left, top), (right, bottom) = np.min(zone.polygon, axis=0).tolist(), np.max(zone.polygon, axis=0).tolist()
    cells = _cells(zone, aspect)
    sums = np.zeros((_GRID + 1, _GRID + 1))
    sums[1:, 1:] = cells.cumsum(axis=0).cumsum(axis=1)
    across, down = _GRID / (right - left), _GRID / (bottom - top)
    return _Area(left, top, across, down, sums.tolist(), float(cells.sum()) / (across * down))


def _cells(zone: ZoneSettings, aspect: float) -> Numbers:
    """Return the share of each cell of the bounding box that lies in the zone, a row for each y."""
    (left, top), (right, bottom) = np.min(zone.polygon, axis=0), np.max(zone.polygon, axis=0)
    places = (np.arange(_GRID * _FINE) + 0.5) / (_GRID * _FINE)
    x, y = np.meshgrid(left + places * (right - left), top + places * (bottom - top))
    off = Regions((zone.polygon,), aspect).off(spots_at(x.ravel() * aspect, y.ravel()))
    inside: NDArray[np.bool_] = (off >= 0.0).reshape(_GRID, _FINE, _GRID, _FINE)
    cells: Numbers = np.mean(inside, axis=(1, 3))
    return cells if cells.any() else np.ones(cells.shape)


def _moving(walked: Walked, aspect: float) -> list[int]:
    """Return the rows of the sightings at which an object had moved from where it stood, oldest first.

    The tracker says so of the last one. Where several come at once, those of an object that was just confirmed, they
    are looked at one by one; of these the first is motion too, if the object was not known before.
    """
    rows: list[int] = []
    several = False
    for row, (track, sighting) in enumerate(zip(walked.tracks, walked.sightings, strict=True)):
        if len(track.new) == 1:
            if track.moved_s >= sighting.stream_s - _SAME_TIME_S:
                rows.append(row)
        elif sighting is track.new[0]:
            several = True
            known = walked.came[row] is not None
            rows += [row + number for number in _moves(track.new, aspect, known=known)]
    return sorted(rows, key=lambda row: walked.sightings[row].stream_s) if several else rows


def _moves(sightings: Sequence[Sighting], aspect: float, *, known: bool) -> Iterator[int]:
    stand: tuple[float, float] | None = None
    for number, sighting in enumerate(sightings):
        middle = sighting.box.center
        place = (middle.x * aspect, middle.y)
        if stand is None or math.dist(stand, place) > _MOVES * sighting.box.height:
            if stand is not None or not known:
                yield number
            stand = place
