"""Takes over what a network in the camera's sensor has found."""

from collections.abc import Sequence

from edge.model.scene import Detections, Expected, Frame


class OnSensorDetector:
    """The detector `imx500`: the frame brings what is in it; one without an answer of the network was not looked at."""

    def detect(self, frame: Frame, known: Sequence[Expected]) -> Detections:  # noqa: ARG002 - a detector's arguments
        """Return what came with the frame."""
        return Detections((), looked=False) if frame.found is None else Detections(frame.found)
