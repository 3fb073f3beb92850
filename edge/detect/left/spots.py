"""A spot: a place where something stands still, remembered from tick to tick."""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np

from edge.detect.left.judge import MARGIN, Verdict, edge, judge
from edge.detect.left.lasting import Lasting, leeway, same
from edge.detect.left.look import Look, Where, edges, relit
from edge.detect.left.patches import Patch, crop, spread

_SURE = 3
_MOST = 8
_WHOLE = 1.5
_SPREADS = 10
_SEEN = 0.6
_GONE = 0.7
_PARTLY = (0.5, 0.25)
_ALL = 0.85
_GONE_TICKS = 3
_PART_TICKS = 4
_HIDDEN_TENTHS = 30
_FORGET_TENTHS = 6000
_FADED = 0.6
_COVERED = 2.0
_LOCAL = (0.4, 2.5)


@dataclass(slots=True)
class Spot:
    """Something that stands still. It has an id once it is taken for a thing; then its mask and looks stay."""

    patch: Patch
    looks: Look
    since: int
    seen: int
    object_id: int | None = None
    score: int = 0
    gone: int = 0
    parted: int = 0
    spreads: deque[float] = field(default_factory=lambda: deque(maxlen=_SPREADS))

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
    def is_nothing(self) -> bool:
        """Tell whether it is surely only a hole in the background, or light."""
        return self.score <= -_SURE

    def watch(self, look: Look, ground: Look, unlike: Where, at: int) -> bool:
        """Look whether it is still there; tell whether it is in sight."""
        inside = self.patch.core > 0
        now, before = crop(look, self.patch), crop(ground, self.patch)
        local = self._in_its_light(now, inside)
        own, other = _distance(now, local), _distance(now, before)
        free = inside & (crop_of(unlike, self.patch) == 0) & (other < own)
        shown = inside & (same(now, local, leeway(edges(now[:, :, 0]), edges(local[:, :, 0]))) > 0) & (own <= other)
        gone, seen = (float(np.count_nonzero(each)) / max(1, int(inside.sum())) for each in (free, shown))
        self.gone = self.gone + 1 if gone >= _GONE else 0
        if seen >= _SEEN:
            self.seen = at
            cv2.copyTo(now, shown.astype(np.uint8), self.looks)
        part = gone >= _PARTLY[1] and seen + gone >= _ALL
        self.parted = self.parted + 1 if part else 0
        if self.parted >= _PART_TICKS and seen >= _PARTLY[0]:
            self._shrink((self.patch.mask > 0) & ~free)
        return seen >= _SEEN

    def is_over(self, lasting: Lasting, foreign: Where, at: int) -> bool:
        """Tell whether it has been taken away, or is not what it was."""
        if self.gone >= _GONE_TICKS or self.parted >= _PART_TICKS or at - self.seen > _FORGET_TENTHS:
            return True
        mask = self.patch.mask
        if at - self.seen < _HIDDEN_TENTHS or np.median(lasting.since[self.patch.cut][mask > 0]) <= self.seen:
            return False
        faded = edge(crop(lasting.picture, self.patch), mask) < _FADED * edge(self.looks, mask)
        return faded and spread(foreign, self.patch) <= _COVERED

    def relight(self, gain: float) -> None:
        """Take the light of the whole picture to have changed."""
        self.looks = relit(self.looks, gain)

    def _in_its_light(self, now: Look, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Look:
        """Return its looks as bright as what is seen at its place: a shadow may fall on it."""
        ratio = (now[:, :, 0][inside] + 1.0) / (self.looks[:, :, 0][inside] + 1.0)
        gain = float(np.median(ratio))
        return relit(self.looks, gain) if _LOCAL[0] < gain < _LOCAL[1] else self.looks

    def _shrink(self, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
        """Keep what is left of it: a shadow beside it has gone."""
        mask = inside.astype(np.uint8) * np.uint8(255)
        rows, columns = np.nonzero(mask)
        top, left = self.patch.cut[0].start, self.patch.cut[1].start
        box = (
            int(columns.min()) + left,
            int(rows.min()) + top,
            int(columns.max()) + left + 1,
            int(rows.max()) + top + 1,
        )
        self.patch = Patch(
            self.patch.cut, mask, self.patch.core & mask, box, self.patch.since, int(np.count_nonzero(mask))
        )
        self.parted = 0


def crop_of(mask: Where, patch: Patch) -> Where:
    """Return the part of a mask that a patch is cut out of."""
    return mask[patch.cut]


def mark(mask: Where, patch: Patch, value: int, grown: int = 0) -> None:
    """Write a value into a mask where a patch is, made larger by some pixels (at most the margin)."""
    size = 2 * min(grown, MARGIN) + 1
    mine = cv2.dilate(patch.mask, np.ones((size, size), np.uint8)) if grown else patch.mask
    mask[patch.cut][mine > 0] = value


def _distance(one: Look, other: Look) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.asarray(cv2.absdiff(one, other).sum(axis=2, dtype=np.int32))
