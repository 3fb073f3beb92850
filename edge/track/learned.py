"""A ruler learnt from the people who walk by, for a channel whose settings have none."""

import math
from collections.abc import Sequence

import numpy as np

from edge.model.calibration import UNKNOWN_SCALE, Calibration, Ruler, RulerSource
from edge.model.geometry import Point
from edge.model.perspective import fit_heights
from edge.model.scene import Scene
from edge.track.legs import Leg, Walker

_MOST_PEOPLE = 60
"""The newest count: a camera that was turned is learnt anew by and by."""
_MOST_LEGS = 12
"""Of one person: who walks to and fro all day is one person still."""
_REFIT, _REFIT_SHARE = 4, 0.15
"""So many new legs are worth a new fit: a number, and a share of those that it was made from."""
_LEAST_SPREAD = 0.08
"""People differ by so much, even where those few who were seen did not (share of their height)."""
_WORTHLESS = 0.2
"""A height that may be wrong by so much (two standard errors) says nothing."""
_LEAST_SPREAD_OF_ROWS = 0.2
"""Heights of many legs by many people tell perspective on fewer rows than single sightings do."""
_REACH = 1.0
"""So many persons' heights beyond the rows where people walked, the line is believed."""
_QUANTILES = (0.1, 0.9)
_LEAST_DISTANCE = 0.5
"""Two rulers stand at least so many heights of the farther one apart; else one is enough."""
_LEAST_HEIGHT = 0.01


class LearnedRuler:
    """Learns from one channel's scenes, and knows how sure it is."""

    def __init__(self) -> None:
        self.calibration = UNKNOWN_SCALE
        self._walkers: dict[int, Walker] = {}
        self._legs: dict[int, list[Leg]] = {}
        self._fresh = 0
        self._fitted = 0
        self._line = (0.0, 0.0)
        self._rows = (0.0, 0.0)

    def learn(self, scene: Scene) -> None:
        """Take in a scene."""
        for track in scene.ended:
            self._walkers.pop(track.object_id, None)
        if not scene.settled:
            return
        for track in scene.tracks:
            if len(self._legs.get(track.object_id, ())) >= _MOST_LEGS:
                continue
            leg = self._walkers.setdefault(track.object_id, Walker()).see(track, scene.stream_s, scene.aspect)
            if leg is not None:
                self._keep(track.object_id, leg)
        if self._fresh >= max(_REFIT, _REFIT_SHARE * self._fitted):
            self.settle()

    def settle(self) -> Calibration:
        """Make the best of what was seen so far, and return it."""
        self._fresh = 0
        if self._legs:
            self._fit([leg for legs in self._legs.values() for leg in legs])
        return self.calibration

    def person_height(self, foot: Point) -> float | None:
        """Return how tall a standing person is at a place; None where that is not sure, or nobody walked near it."""
        if not self.calibration.is_sure:
            return None
        usual = self._height(foot.y)
        first, last = self._rows
        return usual if first - _REACH * usual <= foot.y <= last + _REACH * usual else None

    def _keep(self, object_id: int, leg: Leg) -> None:
        self._legs.setdefault(object_id, []).append(leg)
        self._fresh += 1
        if len(self._legs) > _MOST_PEOPLE:
            del self._legs[next(iter(self._legs))]

    def _fit(self, legs: Sequence[Leg]) -> None:
        self._fitted = len(legs)
        feet = np.array([leg.foot for leg in legs])
        self._line = fit_heights(np.column_stack((feet, [leg.height for leg in legs])), _LEAST_SPREAD_OF_ROWS)
        self._rows = float(feet.min()), float(feet.max())
        far, near = (float(np.quantile(feet, share)) for share in _QUANTILES)
        rows = (near, far) if near - far >= _LEAST_DISTANCE * self._height(far) else (float(np.median(feet)),)
        rulers = tuple(Ruler(Point(_beside(legs, row), row), self._height(row)) for row in rows)
        self.calibration = Calibration(RulerSource.LEARNED, self._sure(), len(self._legs), rulers)

    def _height(self, row: float) -> float:
        slope, level = self._line
        return max(_LEAST_HEIGHT, slope * row + level)

    def _sure(self) -> float:
        """Return how sure the line is: by how many people it is from, and how much they differ."""
        off = [np.median([leg.height / self._height(leg.foot) for leg in legs]) for legs in self._legs.values()]
        spread = 1.5 * float(np.median(np.abs(np.array(off) - 1.0)))  # of the normal distribution: its deviation
        error = 2.0 * max(spread, _LEAST_SPREAD) / math.sqrt(len(off))
        return round(max(0.0, 1.0 - error / _WORTHLESS), 2)


def _beside(legs: Sequence[Leg], row: float) -> float:
    """Return where across the picture people walk at a row."""
    nearest = sorted(legs, key=lambda leg: abs(leg.foot - row))[:_MOST_LEGS]
    return float(np.median([leg.x for leg in nearest]))
