"""Plays a scenario through a real pipeline, whose detector, tracker and observer know everything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from edge.model.event import Event, Suppressed
from edge.model.scene import Detections, Expected, Frame, Observation, Picture, Scene
from edge.pipeline import ChannelPipeline
from edge.rules.table import make_rules
from edge.settings import ChannelSettings
from tests.support.actors import Actor, scenes
from tests.support.scenarios import Scenario

_PICTURE = Picture(np.zeros((2, 2), np.uint8), np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8))
_NEXT_IDS = 100
"""Ids of objects go up by so much each time the camera comes back."""


@dataclass(slots=True)
class Played:
    """What a scenario gave; `groups` are the events of one frame each, in the order in which they were told."""

    groups: list[tuple[Event, ...]] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """All events."""
        return [event for group in self.groups for event in group]


class _Script:
    """Stands for detector, tracker and observer: gives one scene after the other."""

    last_object_id = 0

    def __init__(self) -> None:
        self.scene: Scene | None = None

    def detect(self, frame: Frame, expected: Sequence[Expected]) -> Detections:  # noqa: ARG002 - the contract's arguments
        return Detections(())

    def expected(self, stream_s: float) -> Sequence[Expected]:  # noqa: ARG002 - the contract's arguments
        return ()

    def update(self, frame: Frame, detections: Detections) -> Scene:  # noqa: ARG002 - the contract's arguments
        assert self.scene is not None
        return self.scene

    def rest(self, last: Scene) -> None:
        """Nothing is held back."""

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:  # noqa: ARG002 - the contract's arguments
        assert self.scene is not None
        return self.scene.observed

    def change_rules(self, channel: ChannelSettings) -> None:
        """Give the same scenes."""


def play(scenario: Scenario, fps: float) -> Played:
    """Play a scenario at a frame rate, from start to stop, with its times without a camera and changes of its rules."""
    played = Played()
    channel = scenario.channel
    bounds = [0.0, *(bound for span in scenario.lost for bound in span), None]
    for number, (from_s, to_s) in enumerate(list(pairwise(bounds))[::2]):
        assert from_s is not None
        actors = [each for each in _actors(scenario, number, from_s) if each is not None]
        until_s = to_s - 1e-3 if to_s is not None else scenario.until_s
        frames = scenes(
            actors,
            fps=fps,
            aspect=scenario.aspect,
            unsettled=scenario.unsettled,
            until_s=until_s,
            from_s=from_s,
            start_us=scenario.start_us,
            watched=scenario.watched,
        )
        channel = _play_stream(scenario, channel, frames, played)
    return played


def _actors(scenario: Scenario, number: int, from_s: float) -> Iterator[Actor | None]:
    for actor in scenario.actors:
        yield actor.again(actor.object_id + number * _NEXT_IDS, from_s) if number else actor


def _play_stream(
    scenario: Scenario, channel: ChannelSettings, frames: Iterator[Scene], played: Played
) -> ChannelSettings:
    """Play one stream through a new pipeline; return the channel as it is in force at its end."""
    script = _Script()
    pipeline = ChannelPipeline(script, script, script, make_rules(channel, scenario.timezone))
    scene = None
    for number, scene in enumerate(frames):
        for at_s, other in scenario.edited:
            if at_s <= scene.stream_s and other is not channel and script.scene and script.scene.stream_s < at_s:
                channel = other
                rules = make_rules(channel, scenario.timezone)
                played.groups.append(pipeline.change_rules(channel, rules, script.scene.time_us, script.scene.stream_s))
        script.scene = scene
        result = pipeline.process(Frame("c", number, scene.time_us, scene.stream_s, _PICTURE))
        played.groups.append(result.events)
        played.suppressed += result.suppressed
    if scene is not None:
        played.groups.append(pipeline.close(scene.time_us, scene.stream_s))
    return channel
