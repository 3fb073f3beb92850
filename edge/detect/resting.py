"""A detector that rests while the camera gives the same picture again and again, and begins anew when it is alive."""

from collections.abc import Callable, Sequence

from edge.detect.detector import Detector
from edge.detect.same import Sameness
from edge.model.scene import Detections, Expected, Frame

_REST = 2 / 3
"""It rests from this share of the time on after which the camera counts as lost: what is open is closed by then."""


class Resting:
    """Any detector, made by `make`, that finds nothing while the picture has been the same for long.

    `seconds` is for how long it may be the same before the camera counts as lost. `same_s` tells for how long it has
    been, by the last frame.
    """

    def __init__(self, make: Callable[[], Detector], seconds: float) -> None:
        self.same_s = 0.0
        self._make = make
        self._detector = make()
        self._rest_s = seconds * _REST
        self._rests = False
        self._same = Sameness()

    def detect(self, frame: Frame, known: Sequence[Expected]) -> Detections:
        """Return what is found in the frame."""
        self.same_s = self._same.look(frame.picture.y, frame.stream_s)
        rested, self._rests = self._rests, self.same_s >= self._rest_s
        if self._rests:
            return Detections(())
        if rested:
            self._detector = self._make()
        return self._detector.detect(frame, known)
