"""What is remembered of one object beside its motion."""

from dataclasses import dataclass, field

from edge.model.geometry import Box, diagonal, distance
from edge.model.scene import Origin, Sighting
from edge.track.classify import Classifier

LEAST_HITS = 3
LEAST_AGE_S = 0.4
_MOVED_HEIGHTS = 0.5
_MOVED_DIAGONAL = 0.02
_EARLY_S = 0.01


@dataclass(slots=True)
class Life:
    """One object's story so far. `object_id` is None until it is confirmed."""

    key: int
    first: Sighting
    last: Sighting
    object_id: int | None = None
    hits: int = 1
    moved: bool = False
    confidence: float = 1.0
    label: str = ""
    origin: Origin = Origin.UNKNOWN
    votes: dict[Origin, float] = field(default_factory=dict)
    untold: list[Sighting] = field(default_factory=list)

    def see(self, sighting: Sighting, aspect: float) -> None:
        """Take in a sighting."""
        self.last = sighting
        self.hits += 1
        self.untold.append(sighting)
        self.moved = self.moved or has_moved(self.first.box, sighting.box, aspect)

    def ripe(self) -> bool:
        """Tell whether it has been seen often, long and far enough to be believed."""
        age_s = self.last.stream_s - self.first.stream_s
        return self.moved and self.hits >= LEAST_HITS and age_s >= LEAST_AGE_S - _EARLY_S

    def vote(self, classifier: Classifier, speed: float, aspect: float) -> None:
        """Judge by the last sighting too what kind of thing it is."""
        origin = classifier.origin(self.last.box, aspect, speed)
        self.votes[origin] = self.votes.get(origin, 0.0) + 1.0
        self.origin = max(self.votes, key=lambda each: self.votes[each])


def has_moved(first: Box, last: Box, aspect: float) -> bool:
    """Tell whether an object has moved half its height, or 2 % of the frame's diagonal."""
    away = min(distance(first.bottom_center, last.bottom_center, aspect), distance(first.center, last.center, aspect))
    return away >= min(_MOVED_HEIGHTS * max(first.height, last.height), _MOVED_DIAGONAL * diagonal(aspect))
