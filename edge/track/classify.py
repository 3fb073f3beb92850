"""Pedestrian or vehicle, by size, shape and speed."""

from collections.abc import Sequence

from edge.model.geometry import Box, Point
from edge.model.perspective import height_between
from edge.model.scene import Origin
from edge.settings import CalibrationRuler
from edge.track.learned import LearnedRuler

_LEAST_PERSONS = 0.35
_MOST_PERSONS = 5.0
_PERSON_SIZE = (0.6, 1.5)
"""Height of a person, in standing persons."""
_VEHICLE_SIZE = (0.5, 3.0)
_PERSON_SHAPE = (0.2, 0.65)
"""Width over height."""
_WIDEST_PERSON = 0.75
"""The same where the size is known to be a person's: who walks past with a long stride and a shadow looks so wide."""
_VEHICLE_SHAPE = 0.95
_LONGEST_VEHICLE = 4.2
"""Width over height from the side of the longest lorry on the road, 16.5 by 4 m, is 4.1: a row of things is longer."""
_TALLEST = 0.7
"""Without a ruler, what fills the picture is not judged (share of the frame's height)."""
_SMALLEST = 0.025
"""Nor what is too small to have a shape: 9 rows of a picture of 360."""
_FASTEST_PERSON = 3.0
"""Own heights per second: 5 m/s. Who is narrow and goes faster, as a cyclist does, is nothing known."""
_WALK = 1.2
"""Persons per second: 99 % of walkers are slower, every car that was measured twice as fast."""
_ABREAST_SIZE = (0.85, 1.25)
_ABREAST_SHAPE = 1.5
"""As tall as people, not much wider than tall and no faster than a walk: as likely people side by side as a vehicle."""
_SLOWEST_VEHICLE = 0.3
_CERTAIN_S = 0.2
_CERTAIN_BY_SHAPE_S = 0.6


class Classifier:
    """Judges single boxes; with one or two rulers it knows how tall a person is where the box stands.

    Without them it asks `learned`, as soon as and where that is sure.
    """

    def __init__(self, rulers: Sequence[CalibrationRuler] = (), learned: LearnedRuler | None = None) -> None:
        self._rulers = tuple(sorted(rulers, key=lambda ruler: ruler.foot[1]))
        self._learned = learned

    @property
    def certain_s(self) -> float:
        """For how long a thing must look the same before it is called so: shorter where its true size is known."""
        sized = bool(self._rulers) or (self._learned is not None and self._learned.calibration.is_sure)
        return _CERTAIN_S if sized else _CERTAIN_BY_SHAPE_S

    def person_height(self, foot: Point) -> float | None:
        """Return how tall a standing person is at a place, as a share of the frame's height; None if not known."""
        if not self._rulers:
            return None if self._learned is None else self._learned.person_height(foot)
        far, near = self._rulers[0], self._rulers[-1]
        return height_between((far.foot[1], far.height), (near.foot[1], near.height), foot.y)

    def fits(self, box: Box) -> bool:
        """Tell whether something of this size can be a person or a vehicle there: the size limits."""
        person = self.person_height(box.bottom_center)
        return person is None or _LEAST_PERSONS * person <= max(box.height, box.width) <= _MOST_PERSONS * person

    def persons(self, box: Box) -> float | None:
        """Return how tall something is in persons that stand there; None if not known."""
        person = self.person_height(box.bottom_center)
        return None if person is None else box.height / person

    def origin(self, box: Box, aspect: float, speed: float) -> Origin:
        """Return what a box looks like; `speed` in frame heights per second."""
        shape = box.width * aspect / max(box.height, 1e-6)
        person = self.person_height(box.bottom_center)
        if person is None:
            return _by_shape(box, shape, speed)
        return _by_size(box.height / person, shape, speed / person)


def _by_size(persons: float, shape: float, persons_per_s: float) -> Origin:
    if _PERSON_SIZE[0] <= persons <= _PERSON_SIZE[1] and shape <= _WIDEST_PERSON:
        return Origin.PEDESTRIAN if persons_per_s < _FASTEST_PERSON else Origin.UNKNOWN
    if not (_VEHICLE_SIZE[0] <= persons <= _VEHICLE_SIZE[1] and _VEHICLE_SHAPE <= shape <= _LONGEST_VEHICLE):
        return Origin.UNKNOWN
    as_tall = _ABREAST_SIZE[0] <= persons <= _ABREAST_SIZE[1]
    abreast = as_tall and shape < _ABREAST_SHAPE and persons_per_s < _WALK
    return Origin.UNKNOWN if abreast else Origin.VEHICLE


def _by_shape(box: Box, shape: float, speed: float) -> Origin:
    if not _SMALLEST <= box.height <= _TALLEST:
        return Origin.UNKNOWN
    heights_per_s = speed / max(box.height, 1e-6)
    if _PERSON_SHAPE[0] <= shape <= _PERSON_SHAPE[1] and heights_per_s < _FASTEST_PERSON:
        return Origin.PEDESTRIAN
    if _VEHICLE_SHAPE <= shape <= _LONGEST_VEHICLE and heights_per_s > _SLOWEST_VEHICLE:
        return Origin.VEHICLE
    return Origin.UNKNOWN
