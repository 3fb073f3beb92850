"""A spot: a place where something stands still, remembered from tick to tick."""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np

from edge.detect.left.judge import MARGIN, Verdict, edge, judge
from edge.detect.left.lasting import Lasting, leeway, same
from edge.detect.left.look import Look, Where, edges, relit
from edge.detect.left.patches import Patch, crop, spread, without

Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

_SURE = 3
_MOST = 8
_WHOLE = 1.5
_SPREADS = 10
_SEEN = 0.6
_GONE = 0.7
_PART = 0.08
_HALF = 0.5
_ALL = 0.85
_GONE_TICKS = 3
_PART_TICKS = 4
_HIDDEN_TENTHS = 30
FORGET_TENTHS = 6000
"""What has been covered for longer is forgotten."""
_FADED = 0.6
_COVERED = 2.0
_LOCAL = (0.4, 2.5)
_WHOLLY = 0.8
_CHANGES = 20
_CORNER = np.ones((2, 2), np.uint8)
_RIM = np.ones((5, 5), np.uint8)


@dataclass(slots=True)
class Spot:
    """Something that stands still. It has an id once it is taken for a thing; then its mask and looks stay.

    `first` is what it looked like then, `changes` how much of it did not at each of the last ticks.
    """

    patch: Patch
    looks: Look
    since: int
    seen: int
    object_id: int | None = None
    score: int = 0
    gone: int = 0
    parted: int = 0
    spreads: deque[float] = field(default_factory=lambda: deque(maxlen=_SPREADS))
    first: Look | None = None
    changes: deque[float] = field(default_factory=lambda: deque(maxlen=_CHANGES))
    bare: Where | None = None

    def weigh(self, look: Look, ground: Look, foreign: Where) -> None:
        """Judge it once more, by a picture in which it is seen."""
        self.spreads.append(spread(foreign, self.patch))
        verdict = judge(crop(look, self.patch), crop(ground, self.patch), self.patch.mask)
        step = {Verdict.THING: 1, Verdict.HOLE: -1, Verdict.LIGHT: -1, Verdict.UNSURE: 0}[verdict]
        self.score = max(-_MOST, min(_MOST, self.score + step))

    @property
    def is_thing(self) -> bool:
        """Tell whether it is surely a thing, seen whole."""
        return self.score >= _SURE and min(self.spreads, default=_MOST) <= _WHOLE

    @property
    def changed(self) -> float:
        """Return how much of it has not looked as at first, at most of the times when it was in sight."""
        return float(np.median(self.changes)) if self.changes else 0.0

    @property
    def is_nothing(self) -> bool:
        """Tell whether it is surely only a hole in the background, or light."""
        return self.score <= -_SURE

    def watch(self, look: Look, ground: Look, unlike: Where, lasting: Lasting, at: int) -> bool:
        """Look whether it is still there; tell whether it is in sight."""
        inside = self.patch.core > 0
        now, before = crop(look, self.patch), crop(ground, self.patch)
        local = _in_the_light_of(now, self.looks, inside)
        own, other = _distance(now, local), _distance(now, before)
        free = inside & (crop_of(unlike, self.patch) == 0) & (other < own)
        shown = inside & _alike(now, local) & (own <= other)
        pixels = max(1, int(inside.sum()))
        gone, seen = (float(np.count_nonzero(each)) / pixels for each in (free, shown))
        self.gone = self.gone + 1 if gone >= _GONE else 0
        if seen >= _SEEN:
            self.seen = at
            cv2.copyTo(now, shown.astype(np.uint8), self.looks)
        if self.first is not None and seen >= _WHOLLY:
            same_still = inside & _alike(now, _in_the_light_of(now, self.first, inside))
            self.changes.append(1.0 - float(np.count_nonzero(same_still)) / pixels)
        if self.object_id is not None:
            rests = inside & _alike(now, crop(lasting.picture, self.patch))
            if float(np.count_nonzero(free | shown | rests)) < _ALL * pixels:
                self.parted = 0
            elif self._is_parted(free, seen, pixels):
                self._outline_anew(now, unlike, lasting, at, is_older=seen >= _HALF)
        return seen >= _SEEN

    @property
    def is_gone(self) -> bool:
        """Tell whether it has been taken away: its place shows the ground."""
        return self.gone >= _GONE_TICKS

    def is_over(self, lasting: Lasting, foreign: Where, at: int) -> bool:
        """Tell whether it has been out of sight for too long, or is not what it was."""
        if at - self.seen > FORGET_TENTHS:
            return True
        mask = self.patch.mask
        if at - self.seen < _HIDDEN_TENTHS or np.median(lasting.since[self.patch.cut][mask > 0]) <= self.seen:
            return False
        faded = edge(crop(lasting.picture, self.patch), mask) < _FADED * edge(self.looks, mask)
        return faded and spread(foreign, self.patch) <= _COVERED

    def relight(self, gain: float) -> None:
        """Take the light of the whole picture to have changed."""
        self.looks = relit(self.looks, gain)
        self.first = None if self.first is None else relit(self.first, gain)

    def show(self, look: Look) -> None:
        """Take it to look as it does in a picture: its patch has changed."""
        self.looks = crop(look, self.patch).copy()
        self.first = self.looks.copy()
        self.changes.clear()

    def _is_parted(self, free: Bools, seen: float, pixels: int) -> bool:
        """Tell whether for some ticks part of it has been bare ground, or most of it another thing than it was.

        That part was a shadow, or the legs of who put it down.
        """
        bare = cv2.morphologyEx(free.astype(np.uint8), cv2.MORPH_OPEN, _CORNER)
        if self.bare is not None and self.parted:
            bare = cv2.bitwise_and(bare, self.bare)
        self.bare = np.asarray(bare, np.uint8)
        is_parted = cv2.countNonZero(bare) >= _PART * pixels or seen < _SEEN
        self.parted = self.parted + 1 if is_parted else 0
        return self.parted >= _PART_TICKS

    def _outline_anew(self, now: Look, unlike: Where, lasting: Lasting, at: int, *, is_older: bool) -> None:
        """Take what is left for the thing; unless it was seen before, it is as old as what lasts there."""
        if self.bare is not None:
            rim = np.asarray(cv2.dilate(self.bare, _RIM), np.uint8)
            self.patch = without(self.patch, rim & (crop_of(unlike, self.patch) == 0))
        core = self.patch.core > 0
        if not is_older and core.any():
            self.since = max(self.since, int(np.median(lasting.since[self.patch.cut][core])))
        self.looks, self.first = now.copy(), now.copy()
        self.changes.clear()
        self.seen, self.parted, self.score = at, 0, 0


def crop_of(mask: Where, patch: Patch) -> Where:
    """Return the part of a mask that a patch is cut out of."""
    return mask[patch.cut]


def mark(mask: Where, patch: Patch, value: int, grown: int = 0) -> None:
    """Write a value into a mask where a patch is, made larger by some pixels (at most the margin)."""
    size = 2 * min(grown, MARGIN) + 1
    mine = cv2.dilate(patch.mask, np.ones((size, size), np.uint8)) if grown else patch.mask
    mask[patch.cut][mine > 0] = value


def _in_the_light_of(now: Look, looks: Look, inside: Bools) -> Look:
    """Return looks as bright as what is seen at the place: a shadow may fall on it."""
    ratio = (now[:, :, 0][inside] + 1.0) / (looks[:, :, 0][inside] + 1.0)
    gain = float(np.median(ratio))
    return relit(looks, gain) if _LOCAL[0] < gain < _LOCAL[1] else looks


def _alike(one: Look, other: Look) -> Bools:
    return same(one, other, leeway(edges(one[:, :, 0]), edges(other[:, :, 0]))) > 0


def _distance(one: Look, other: Look) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.asarray(cv2.absdiff(one, other).sum(axis=2, dtype=np.int32))
