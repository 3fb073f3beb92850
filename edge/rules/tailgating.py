"""Tailgating: someone follows another over the same line, the same way.

Crossings become certain late and not in order, so they are judged by their times, whichever is told first:

      A          B       C               D          seconds: 1.0
    --|----------|-------|---------------|--> time
      0.0        0.7     1.2             2.6

B follows A and C follows B; D comes too late. Who crosses less than two frames after the one before is not told to
follow: it may be the other half of the same person. See docs/adr/0077-who-follows-whom.md.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.model.event import Direction, Measure, Why
from edge.model.geometry import Box
from edge.model.scene import Sighting
from edge.rules.passage import Crossing
from edge.rules.walks import Walks
from edge.settings.rules import TailgatingSettings

LEAST_S = 0.4
"""Two frames at 5 a second: a body that is seen as two crosses within them."""

_BORN_S = 1.0
"""Who came into being so shortly before crossing, out of the other, is the same object divided."""

_COVERED = 0.5
_WIDER = 0.25
"""Out of the other: this share of its first box lies in the other's last one before, made wider by so much."""

_TOO_LATE = 1.5
"""Who follows within this times the seconds asked for is worth a word."""

_KEPT_S = 300.0
"""A crossing may become certain so much later, where someone stops on the line, and still lead or follow."""

_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Following:
    """Someone crossed after another; or nearly so, and `why` says what was missing."""

    crossing: Crossing
    measures: tuple[Measure, ...]
    why: Why | None = None


@dataclass(slots=True, eq=False)
class _Pass:
    """A crossing that counts, when, the way to it, and whether it is known to follow another, or was said not to."""

    crossing: Crossing
    stream_s: float
    trail: tuple[Sighting, ...]
    follows: bool = False
    refused: bool = False

    @property
    def object_id(self) -> int:
        """Whose it was."""
        return self.crossing.track.object_id


class Followers:
    """Finds out who follows whom over one line."""

    def __init__(self, settings: TailgatingSettings, walks: Walks) -> None:
        self._seconds = settings.seconds
        self._walks = walks
        self._passes: dict[Direction, list[_Pass]] = {direction: [] for direction in Direction}

    def add(self, crossing: Crossing, now_s: float) -> Iterator[Following]:
        """Take in a crossing that counts; yield who follows by it: it another, or one told before it."""
        passes = self._passes[crossing.direction]
        del passes[: bisect_left(passes, now_s - _KEPT_S, key=_when)]
        new = _Pass(crossing, crossing.stream_s, self._walks.sightings(crossing.track.object_id))
        place = bisect_right(passes, crossing.stream_s, key=_when)
        after = next((each for each in passes[place:] if each.object_id != new.object_id), None)
        passes.insert(place, new)
        abreast = after is not None and after.follows and _gap(new, after) < LEAST_S
        for each in (new, after):
            if each is None or each.follows or (each is new and abreast):
                continue
            following = self._judge(each, passes)
            if following is not None and not (following.why and each.refused):
                each.follows, each.refused = following.why is None, following.why is not None
                yield following

    def _judge(self, follower: _Pass, passes: list[_Pass]) -> Following | None:
        """Say whether one follows those before it, and if not why; None: there is nobody near."""
        since = bisect_left(passes, follower.stream_s - self._seconds * _TOO_LATE, key=_when)
        until = bisect_right(passes, follower.stream_s, key=_when)
        before = [each for each in passes[since:until] if each.object_id != follower.object_id]
        if not before:
            return None
        gap = _gap(before[-1], follower)
        measures = (Measure("gap_s", gap, self._seconds),)
        if gap < LEAST_S - _ROUNDING_S:
            return Following(follower.crossing, (Measure("gap_s", gap, LEAST_S),), Why.SAME_OBJECT)
        if gap > self._seconds + _ROUNDING_S:
            return Following(follower.crossing, measures, Why.TOO_LATE)
        near = [each for each in before if _gap(each, follower) <= self._seconds + _ROUNDING_S]
        same = any(self._is_same(each, follower) for each in near)
        return Following(follower.crossing, measures, Why.SAME_OBJECT if same else None)

    def _is_same(self, one: _Pass, other: _Pass) -> bool:
        """Tell whether the younger of two came out of the older shortly before it crossed."""
        older, younger = sorted((one, other), key=lambda each: each.crossing.track.first_s)
        born_s = younger.crossing.track.first_s
        if younger.stream_s - born_s > _BORN_S or not younger.trail or younger.trail[0].stream_s > born_s + LEAST_S:
            return False
        trail = self._walks.sightings(older.object_id) or older.trail
        seen = [each for each in trail if -LEAST_S <= each.stream_s - born_s <= _ROUNDING_S]
        return bool(seen) and _covered(younger.trail[0].box, seen[-1].box) >= _COVERED


def _when(one: _Pass) -> float:
    return one.stream_s


def _gap(one: _Pass, other: _Pass) -> float:
    return other.stream_s - one.stream_s


def _covered(box: Box, by: Box) -> float:
    """Return which share of a box lies in another one, made wider."""
    wide = replace(by, left=by.left - _WIDER * by.width, right=by.right + _WIDER * by.width)
    width = min(box.right, wide.right) - max(box.left, wide.left)
    height = min(box.bottom, wide.bottom) - max(box.top, wide.top)
    area = box.width * box.height
    return max(width, 0.0) * max(height, 0.0) / area if area > 0.0 else 0.0
