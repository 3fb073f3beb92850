"""The detector's contract."""

from collections.abc import Sequence
from typing import Protocol

from edge.model.scene import Detections, Expected, Frame


class Detector(Protocol):
    """Finds things in one channel's frames, which come in order."""

    def detect(self, frame: Frame, known: Sequence[Expected]) -> Detections:
        """Return what is in the frame.

        `known` are the objects that the tracker expects in this frame: a detector that learns a
        background keeps them out of it, so that people who stop stay.
        """
        ...
