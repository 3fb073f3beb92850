"""The short-term background: what each pixel showed last for two seconds or more, and since when.

Who walks by leaves no trace in it: a pixel goes back to what it was, and its time runs on.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.left.look import Look, Where, edges, marked, relit
from edge.model.scene import Plane

TICKS = 4
"""What a pixel has shown for so many ticks lasts."""
_MISSES = 1
"""So many ticks in between may show something else."""
_SAME = (11, 7)
"""Grey levels of luma and colours."""
_FOLLOW = 0.25
_FOLLOWS = (4, 3, 3)
"""By this share what lasts follows the picture at each tick where it differs by so little: the light changes slowly.

Who walks slowly must not be followed.
"""
_EDGE_SHARE = 0.5
_MOST_EDGE = np.uint8(14)


class Lasting:
    """What lasts at each pixel, and what may come to last."""

    def __init__(self, start: Look, now: int) -> None:
        shape = start.shape[:2]
        self.picture = start.copy()
        self.edges = edges(start[:, :, 0])
        self.since: NDArray[np.int32] = np.full(shape, now, np.int32)
        """Since when it lasts, in tenths of a second."""
        self._next = start.copy()
        self._next_since = self.since.copy()
        self._hits = np.zeros(shape, np.uint8)
        self._misses = np.zeros(shape, np.uint8)

    def add(self, look: Look, its_edges: Plane, now: int) -> None:
        """Take in a picture, its edges, and its time in tenths of a second."""
        allowed = leeway(its_edges, self.edges)
        stays = same(look, self.picture, allowed)
        close = cv2.inRange(cv2.absdiff(look, self.picture), (0, 0, 0), _FOLLOWS)
        cv2.copyTo(cv2.addWeighted(self.picture, 1 - _FOLLOW, look, _FOLLOW, 0.5), close, self.picture)
        again = same(look, self._next, allowed) & marked(self._hits > 0)
        goes_on = again & ~stays
        cv2.copyTo(look, goes_on, self._next)
        other = ~(stays | again)
        waits = other & marked(self._misses < _MISSES) & marked(self._hits > 0)
        begins = other & ~waits
        self._count(look, now, stays, goes_on, waits, begins)
        self._promote()
        self.edges = edges(self.picture[:, :, 0])

    def restart(self, now: int) -> None:
        """Let all clocks begin anew."""
        self.since[:] = now
        self._hits[:] = 0

    def replace(self, look: Look, where: Where, now: int) -> None:
        """Take the picture for what lasts at some pixels."""
        cv2.copyTo(look, where, self.picture)
        self.since[where > 0] = now
        self._hits[where > 0] = 0

    def relight(self, gain: float) -> None:
        """Take the light of the whole picture to have changed."""
        self.picture = relit(self.picture, gain)
        self._hits[:] = 0

    def _count(self, look: Look, now: int, stays: Where, goes_on: Where, waits: Where, begins: Where) -> None:
        self._hits += goes_on & 1
        self._misses += waits & 1
        self._misses &= ~goes_on
        self._hits &= ~stays
        cv2.copyTo(look, begins, self._next)
        new = begins > 0
        self._next_since[new] = now
        self._hits[new] = 1
        self._misses[new] = 0

    def _promote(self) -> None:
        lasts = marked(self._hits >= TICKS)
        if not cv2.countNonZero(lasts):
            return
        cv2.copyTo(self._next, lasts, self.picture)
        chosen = lasts > 0
        self.since[chosen] = self._next_since[chosen]
        self._hits[chosen] = 0


def same(look: Look, before: Look, allowed: Plane) -> Where:
    """Return where two pictures show the same but for so many grey levels more (see `leeway`)."""
    difference = cv2.absdiff(look, before)
    luma, first, second = cv2.split(difference)
    level = marked(np.asarray(cv2.subtract(luma, allowed)) <= _SAME[0])
    colour = marked(np.asarray(cv2.max(first, second)) <= _SAME[1])
    return level & colour


def leeway(edges_now: Plane, edges_before: Plane) -> Plane:
    """Return by how much more a trembling camera may change each pixel: where both pictures have an edge."""
    both = cv2.convertScaleAbs(cv2.min(edges_now, edges_before), alpha=_EDGE_SHARE)
    return np.asarray(np.minimum(both, _MOST_EDGE), np.uint8)
