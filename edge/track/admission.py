"""Which candidates become objects, and why the others do not."""

from collections.abc import Sequence

from edge.model.event import Measure, Why
from edge.model.geometry import Box, Point
from edge.model.raster import Corner, contains
from edge.model.scene import Refused
from edge.track.classify import Classifier
from edge.track.life import MOVED_HEIGHTS, Life, moved_heights

_CUT_OFF = 0.01
"""Share of the frame's height: who ends so close above an exclude mask has the feet under it, where nothing is seen."""
_WITHIN = 1e-6


class Admission:
    """One channel's conditions for a confirmed track, beside that it was seen often and long enough.

    It must have moved, be of a size that fits its place, and stand outside every exclude mask.
    """

    def __init__(self, classifier: Classifier, excluded: Sequence[Sequence[Corner]] = ()) -> None:
        self._classifier = classifier
        self._excluded = tuple(excluded)

    def refuses(self, life: Life) -> Why | None:
        """Return why a candidate may not be confirmed as it is now; None where it may."""
        if not life.moved:
            return Why.NOT_MOVED
        if not self._classifier.fits(life.last.box):
            return Why.OTHER_SIZE
        return Why.MASKED if self._is_masked(life.last.box) else None

    def refused(self, life: Life, aspect: float) -> Refused | None:
        """Return what is to be told of a candidate that is lost; None where it was never seen enough to be judged."""
        why = self.refuses(life) if life.object_id is None and life.seen_enough() else None
        if why is None:
            return None
        return Refused(why, life.origin, tuple(life.untold), self._measures(why, life, aspect))

    def _is_masked(self, box: Box) -> bool:
        foot = box.bottom_center
        places = (Point(foot.x, foot.y - _WITHIN), Point(foot.x, foot.y + _CUT_OFF))
        return any(contains(corners, place) for corners in self._excluded for place in places)

    def _measures(self, why: Why, life: Life, aspect: float) -> tuple[Measure, ...]:
        if why is Why.NOT_MOVED:
            moved = moved_heights(life.first.box, life.last.box, aspect)
            return (Measure("moved_heights", moved, MOVED_HEIGHTS),)
        persons = self._classifier.persons(life.last.box)
        return () if persons is None else (Measure("persons", persons),)
