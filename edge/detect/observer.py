"""Watches the picture beside the detector: the view as a whole, a picture that stands still, things left behind."""

from collections.abc import Callable, Sequence

from edge.model.scene import Detections, Expected, Frame, Observation
from edge.settings import ChannelSettings


class Observer:
    """One channel's watch; frames come in order. It does only what the channel's settings ask for.

    `new_id` gives the next id of the channel's sequence, for a thing that lies there.
    """

    def __init__(self, channel: ChannelSettings, new_id: Callable[[], int]) -> None:
        self._channel = channel
        self._new_id = new_id

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:  # noqa: ARG002
        """Return what is to be said at this frame; `known` is where tracked objects are expected in it."""
        return Observation()
