"""Watches the picture beside the detector: the view as a whole, a picture that stands still, things left behind."""

from collections.abc import Callable, Sequence

from edge.detect.hidden import Hidden
from edge.detect.left.watch import LeftBehind
from edge.detect.view import ViewWatch
from edge.model.scene import Detections, Expected, Frame, Observation, Thing
from edge.settings import ChannelSettings, ZoneSettings


class Observer:
    """One channel's watch; frames come in order. It does only what the channel's settings ask for.

    `new_id` gives the next id of the channel's sequence, for a thing that lies there; `same_s` tells for how long the
    picture has been the same, by this frame.
    """

    def __init__(self, channel: ChannelSettings, new_id: Callable[[], int], same_s: Callable[[], float]) -> None:
        self._hidden = Hidden(channel.masks)
        self._view = ViewWatch(self._hidden) if channel.sabotage is not None else None
        self._same_s = same_s
        self._new_id = new_id
        self._sizes = _sizes(channel)
        self._left = self._left_behind(channel)

    def change_rules(self, channel: ChannelSettings) -> None:
        """Watch for what the rules of these settings ask for; what is watched already goes on."""
        if _sizes(channel) != self._sizes:
            self._sizes = _sizes(channel)
            self._left = self._left_behind(channel)

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:  # noqa: ARG002
        """Return what is to be said at this frame; `known` is where tracked objects are expected in it."""
        things: tuple[Thing, ...] = self._left.observe(frame, known) if self._left is not None else ()
        view = self._view.look(frame.picture, frame.stream_s, frame.exposure) if self._view is not None else None
        return Observation(view, self._same_s(), things)

    def _left_behind(self, channel: ChannelSettings) -> LeftBehind | None:
        if self._sizes is None:
            return None
        return LeftBehind(channel.analysis.width, self._sizes, self._new_id, self._hidden)


def _sizes(channel: ChannelSettings) -> tuple[float, float] | None:
    """Return how small and how large a thing may be for any zone that asks for things; None where none does."""
    asked = [
        rule.abandoned
        for rule in channel.rules
        if isinstance(rule, ZoneSettings) and rule.enabled and rule.abandoned is not None
    ]
    return (min(each.min_size for each in asked), max(each.max_size for each in asked)) if asked else None
