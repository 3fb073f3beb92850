"""What a camera gives and what is understood of it: pictures, frames, detections, tracks, scenes.

Two clocks run side by side. `stream_s` is seconds into the stream: it never steps, and durations are measured on it.
`time_us` is the wall clock, microseconds since 1970 in UTC: it is what people read, and it may step.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.model.event import Measure, Why
from edge.model.exposure import Exposure
from edge.model.geometry import Box
from edge.model.origin import Origin

__all__ = ["Detection", "Detections", "Frame", "Origin", "Picture", "Plane", "Scene", "Sighting", "Track"]

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One I420 picture: `y` is (height, width), `u` and `v` are (ceil(height / 2), ceil(width / 2)), all uint8.

    The planes may be views with a stride into a decoder's buffer: never write to them.
    """

    y: Plane
    u: Plane
    v: Plane
    full_range: bool = False

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.y.shape[0])

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Detection:
    """Something found in one frame; `label` is a neural detector's class name, else empty.

    `key` is that of the expected object it was recognised as, by its looks; None where place alone must tell.
    `colours` is a row of numbers that are alike for the same object, in grey levels; empty where not known.
    """

    box: Box
    confidence: float = 1.0
    label: str = ""
    key: int | None = None
    colours: tuple[float, ...] = ()

    @property
    def belief(self) -> float:
        """How far it is to be believed, 0 to 1; a neural detector has dropped by itself what it does not believe."""
        return 1.0 if self.label else self.confidence


class Larger(Protocol):
    """A larger picture of the same moment, fetched only where somebody wants it."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def picture(self) -> Picture:
        """Return the picture; safe from every thread, for as long as this object lives."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one channel with its place in time.

    `picture` is what is analysed; `larger` is for people, None where `picture` is all there is. `found` is what the
    camera itself has found in this frame, None where it has not looked; `exposure` is how it was exposed, None where
    the camera does not say.
    """

    channel_id: str
    sequence: int
    time_us: int
    stream_s: float
    picture: Picture
    larger: Larger | None = None
    found: tuple[Detection, ...] | None = None
    exposure: Exposure | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of what people see."""
        return (self.picture.width, self.picture.height) if self.larger is None else self.larger.size

    def shown(self) -> Picture:
        """Return what people see: the largest picture there is of this moment."""
        return self.picture if self.larger is None else self.larger.picture()


@dataclass(frozen=True, slots=True)
class Expected:
    """Where an object should be in the next frame; `key` stays the same as long as it is followed.

    `stood_s` is for how long it has been standing there; `confirmed` objects have been seen to move.
    """

    key: int
    box: Box
    stood_s: float = 0.0
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Detections:
    """All that a detector found in one frame.

    `settled` is False while the background is still being learnt or a light change passes over the whole picture:
    what is found then is not to be believed, and nothing may fire. `looked` is False where the detector has not looked
    at this frame, as between two answers of a network in the sensor: who is tracked is neither seen nor missed in it.
    """

    items: tuple[Detection, ...]
    settled: bool = True
    looked: bool = True


class ViewFault(StrEnum):
    """What is wrong with the view: the reasons of Sabotage."""

    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    COVERED = "covered"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class View:
    """The picture as a whole, against what this camera normally shows; judged once or twice a second.

    `fault` is None where the view is healthy. `settled` is False while nothing can be said: the normal view is still
    being learnt, or the camera switches between day and night or sets its exposure.
    """

    fault: ViewFault | None = None
    settled: bool = True
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that lies still and was not there before; never one of the tracks.

    `since_s` is since when it has lain still, `seen_s` when it was last seen uncovered, in seconds into the stream. Its
    id is from the channel's sequence. `filled` is the share of its box that it fills, `changed` the share of it that no
    longer looks as it did at first: nothing of a thing, some of a person who stands.
    """

    object_id: int
    box: Box
    since_s: float
    seen_s: float
    filled: float = 0.0
    changed: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What is seen beside the objects that move.

    `same_s` is for how long the camera has given the very same picture.
    """

    view: View | None = None
    same_s: float = 0.0
    things: tuple[Thing, ...] = ()


NOTHING_OBSERVED = Observation()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where an object was seen, and when (seconds into the stream)."""

    stream_s: float
    box: Box


@dataclass(frozen=True, slots=True)
class Track:
    """One confirmed object as it stands in one scene.

    `new` are the sightings since the previous scene, oldest first: none where the object is hidden in this frame, all
    from the first one in the scene in which the track is confirmed, and those of a meeting in which it is not clear who
    is who some time later. A rule that goes through `new` therefore sees every sighting of an object exactly once, some
    late. `moved_s` is when it last moved from where it stands, in
    seconds into the stream: it has stood still since.
    """

    object_id: int
    box: Box
    origin: Origin
    confidence: float
    first_s: float
    last_s: float
    new: tuple[Sighting, ...]
    label: str = ""
    moved_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that was seen long enough, yet never became a confirmed track; told once, when it is lost.

    `seen` are its sightings, oldest first: at least one.
    """

    why: Why
    origin: Origin
    seen: tuple[Sighting, ...]
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known of a channel at one frame: the input of every rule.

    `tracks` are the confirmed objects still followed, `ended` those that were lost in this frame; `refused` those that
    were lost in it without ever having been confirmed. `aspect` is the frame's width over its height.
    """

    channel_id: str
    time_us: int
    stream_s: float
    aspect: float
    tracks: tuple[Track, ...]
    ended: tuple[Track, ...] = ()
    settled: bool = True
    observed: Observation = NOTHING_OBSERVED
    refused: tuple[Refused, ...] = ()

    def wall_us(self, stream_s: float) -> int:
        """Return the wall time of an earlier moment of the stream, in microseconds UTC."""
        return self.time_us - round((self.stream_s - stream_s) * 1e6)


def bare_scene(frame: Frame) -> Scene:
    """Return the scene of a frame in which nothing was looked for."""
    return Scene(frame.channel_id, frame.time_us, frame.stream_s, frame.picture.width / frame.picture.height, ())
