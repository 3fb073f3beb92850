"""Objects that walk along paths, and the scenes that a tracker which makes no mistake would give of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from edge.model.geometry import Box, Point, distance
from edge.model.scene import NOTHING_OBSERVED, Observation, Origin, Scene, Sighting, Thing, Track, View, ViewFault

START_US = 1_700_000_000_000_000
CONFIRMED_AFTER_S = 0.4
LOST_AFTER_S = 2.0
_STANDS = 0.15
"""As in edge.track.life: who is further away than this share of its height from where it stood has moved."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Actor:
    """One object: where its anchor (bottom centre) is at which times, how large it is, when it cannot be seen.

    `size` is (width, height); `sizes` are several (seconds, width, height), straight in between; `origins` are
    (seconds, class).
    `hidden` are spans out of sight, for 2 s at most before it is lost; in a span of `parked` it is never lost.
    """

    object_id: int
    path: Sequence[tuple[float, float, float]]
    size: tuple[float, float] = (0.05, 0.15)
    origin: Origin = Origin.PEDESTRIAN
    hidden: Sequence[Span] = ()
    confirmed_after_s: float = CONFIRMED_AFTER_S
    origins: Sequence[tuple[float, Origin]] = ()
    parked: Sequence[Span] = ()
    sizes: Sequence[tuple[float, float, float]] = ()

    def box(self, at_s: float) -> Box:
        """Return the box at a time, between its way points in a straight line, cut at the picture's edge."""
        (x, y), (width, height) = _between(self.path, at_s), _between(self.sizes, at_s) if self.sizes else self.size
        left, top, right, bottom = x - width / 2, y - height, x + width / 2, y
        return Box(max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0))

    def seen(self, at_s: float) -> bool:
        """Tell whether it is in view at a time."""
        there = self.path[0][0] - 1e-9 <= at_s <= self.path[-1][0] + 1e-9
        return there and not _within((*self.hidden, *self.parked), at_s)

    def kept(self, at_s: float) -> bool:
        """Tell whether it is known to be there though it is out of sight."""
        return _within(self.parked, at_s)

    def class_at(self, at_s: float) -> Origin:
        """Return what it is known as at a time."""
        return next((origin for since_s, origin in reversed(self.origins) if since_s <= at_s + 1e-9), self.origin)

    def again(self, object_id: int, from_s: float) -> "Actor | None":
        """Return it as it goes on under another id; None where it is gone by then."""
        rest = [point for point in self.path if point[0] > from_s]
        if not rest:
            return None
        first = [(from_s, *_between(self.path, from_s))] if self.path[0][0] < from_s else []
        return replace(self, object_id=object_id, path=(*first, *rest))


def _between(points: Sequence[tuple[float, float, float]], at_s: float) -> tuple[float, float]:
    before, after = (points[0], points[0]) if at_s <= points[0][0] else (points[-1], points[-1])
    for a, b in pairwise(points):
        if a[0] <= at_s <= b[0]:
            before, after = a, b
            break
    share = (at_s - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
    return before[1] + share * (after[1] - before[1]), before[2] + share * (after[2] - before[2])


def _within(spans: Sequence[Span], at_s: float) -> bool:
    return any(low <= at_s < high for low, high in spans)


@dataclass(frozen=True, slots=True)
class Still:
    """A thing that lies still from `since_s` until `until_s`; covered in the spans of `hidden`."""

    object_id: int
    box: Box
    since_s: float
    until_s: float = math.inf
    hidden: Sequence[Span] = ()

    def at(self, now_s: float) -> Thing | None:
        """Return it as it is known at a time."""
        if not self.since_s <= now_s < self.until_s:
            return None
        seen_s = next((low for low, high in self.hidden if low <= now_s < high), now_s)
        return Thing(self.object_id, self.box, self.since_s, seen_s)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is seen beside the objects: things that lie still, faults of the view, spans of the very same picture.

    A span of `view` whose fault is None is one in which nothing can be said. Where `views` is false nobody looks.
    """

    things: Sequence[Still] = ()
    view: Sequence[tuple[float, float, ViewFault | None]] = ()
    same: Sequence[Span] = ()
    views: bool = False

    def at(self, now_s: float) -> Observation:
        """Return what is observed at a time."""
        if not (self.things or self.same or self.views):
            return NOTHING_OBSERVED
        things = tuple(thing for thing in (still.at(now_s) for still in self.things) if thing is not None)
        same_s = next((now_s - low for low, high in self.same if low <= now_s < high), 0.0)
        return Observation(self._view(now_s) if self.views else None, same_s, things)

    def _view(self, now_s: float) -> View:
        for low, high, fault in self.view:
            if low <= now_s < high:
                return View(fault, settled=fault is not None)
        return View()


def scenes(
    actors: Sequence[Actor],
    *,
    fps: float,
    aspect: float = 4 / 3,
    unsettled: Sequence[Span] = (),
    until_s: float | None = None,
    from_s: float = 0.0,
    start_us: int = START_US,
    watched: Watched | None = None,
) -> Iterator[Scene]:
    """Give one scene for each frame, as a tracker that makes no mistake would; `start_us` is the time at 0 s."""
    last_s = max((actor.path[-1][0] for actor in actors), default=0.0)
    end_s = last_s + LOST_AFTER_S + 1 if until_s is None else until_s
    followed = [_Followed(actor, aspect) for actor in actors]
    for number in range(math.ceil(from_s * fps - 1e-6), int(end_s * fps + 1e-6) + 1):
        now_s = number / fps
        seen = [one.update(now_s) for one in followed]
        yield Scene(
            "c",
            start_us + round(now_s * 1e6),
            now_s,
            aspect,
            tuple(track for track, over in seen if track and not over),
            tuple(track for track, over in seen if track and over),
            not _within(unsettled, now_s),
            (watched or Watched()).at(now_s),
        )


class _Followed:
    """One actor as the tracker knows it."""

    def __init__(self, actor: Actor, aspect: float) -> None:
        self._actor = actor
        self._aspect = aspect
        self._waiting: list[Sighting] = []
        self._first: Sighting | None = None
        self._last: Sighting | None = None
        self._stand: Point | None = None
        self._moved_s = 0.0
        self._confirmed = self._over = False

    def update(self, now_s: float) -> tuple[Track | None, bool]:
        """Return its track at a frame, None before it is confirmed, and whether this frame lost it."""
        if self._actor.seen(now_s):
            self._see(Sighting(now_s, self._actor.box(now_s)))
        if self._first is None or self._last is None or self._over:
            return None, False
        self._over = now_s - self._last.stream_s >= LOST_AFTER_S and not self._actor.kept(now_s)
        self._confirmed |= now_s - self._first.stream_s >= self._actor.confirmed_after_s - 1e-9
        if not self._confirmed:
            return None, False
        new, self._waiting = tuple(self._waiting), []
        track = Track(
            self._actor.object_id,
            self._last.box,
            self._actor.class_at(now_s),
            1.0,
            self._first.stream_s,
            self._last.stream_s,
            new,
            moved_s=self._moved_s,
        )
        return track, self._over

    def _see(self, sighting: Sighting) -> None:
        self._first, self._last = self._first or sighting, sighting
        self._waiting.append(sighting)
        middle, height = sighting.box.center, sighting.box.height
        if self._stand is None or distance(self._stand, middle, self._aspect) > _STANDS * height:
            self._stand, self._moved_s = middle, sighting.stream_s
