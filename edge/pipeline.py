"""The heart: one channel's frames in, its events out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Protocol

from edge.detect.detector import Detector
from edge.detect.motion import MotionDetector
from edge.detect.observer import Observer
from edge.detect.on_sensor import OnSensorDetector
from edge.detect.resting import Resting
from edge.model.calibration import Calibration
from edge.model.event import FIRING_ORDER, Event, Suppressed
from edge.model.scene import Detections, Expected, Frame, Observation, Scene
from edge.rules.rule import Rule
from edge.rules.table import make_rules
from edge.settings import ChannelSettings
from edge.track.classify import Classifier
from edge.track.learned import LearnedRuler
from edge.track.tracker import Tracker

_RANK = {kind: rank for rank, kind in enumerate(FIRING_ORDER)}


class ObjectTracker(Protocol):
    """Follows one channel's objects from frame to frame."""

    @property
    def last_object_id(self) -> int:
        """The highest id given so far, or the one before the first."""
        ...

    def expected(self, stream_s: float) -> Sequence[Expected]:
        """Return where the known objects should be at a moment of the stream."""
        ...

    def update(self, frame: Frame, detections: Detections) -> Scene:
        """Take in one frame's detections and return what is known now."""
        ...

    def rest(self, last: Scene) -> Scene | None:
        """Return the last scene again with what was held back, as no frame comes any more; None where nothing was."""
        ...


class PictureObserver(Protocol):
    """Watches the picture as a whole, and for things left behind."""

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:
        """Return what is to be said at this frame; `known` is where tracked objects are expected in it."""
        ...

    def change_rules(self, channel: ChannelSettings) -> None:
        """Watch for what the rules of these settings ask for; what is watched already goes on."""
        ...


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What one frame gave: the scene, the events in the order in which they are told, and what nearly was one."""

    scene: Scene
    events: tuple[Event, ...]
    suppressed: tuple[Suppressed, ...] = ()


class ChannelPipeline:
    """One channel from frame to events; used by one thread at a time."""

    def __init__(
        self,
        detector: Detector,
        tracker: ObjectTracker,
        observer: PictureObserver,
        rules: Sequence[Rule],
        learned: LearnedRuler | None = None,
    ) -> None:
        self._detector = detector
        self._tracker = tracker
        self._observer = observer
        self._rules = tuple(rules)
        self._learned = learned
        self._last: Scene | None = None

    @property
    def last_object_id(self) -> int:
        """The highest object id given so far: a successor goes on from it."""
        return self._tracker.last_object_id

    @property
    def calibration(self) -> Calibration | None:
        """What has been learnt of the channel's scale; None where that is not asked for: the settings have rulers."""
        return None if self._learned is None else self._learned.calibration

    def process(self, frame: Frame) -> PipelineResult:
        """Return what this frame gives; frames come in order and are all of one size."""
        known = self._tracker.expected(frame.stream_s)
        detections = self._detector.detect(frame, known)
        observed = self._observer.observe(frame, detections, known)
        scene = replace(self._tracker.update(frame, detections), observed=observed)
        if self._learned is not None:
            self._learned.learn(scene)
        self._last = scene
        told = [each for rule in self._rules for each in rule.update(scene)]
        events = [each for each in told if isinstance(each, Event)]
        suppressed = tuple(each for each in told if isinstance(each, Suppressed))
        return PipelineResult(scene, in_firing_order(events), suppressed)

    def change_rules(
        self, channel: ChannelSettings, rules: Sequence[Rule], time_us: int, stream_s: float
    ) -> tuple[Event, ...]:
        """Judge by these rules of a channel's changed settings from now on; rules that were asked the same stay.

        Return what those that go close.
        """
        self._observer.change_rules(channel)
        before = list(self._rules)
        after: list[Rule] = []
        for rule in rules:
            same = next((old for old in before if type(old) is type(rule) and old.asked == rule.asked), None)
            if same is not None:
                before.remove(same)
            after.append(same or rule)
        self._rules = tuple(after)
        return in_firing_order([event for rule in before for event in rule.close(time_us, stream_s)])

    def close(self, time_us: int, stream_s: float) -> tuple[Event, ...]:
        """Close whatever the rules hold open, as the channel stops at the given moment; call it once, last."""
        rest = None if self._last is None else self._tracker.rest(self._last)
        told = () if rest is None else [each for rule in self._rules for each in rule.update(rest)]
        late = [each for each in told if isinstance(each, Event)]
        closing = [event for rule in self._rules for event in rule.close(time_us, stream_s)]
        return (*in_firing_order(late), *in_firing_order(closing))


def in_firing_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return one frame's events in the specified order of kinds, within a kind by object."""
    return tuple(sorted(events, key=lambda event: (_RANK[event.type], event.object_id)))


def _detector(channel: ChannelSettings) -> Detector:
    """Return the detector that a channel asks for, fresh."""
    if channel.detector.kind == "imx500":
        return OnSensorDetector()
    return MotionDetector(channel.analysis, channel.masks)


def build_pipeline(channel: ChannelSettings, first_object_id: int, zone: tzinfo) -> ChannelPipeline:
    """Return a channel's pipeline, fresh; its objects are numbered from `first_object_id`, `zone` is the device's."""
    excluded = [mask.polygon for mask in channel.masks if mask.kind == "exclude"]
    learned = None if channel.calibration else LearnedRuler()
    tracker = Tracker(first_object_id, Classifier(channel.calibration, learned), excluded)
    seconds = channel.disconnect.seconds if channel.disconnect is not None else math.inf
    detector = Resting(lambda: _detector(channel), seconds)
    observer = Observer(channel, tracker.take_id, lambda: detector.same_s)
    return ChannelPipeline(detector, tracker, observer, make_rules(channel, zone), learned)
