"""The heart: one channel's frames in, its events out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.detect.detector import Detector
from edge.model.event import FIRING_ORDER, Event
from edge.model.geometry import Box
from edge.model.scene import Detections, Frame, Scene
from edge.rules.rule import Rule

_RANK = {kind: rank for rank, kind in enumerate(FIRING_ORDER)}


class Tracker(Protocol):
    """Follows one channel's objects from frame to frame."""

    @property
    def last_object_id(self) -> int:
        """The highest id given so far, or the one before the first."""
        ...

    def expected(self, stream_s: float) -> Sequence[Box]:
        """Return where the known objects should be at a moment of the stream."""
        ...

    def update(self, frame: Frame, detections: Detections) -> Scene:
        """Take in one frame's detections and return what is known now."""
        ...


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What one frame gave: the scene, and the events in the order in which they are told."""

    scene: Scene
    events: tuple[Event, ...]


class ChannelPipeline:
    """One channel from frame to events; used by one thread at a time."""

    def __init__(self, detector: Detector, tracker: Tracker, rules: Sequence[Rule]) -> None:
        self._detector = detector
        self._tracker = tracker
        self._rules = tuple(rules)

    @property
    def last_object_id(self) -> int:
        """The highest object id given so far: a successor goes on from it."""
        return self._tracker.last_object_id

    def process(self, frame: Frame) -> PipelineResult:
        """Return what this frame gives; frames come in order and are all of one size."""
        detections = self._detector.detect(frame, self._tracker.expected(frame.stream_s))
        scene = self._tracker.update(frame, detections)
        events = [event for rule in self._rules for event in rule.update(scene)]
        return PipelineResult(scene, in_firing_order(events))

    def close(self, time_us: int, stream_s: float) -> tuple[Event, ...]:
        """Close whatever the rules hold open, as the channel stops at the given moment; call it once, last."""
        return in_firing_order([event for rule in self._rules for event in rule.close(time_us, stream_s)])


def in_firing_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return one frame's events in the specified order of kinds, within a kind by object."""
    return tuple(sorted(events, key=lambda event: (_RANK[event.type], event.object_id)))
