"""What is remembered of one object beside its motion."""

import math
from dataclasses import dataclass, field

from edge.model.event import NO_OBJECT
from edge.model.geometry import Box, diagonal
from edge.model.origin import origin_of_label
from edge.model.scene import Origin, Sighting, Track
from edge.track.classify import Classifier

Place = tuple[float, float]
"""Right and down, in units of the frame's height."""

LEAST_HITS = 3
LEAST_AGE_S = 0.4
MOVED_HEIGHTS = 0.5
_MOVED_DIAGONAL = 0.02
_EARLY_S = 0.01
_STANDS = 0.15
_ALONE = 0.75
_EDGE = 0.01
_TRAVELLED = 0.5
_STRAIGHT = 0.7
_FADE = 0.8
_HIGHER = 1.25
_WIDER = 1.5
_ON_ITS_WAY = 0.3
_MOST_VOTES = 0.6
_RESHAPED = 1.5
_LONGEST_STEP_S = 0.2
"""No sighting counts for more time than this: a class is never told from fewer than three where size is not known."""
_UNSEEN_S = 0.55
"""What comes back after so long, as when the processor was busy, may be another thing: that sighting does not vote."""
_LEAST_STEP_S = 1e-3
_WEAR_S = 1.0
_BY_ITSELF_S = 1.0
_PIECE_S = 1.5
"""Who has been within another for so long, and less than the time above by itself, is a piece of it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an object is, apart from where it is."""

    object_id: int | None
    first: Sighting
    origin: Origin
    judged: Box | None
    votes: dict[Origin, float]
    labels: dict[str, float]


@dataclass(slots=True)
class Life:
    """One object's story so far. `object_id` is None until it is confirmed."""

    key: int
    first: Sighting
    last: Sighting
    object_id: int | None = None
    hits: int = 1
    moved: bool = False
    place: Place = (math.inf, math.inf)
    stand: Place = (math.inf, math.inf)
    stand_s: float = 0.0
    seen: Place = (math.inf, math.inf)
    step_s: float = 0.0
    gap_s: float = 0.0
    way: tuple[float, float, float] = (0.0, 0.0, 0.0)
    confidence: float = 1.0
    label: str = ""
    origin: Origin = Origin.UNKNOWN
    judged: Box | None = None
    votes: dict[Origin, float] = field(default_factory=dict)
    labels: dict[str, float] = field(default_factory=dict)
    untold: list[Sighting] = field(default_factory=list)
    colours: tuple[float, ...] = ()
    apart_s: float = 0.0
    covered_s: float = math.inf
    over: bool = False

    def cover(self, stream_s: float, *, covered: bool) -> None:
        """Take in whether another, larger one lies over it in its last sighting."""
        if covered:
            self.covered_s = min(self.covered_s, stream_s)
        else:
            self.covered_s = math.inf
            self.apart_s += self.step_s

    def is_piece(self) -> bool:
        """Tell whether it has been within another for long, and hardly ever seen by itself."""
        return self.apart_s < _BY_ITSELF_S and self.last.stream_s - self.covered_s >= _PIECE_S

    def see(self, sighting: Sighting, aspect: float) -> None:
        """Take in a sighting."""
        center = centre(sighting.box, aspect)
        self._walk(center)
        self.gap_s = sighting.stream_s - self.last.stream_s
        self.step_s = min(self.gap_s, _LONGEST_STEP_S)
        self.last = sighting
        self.hits += 1
        self.untold.append(sighting)
        self.moved = self.moved or has_moved(self.first.box, sighting.box, aspect)
        if math.dist(self.stand, center) > _STANDS * sighting.box.height:
            self.stand, self.stand_s = center, sighting.stream_s

    def _walk(self, now: Place) -> None:
        """Add a step to the last second's way: right, down, and the path's length, in frame heights."""
        if self.place[0] < math.inf:
            across, down = now[0] - self.place[0], now[1] - self.place[1]
            right, below, path = self.way
            self.way = (_FADE * right + across, _FADE * below + down, _FADE * path + math.hypot(across, down))
        self.place = now

    def wear(self, colours: tuple[float, ...], elapsed_s: float) -> None:
        """Take in the colours seen on it; they change slowly."""
        if not self.colours or not colours:
            self.colours = colours or self.colours
            return
        gain = 1.0 - math.exp(-elapsed_s / _WEAR_S)
        self.colours = tuple(a + gain * (b - a) for a, b in zip(self.colours, colours, strict=True))

    def seen_enough(self) -> bool:
        """Tell whether it has been seen often and long enough to be believed."""
        return self.hits >= LEAST_HITS and self.last.stream_s - self.first.stream_s >= LEAST_AGE_S - _EARLY_S

    def stood_s(self) -> float:
        """Return how long it had been standing when it was seen last."""
        return self.last.stream_s - self.stand_s

    def tell(self, until_s: float = math.inf) -> Track:
        """Return it as it stands, with what was seen until a moment and not told yet; it must be confirmed."""
        count = sum(each.stream_s <= until_s for each in self.untold)
        new = tuple(self.untold[:count])
        del self.untold[:count]
        return Track(
            object_id=NO_OBJECT if self.object_id is None else self.object_id,
            box=self.last.box,
            origin=self.origin,
            confidence=self.confidence,
            first_s=self.first.stream_s,
            last_s=self.last.stream_s,
            new=new,
            label=self.label,
            moved_s=self.stand_s,
        )

    def identity(self) -> "Identity":
        """Return who it is, apart from where it is."""
        return Identity(self.object_id, self.first, self.origin, self.judged, self.votes, self.labels)

    def become(self, other: "Identity") -> None:
        """Go on as another, from where it is."""
        self.object_id, self.first, self.origin = other.object_id, other.first, other.origin
        self.judged, self.votes, self.labels = other.judged, other.votes, other.labels

    def resume(self, before: "Life") -> None:
        """Go on as an object that was followed before."""
        self.object_id, self.first, self.moved = before.object_id, before.first, True
        since_s = self.untold[0].stream_s if self.untold else math.inf
        self.untold[:0] = [each for each in before.untold if each.stream_s < since_s]
        self.origin, self.votes, self.labels = before.origin, before.votes, before.labels
        if math.dist(before.stand, self.stand) <= _STANDS * self.last.box.height:
            self.stand, self.stand_s = before.stand, before.stand_s

    def call(self, label: str) -> None:
        """Take in what a neural detector calls it in the last sighting; it is what it was called most of the time."""
        self.labels[label] = self.labels.get(label, 0.0) + max(self.step_s, _LEAST_STEP_S)
        self.label = max(self.labels, key=lambda each: self.labels[each])
        self.origin = origin_of_label(self.label)

    def vote(self, classifier: Classifier, seen: Box, speed: float, aspect: float) -> None:
        """Judge by the last sighting too what kind of thing it is, if that shows it whole, alone and on its way.

        `seen` is the box as detected, `speed` is in frame heights per second. What trembles, turns about or changes its
        size from frame to frame is nothing known.
        """
        before, box = self.seen, self.last.box
        self.seen = centre(seen, aspect)
        speed = min(speed, math.dist(before, self.seen) / max(self.gap_s, 1e-3))
        if self.gap_s > _UNSEEN_S or self.confidence < _ALONE or speed < _ON_ITS_WAY * box.height or _at_edge(seen):
            return
        if math.dist(centre(self.first.box, aspect), self.place) < _TRAVELLED * box.height:
            return
        across, down, path = self.way
        steady = _same_size(seen, box) and math.hypot(across, down) >= _STRAIGHT * path
        if self.judged is None or not _alike(self.judged, box):
            self.judged = box
            self.votes.clear()
        origin = classifier.origin(box, aspect, speed) if steady else Origin.UNKNOWN
        self.votes[origin] = self.votes.get(origin, 0.0) + self.step_s
        best = max(self.votes, key=lambda each: self.votes[each])
        if self.votes[best] >= max(classifier.certain_s - _EARLY_S, _MOST_VOTES * sum(self.votes.values())):
            self.origin = best


def _same_size(seen: Box, usual: Box) -> bool:
    high, wide = seen.height / max(usual.height, 1e-6), seen.width / max(usual.width, 1e-6)
    return 1 / _HIGHER <= high <= _HIGHER and 1 / _WIDER <= wide <= _WIDER


def _alike(before: Box, now: Box) -> bool:
    """Tell whether an object has about the shape it had when first judged: else it has been more than one thing."""
    shape = now.width * before.height / max(now.height * before.width, 1e-6)
    return 1 / _RESHAPED < shape < _RESHAPED


def _at_edge(box: Box) -> bool:
    return box.left < _EDGE or box.top < _EDGE or box.right > 1 - _EDGE or box.bottom > 1 - _EDGE


def centre(box: Box, aspect: float) -> Place:
    """Return the middle of a box in units of the frame's height."""
    return (box.left + box.right) / 2 * aspect, (box.top + box.bottom) / 2


def has_moved(first: Box, last: Box, aspect: float) -> bool:
    """Tell whether an object has moved half its height, or 2 % of the frame's diagonal."""
    away, high = _away(first, last, aspect)
    return away >= min(MOVED_HEIGHTS * high, _MOVED_DIAGONAL * diagonal(aspect))


def moved_heights(first: Box, last: Box, aspect: float) -> float:
    """Return how far an object has moved, in its own heights."""
    away, high = _away(first, last, aspect)
    return away / max(high, 1e-6)


def _away(first: Box, last: Box, aspect: float) -> tuple[float, float]:
    """Return how far foot, middle and head have all moved, and the object's height, in units of the frame's height."""
    across = (last.left + last.right - first.left - first.right) / 2 * aspect
    bottom, top = last.bottom - first.bottom, last.top - first.top
    down = 0.0 if bottom * top <= 0.0 else min(abs(bottom), abs(top))
    return math.hypot(across, down), max(first.height, last.height)
