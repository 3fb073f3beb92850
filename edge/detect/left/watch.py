"""Finds what lies still and was not there before, from two pictures a second."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from edge.detect.hidden import Hidden
from edge.detect.left import back
from edge.detect.left.ground import Ground, Start
from edge.detect.left.lasting import Lasting
from edge.detect.left.look import Daylight, Look, Steady, Where, edges, look_at
from edge.detect.left.patches import Patch, joined, overlap, patches
from edge.detect.left.spots import FORGET_TENTHS, Spot, mark
from edge.model.geometry import Box
from edge.model.scene import Expected, Frame, Thing

TICK_S = 0.5
_EARLY_S = 0.02
_STANDS = 30
"""Tenths of a second for which something must have stood before it is taken for a thing."""
_ADAPT_TICKS = 4
_SAME_PATCH = 0.5
_TOO_MUCH = 0.5
"""Where more of the picture than this differs from the background, that is of no use any more."""
_BESIDE_MASKS = 4
"""Pixels around a privacy mask that its border may reach into: the picture is held still by as much."""
_LEVELS = (0.7, 1.4)
_RELEARN = 4
_LEAST_PIXELS = 3.0
_LEAST_SHARE = 0.6
_LARGE = 1.5
_LARGE_TENTHS = 3000
_GROWS_TENTHS = 50
_BESIDE = 3
_MOST_SPOTS = 60
_HELD = np.ones((7, 7), np.uint8)


class LeftBehind:
    """Watches one channel for things; frames come in order.

    `sizes` are the least and the largest height that any zone asks for, in shares of the frame's; `new_id` gives the
    next id of the channel's sequence. What is `hidden` by privacy masks does not count.
    """

    def __init__(
        self, width: int, sizes: tuple[float, float], new_id: Callable[[], int], hidden: Hidden | None = None
    ) -> None:
        self._width = width
        self._hidden = hidden or Hidden()
        self._sizes = sizes
        self._new_id = new_id
        self._memory: Memory | None = None
        self._start = Start()
        self._next_s = 0.0
        self._told: tuple[Thing, ...] = ()

    def observe(self, frame: Frame, known: Sequence[Expected]) -> tuple[Thing, ...]:
        """Return all things that lie there; `known` is where tracked objects are."""
        if frame.stream_s < self._next_s:
            return self._told
        self._next_s = frame.stream_s + TICK_S - _EARLY_S
        look = look_at(frame.picture, self._width)
        if self._memory is None or self._memory.shape != look.shape:
            start = self._start.add(look)
            self._memory = None
            if start is not None:
                self._memory = Memory(start, frame.stream_s, self._sizes, self._new_id, self._hidden)
            self._told = ()
            return ()
        self._told = self._memory.tick(look, frame.stream_s, known)
        return self._told


class Memory:
    """What is remembered of the place and of what stands there; times within are tenths of a second."""

    def __init__(
        self, start: Look, stream_s: float, sizes: tuple[float, float], new_id: Callable[[], int], hidden: Hidden
    ) -> None:
        self.shape = start.shape
        self._seen = hidden.open(start.shape[1], start.shape[0], _BESIDE_MASKS)
        self._too_many = _TOO_MUCH * max(1, cv2.countNonZero(self._seen))
        rows = start.shape[0]
        self._least = max(_LEAST_PIXELS, _LEAST_SHARE * sizes[0] * rows)
        self._largest = _LARGE * sizes[1] * rows
        self._new_id = new_id
        self._first = start[:, :, 0].copy()
        self._ground, self._lasting = Ground(start), Lasting(start, _tenths(stream_s))
        self._steady, self._daylight = Steady(self._seen), Daylight(self._seen)
        self._spots: list[Spot] = []
        self._waiting: list[Spot] = []
        self._learns: Start | None = None
        self._held: Where = np.zeros(start.shape[:2], np.uint8)
        self._ticks = 0

    def tick(self, look: Look, stream_s: float, known: Sequence[Expected]) -> tuple[Thing, ...]:
        """Take in a picture; return the things."""
        now = _tenths(stream_s)
        even = self._steady.hold(self._daylight.even(look, self._ground.picture), self._ground.picture)
        its_edges = edges(even[:, :, 0])
        foreign = self._seen & self._ground.unlike(even, its_edges)
        troubled = self._daylight.jumps or cv2.countNonZero(foreign) > self._too_many
        if troubled or self._learns is not None:
            self._learn_again(even, now, fresh=troubled)
            return self._tell()
        self._lasting.add(even, its_edges, now)
        static = self._seen & self._ground.unlike(self._lasting.picture, self._lasting.edges)
        self._watch(even, foreign, static, now)
        self._adapt(even, foreign, static, known)
        return self._tell()

    def _learn_again(self, even: Look, now: int, *, fresh: bool) -> None:
        """After a change of the light, learn all anew but what lies there; all clocks begin again."""
        if fresh or self._learns is None:
            self._learns = Start(_RELEARN)
        start = None if fresh else self._learns.add(even)
        for spot in self._spots:
            spot.since = spot.seen = now
        if start is None:
            return
        self._learns = None
        around = np.asarray(cv2.bitwise_not(self._held), np.uint8)
        self._first[around > 0] = start[:, :, 0][around > 0]
        self._ground.replace(start, around)
        self._lasting.replace(start, around, now)
        self._lasting.restart(now)
        self._waiting.clear()
        self._rebase()

    def _rebase(self) -> None:
        """Keep all that is remembered as bright as the picture is, where the light has gone far."""
        if _LEVELS[0] <= self._daylight.level <= _LEVELS[1]:
            return
        gain = self._daylight.level
        self._ground.relight(gain)
        self._lasting.relight(gain)
        for spot in self._spots:
            spot.relight(gain)
        self._daylight.rest()

    def _watch(self, even: Look, foreign: Where, static: Where, now: int) -> None:
        """Look after the things known, then for new ones beside them."""
        for spot in tuple(self._spots):
            if spot.watch(even, self._ground.picture, foreign, self._lasting, now):
                spot.weigh(even, self._ground.picture, foreign)
            if spot.is_gone or spot.is_nothing or spot.is_over(self._lasting, foreign, now):
                self._drop(spot, even, foreign, now)
        rest = static.copy()
        for spot in self._spots:
            mark(rest, spot.patch, 0, grown=2)
        if not cv2.countNonZero(rest):
            self._waiting.clear()
            return
        self._waiting = [
            self._wait(patch, even, foreign, now)
            for patch in patches(rest, self._lasting.since, self._least)[:_MOST_SPOTS]
        ]
        for spot in tuple(self._waiting):
            if now - spot.since >= _STANDS:
                self._decide(spot, even, now)

    def _wait(self, patch: Patch, even: Look, foreign: Where, now: int) -> Spot:
        before = max(self._waiting, key=lambda each: overlap(each.patch.box, patch.box), default=None)
        spot = Spot(patch, self._lasting.picture[patch.cut].copy(), patch.since, now)
        if before is not None and overlap(before.patch.box, patch.box) >= _SAME_PATCH:
            spot.score, spot.spreads = before.score, before.spreads
        if spot.watch(even, self._ground.picture, foreign, self._lasting, now):
            spot.weigh(even, self._ground.picture, foreign)
        return spot

    def _decide(self, spot: Spot, even: Look, now: int) -> None:
        """Take what has stood for a while for a thing, or for background."""
        too_large = spot.patch.height > self._largest
        is_back = spot.is_thing and back.is_back(self._first, even[:, :, 0], spot.patch)
        if spot.is_nothing or is_back or (too_large and now - spot.since >= _LARGE_TENTHS):
            self._waiting.remove(spot)
            self._absorb(spot.patch, even, now)
        elif spot.is_thing and not too_large:
            self._waiting.remove(spot)
            whole = next((each for each in self._spots if self._is_part(spot, each)), None)
            if whole is not None:
                whole.patch = joined(whole.patch, spot.patch, self.shape[:2], self._lasting.since)
                whole.show(even)
            elif len(self._spots) < _MOST_SPOTS:
                spot.object_id = self._new_id()
                spot.first = spot.looks.copy()
                self._spots.append(spot)

    def _is_part(self, spot: Spot, whole: Spot) -> bool:
        """Tell whether a patch is only more of a thing that is known already, and was covered until now."""
        if abs(spot.since - whole.since) > _GROWS_TENTHS or spot.patch.area > whole.patch.area:
            return False
        mask = np.zeros(self.shape[:2], np.uint8)
        mark(mask, whole.patch, 255, grown=_BESIDE)
        return bool((mask[spot.patch.cut][spot.patch.mask > 0] > 0).any())

    def _drop(self, spot: Spot, even: Look, foreign: Where, now: int) -> None:
        """Forget a thing that is not there any more; what else its place shows is looked at anew."""
        self._spots.remove(spot)
        if spot.is_nothing or now - spot.seen > FORGET_TENTHS:
            self._absorb(spot.patch, even, now)
            return
        bare = np.zeros(self.shape[:2], np.uint8)
        mark(bare, spot.patch, 255, grown=2)
        bare[foreign > 0] = 0
        self._lasting.replace(even, bare, now)

    def _absorb(self, patch: Patch, look: Look, now: int) -> None:
        """Take what is at a place for background."""
        where = np.zeros(self.shape[:2], np.uint8)
        mark(where, patch, 255, grown=2)
        self._ground.replace(look, where)
        self._lasting.replace(look, where, now)

    def _adapt(self, even: Look, foreign: Where, static: Where, known: Sequence[Expected]) -> None:
        """Learn what is background, every other second."""
        both = foreign | static
        for spot in (*self._spots, *self._waiting):
            mark(both, spot.patch, 255, grown=2)
        self._held = np.asarray(cv2.dilate(both, _HELD), np.uint8)
        self._ticks += 1
        if self._ticks % _ADAPT_TICKS:
            return
        lies = np.asarray(cv2.dilate(static, _HELD), np.uint8)
        for spot in self._spots:
            mark(lies, spot.patch, 255, grown=2)
        for each in known:
            lies[self._part(each.box)] = 255
        self._ground.adapt(even, np.asarray(cv2.bitwise_not(self._held), np.uint8), _ADAPT_TICKS * TICK_S)
        self._ground.learn_noise(even, np.asarray(cv2.bitwise_not(lies), np.uint8), _ADAPT_TICKS * TICK_S)
        self._rebase()

    def _part(self, box: Box) -> tuple[slice, slice]:
        rows, columns = self.shape[:2]
        return np.s_[
            max(0, int(box.top * rows) - 2) : max(0, int(box.bottom * rows) + 3),
            max(0, int(box.left * columns) - 2) : max(0, int(box.right * columns) + 3),
        ]

    def _tell(self) -> tuple[Thing, ...]:
        rows, columns = self.shape[:2]
        things = []
        for spot in self._spots:
            left, top, right, bottom = spot.patch.box
            box = Box(left / columns, top / rows, right / columns, bottom / rows)
            seen = spot.since / 10, spot.seen / 10
            things.append(Thing(spot.object_id or 0, box, *seen, spot.patch.filled, spot.changed))
        return tuple(things)


def _tenths(stream_s: float) -> int:
    return round(stream_s * 10)
