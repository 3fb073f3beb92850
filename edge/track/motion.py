"""Where objects are and how they move: one row of numbers each, constant velocity.

All lengths are in units of the frame's height, so that a step to the side and one downwards weigh the same.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_FIRST_GAIN = 0.9
_PLACE_GAIN = 0.7
_SPEED_GAIN = 0.35
_SIZE_GAIN = 0.25
_FAST_SIZE_GAIN = 0.5
_SCALED = 0.3
_SHARED = 0.75
_MEMORY_S = 1.0
_KNOWN_HITS = 3
_PIECE = 0.75
"""What is so much smaller than the object expected is a piece of it."""
_SHRINK = 0.12
_SUDDEN = 0.25
"""What is so much larger at once (logarithm) has probably met someone: it grows slowly."""
_SUDDEN_GAIN = 0.15
_PROVEN = 10
_AS_MUCH = 0.3
"""What shrinks by the same factor both ways is farther away, not hidden (difference of logarithms)."""


class Motion:
    """Place (centre x, bottom y), size (width, height) and velocity of every object followed.

    `seen_s` is when each was seen last; `hits` how often.
    """

    def __init__(self) -> None:
        self.place: Numbers = np.zeros((0, 2))
        self.size: Numbers = np.zeros((0, 2))
        self.velocity: Numbers = np.zeros((0, 2))
        self.seen_s: Numbers = np.zeros(0)
        self.hits: Numbers = np.zeros(0)

    def __len__(self) -> int:
        return len(self.place)

    def expected(self, stream_s: float) -> Numbers:
        """Return where each should be at a moment, as rows of centre x, bottom y, width, height.

        Who is hidden is expected to slow down: nobody is sent across the picture on the strength of an old step.
        """
        ahead = np.maximum(stream_s - self.seen_s, 0.0)
        travel = _MEMORY_S * (1.0 - np.exp(-ahead / _MEMORY_S))
        return np.hstack((self.place + self.velocity * travel[:, None], self.size))

    def correct(self, rows: NDArray[np.intp], seen: Numbers, believed: Numbers, stream_s: float) -> None:
        """Move the objects `rows` to what was seen: rows of centre x, bottom y, width, height, each of them once."""
        if not len(rows):
            return
        expected = self.expected(stream_s)[rows]
        elapsed = np.maximum(stream_s - self.seen_s[rows], 1e-3)[:, None]
        seen = np.where((self.hits[rows] >= _KNOWN_HITS)[:, None], _whole(seen, expected), seen)
        young = (self.hits[rows] < 3)[:, None]  # noqa: PLR2004 - the third sighting shows a motion
        shared = (believed < _SHARED)[:, None]
        error = seen[:, :2] - expected[:, :2]
        gain = np.where(young, _FIRST_GAIN, _PLACE_GAIN) * np.where(shared, 0.6, 1.0)
        speed = np.where(young, 1.0 / (self.hits[rows][:, None] + 0.5), _SPEED_GAIN) * np.where(shared, 0.3, 1.0)
        self.place[rows] = expected[:, :2] + gain * error
        self.velocity[rows] += speed * error / np.maximum(elapsed, 0.1)
        ratio = np.log((seen[:, 2:] + 1e-6) / (expected[:, 2:] + 1e-6))
        scaled = (np.abs(ratio[:, 0] - ratio[:, 1]) < _AS_MUCH)[:, None] & (np.abs(ratio).min(axis=1) > _SCALED)[
            :, None
        ]
        grows = seen[:, 2:] > self.size[rows]
        usual = np.where(scaled | grows, _FAST_SIZE_GAIN, _SIZE_GAIN)
        sudden = (ratio > _SUDDEN) & (self.hits[rows] > _PROVEN)[:, None]
        usual = np.where(sudden, _SUDDEN_GAIN, usual)
        size_gain = np.where(shared, 0.0, np.where(young, 0.5, usual))
        self.size[rows] += size_gain * (seen[:, 2:] - self.size[rows])
        self.seen_s[rows] = stream_s
        self.hits[rows] += 1

    def divide(self, rows: NDArray[np.intp], seen: Numbers, stream_s: float) -> None:
        """Make the objects `rows` as small as what was seen of them: the rest has turned out to be others.

        They keep their velocity, since the jump to the own half is no motion.
        """
        self.place[rows] += seen[:, :2] - self.expected(stream_s)[rows, :2]
        self.size[rows] = seen[:, 2:]

    def add(self, seen: Numbers, stream_s: float) -> None:
        """Start following new objects."""
        count = len(seen)
        self.place = np.vstack((self.place, seen[:, :2]))
        self.size = np.vstack((self.size, seen[:, 2:]))
        self.velocity = np.vstack((self.velocity, np.zeros((count, 2))))
        self.seen_s = np.concatenate((self.seen_s, np.full(count, stream_s)))
        self.hits = np.concatenate((self.hits, np.ones(count)))

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Forget all others."""
        self.place, self.size, self.velocity = self.place[rows], self.size[rows], self.velocity[rows]
        self.seen_s, self.hits = self.seen_s[rows], self.hits[rows]


def _whole(seen: Numbers, expected: Numbers) -> Numbers:
    """Complete what was seen only in part, as behind a post: it keeps its size and goes by the edge that shows.

    It shrinks slowly, in case it has become smaller indeed.
    """
    whole = seen.copy()
    ratio = np.log((seen[:, 2:] + 1e-6) / (expected[:, 2:] + 1e-6))
    piece = np.abs(ratio[:, 0] - ratio[:, 1]) > _AS_MUCH
    slim = piece & (seen[:, 2] < _PIECE * expected[:, 2])
    move_left = (seen[:, 0] - seen[:, 2] / 2) - (expected[:, 0] - expected[:, 2] / 2)
    move_right = (seen[:, 0] + seen[:, 2] / 2) - (expected[:, 0] + expected[:, 2] / 2)
    nearer = np.where(np.abs(move_left) < np.abs(move_right), move_left, move_right)
    whole[:, 0] = np.where(slim, expected[:, 0] + nearer, seen[:, 0])
    short = piece & (seen[:, 3] < _PIECE * expected[:, 3])
    move_top = (seen[:, 1] - seen[:, 3]) - (expected[:, 1] - expected[:, 3])
    move_bottom = seen[:, 1] - expected[:, 1]
    nearer = np.where(np.abs(move_top) < np.abs(move_bottom), move_top, move_bottom)
    whole[:, 1] = np.where(short, expected[:, 1] + nearer, seen[:, 1])
    shrunk = expected[:, 2:] + _SHRINK * (seen[:, 2:] - expected[:, 2:])
    whole[:, 2:] = np.where(np.column_stack((slim, short)), shrunk, seen[:, 2:])
    return whole
