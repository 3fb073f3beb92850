"""One object's passage over one line: from the step that crosses it until the object has been clear of it for a time.

See docs/adr/0070-what-crosses-a-line.md.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.model.event import Direction, Measure, Why
from edge.model.geometry import Box, Point
from edge.model.scene import Sighting, Track
from edge.rules.polyline import Hit, Place

_AT_EDGE = 0.02
"""A box this near to the picture's edge is on its way out (share of the frame)."""

_THERE_AND_BACK = 2
"""Who steps over the line so often and is where it was turned back; more often, it swayed."""

_NEAR_END = 0.5
"""Who goes past an end of the line within so much of their height is worth a word."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """An object went from one side of a line to the other; or did not quite, and `why` says what was missing.

    `stream_s` is when its path met the line and `place` where, in fractions of the frame; `box` is what it was then.
    """

    track: Track
    direction: Direction
    stream_s: float
    place: Point
    box: Box
    measures: tuple[Measure, ...] = ()
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a line asks for: `hold_s` beyond it for `frames` sightings, and an angle; and the shape of the picture."""

    frames: int
    hold_s: float
    min_angle: float
    aspect: float
    diagonal: float


class Step(NamedTuple):
    """A step over the line: when, where, along which piece, and the box that it led to; which way, +1 to the right."""

    stream_s: float
    place: Place
    heading: Place
    box: Box
    sign: int


@dataclass(slots=True)
class Passage:
    """What is remembered of one object near the line.

    `side` sums up the changes of side since it was last clear of the line, `through` those of them between the line's
    ends; +1 is to the right. `steps` are the last steps over the line, by sign, `first` is the sign of the first one
    and `passes` how many there were. `past` is the last step round an end of the line, `past_by` beyond that end.
    `clear_s` is when its path left the margin, None while it has not; `clear_place` is the first sighting beyond,
    `clear_frames` how many there were. `beyond` and `held` are how far and for how many sightings in a row it has been
    away from the line, `margin` is how far it should have been.
    """

    last: Sighting
    side: int = 0
    through: int = 0
    passes: int = 0
    first: int = 0
    steps: dict[int, Step] = field(default_factory=dict)
    past: Step | None = None
    past_by: float = 0.0
    clear_s: float | None = None
    clear_place: Place = (0.0, 0.0)
    clear_frames: int = 0
    beyond: float = 0.0
    held: int = 0
    margin: float = 0.0

    @property
    def matters(self) -> bool:
        """False where nothing has happened, after all, that anybody would ask about."""
        return bool(self.side or self.through or self.passes)

    def cross(self, hit: Hit, step: Step, past_by: float) -> None:
        """Take one crossing of the line in, or of an extension, `past_by` from the end; in the order of the path."""
        self.side += hit.sign
        self.clear_s = None
        if hit.on_line:
            self.through += hit.sign
            self.passes += 1
            self.first = self.first or hit.sign
            self.steps[hit.sign] = step
        else:
            self.past, self.past_by = step, past_by

    def stay(self, off: float) -> None:
        """Take in that it is within the margin, `off` away from the line."""
        self.clear_s = None
        self._reach(off, 0)

    def go_on(self, off: float, place: Place, left_s: float) -> None:
        """Take in that it is beyond the margin, which it left at `left_s` if not before."""
        if self.clear_s is None:
            self.clear_s, self.clear_place, self.clear_frames = left_s, place, 0
        self.clear_frames += 1
        self._reach(off, self.clear_frames)

    def is_clear(self, limits: Limits) -> bool:
        """Tell whether it has been clear of the line for the sightings asked for and their time."""
        if self.clear_s is None or self.clear_frames < limits.frames:
            return False
        return self.last.stream_s - self.clear_s >= limits.hold_s

    def is_clear_at_last(self, limits: Limits) -> bool:
        """Tell whether it was clear of the line as it was lost, before the time for that was up.

        At the picture's edge no more could be seen; elsewhere as many sightings as asked for are enough at any rate.
        """
        return self.clear_s is not None and (_at_edge(self.last.box) or self.clear_frames >= limits.frames)

    def outcome(self, track: Track, limits: Limits) -> Crossing | None:
        """Decide on an object that is clear of the line again, on whichever side; None: nothing to speak of."""
        if self.through * self.side > 0:
            step = self.steps[1 if self.through > 0 else -1]
            angle = _angle(step, self.clear_place)
            measures = (*self._held(limits), Measure("angle_deg", angle, limits.min_angle))
            why = Why.SMALL_ANGLE if angle < limits.min_angle else None
            return _crossing(track, step, limits, measures, why)
        if self.passes and not (self.through or self.side):
            return self.missed(track, limits, Why.TOO_SHORT if self.passes == _THERE_AND_BACK else Why.SWAYING)
        if self.past is None or not self.matters:
            return None
        if not self.passes and self.past_by > _NEAR_END * self.past.box.height:
            return None
        measures = (Measure("past_end_share", self.past_by / limits.diagonal, 0.0),)
        return _crossing(track, self._last_over() if self.passes else self.past, limits, measures, Why.ROUND_THE_END)

    def missed(self, track: Track, limits: Limits, why: Why) -> Crossing | None:
        """Return what was no crossing although it went over the line; None where it only went round an end."""
        return _crossing(track, self._last_over(), limits, self._held(limits), why) if self.passes else None

    def _last_over(self) -> Step:
        return self.steps[(self.through > 0) - (self.through < 0) or self.first]

    def _reach(self, off: float, frames: int) -> None:
        if self.side or self.through:
            self.beyond, self.held = max(self.beyond, off), max(self.held, frames)

    def _held(self, limits: Limits) -> tuple[Measure, ...]:
        return (
            Measure("beyond_share", self.beyond / limits.diagonal, self.margin / limits.diagonal),
            Measure("frames", float(self.held), float(limits.frames)),
        )


def _crossing(track: Track, step: Step, limits: Limits, measures: tuple[Measure, ...], why: Why | None) -> Crossing:
    direction = Direction.A_TO_B if step.sign > 0 else Direction.B_TO_A
    place = Point(step.place[0] / limits.aspect, step.place[1])
    return Crossing(track, direction, step.stream_s, place, step.box, measures, why)


def _angle(step: Step, clear: Place) -> float:
    """Return the angle between the line and the way from it to where the object was clear of it: 0..90 degrees."""
    wx, wy = clear[0] - step.place[0], clear[1] - step.place[1]
    (ux, uy) = step.heading
    across, along = abs(ux * wy - uy * wx), abs(ux * wx + uy * wy)
    return math.degrees(math.atan2(across, along)) if across or along else 90.0


def _at_edge(box: Box) -> bool:
    low, high = _AT_EDGE, 1.0 - _AT_EDGE
    return box.left <= low or box.top <= low or box.right >= high or box.bottom >= high
