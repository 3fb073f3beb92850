"""Tells for how long a camera has given the very same picture: its stream goes on, but nothing in it is alive.

A frozen picture that is encoded anew is not the same to the last bit: it pulses where the encoder writes a key frame,
is refined by the pictures after it, and comes to rest. A real place without motion never quite rests: sensor noise gets
through the strongest compression as single blocks that change and do not change back, and makes one key frame as
unlike the last as that was unlike the one before. So what is new in a picture is forgiven right after a motion, where
it is a key frame less unlike than the one before, and where in the end all pictures are ones that were seen before.

Where noise shows in each picture, or makes key frames as large as they were while there was motion, it is life, and the
time begins anew. How far apart key frames are is learnt: one that should have come and changes nothing is a proof.

A clock that is drawn into a frozen picture goes on: such a picture is not the same.
"""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Plane

_EVERY_S = 0.45
_PIXELS = 150_000
_CLEAR_LEVELS = 2
_TILE_ROWS, _TILE_COLUMNS = 8, 16
_MOVED_LEVELS = 5.0
"""An encoder leaves the mean of a tile where it is (3.1 levels off at worst, x264 at crf 35); what moves does not."""
_LARGE = 0.05
"""A share of the pixels: a key frame changes so many, noise between key frames does not."""
_SLIGHT, _FEW_CLEAR = 0.0003, 2
"""So few pixels change by one level where x264 comes near a key frame of a frozen picture."""
_REFINED_S = 8.0
"""After a motion an encoder refines a frozen picture for so long at most (x264 at 720p, crf 28)."""
_SETTLE_S = 2.2
_BURST_S = 9.0
"""Key frames once a second become like one another within 7.5 s (x264 ultrafast at crf 28)."""
_SMALLER = 0.66
_FORGIVEN = 2
_PROOF_S = 6.0
_SIGNS, _SIGNS_S, _APART_S = 3, 12.0, 1.4
"""So many small changes are life. Fewer come of an encoder that sees a key frame or the end of its video ahead."""
_STEADY, _STEADY_SHARE = 4, 0.5
"""So many looks in a row that change much, none of them less than this share of the most, are the noise of a sensor."""
_AS_NOISE = 0.83
"""A key frame of a live picture without motion is by this share as unlike the last as one with motion was; the most
that one of a frozen picture reaches is 0.79 (x264 ultrafast, crf 35)."""
_LEAST_NOISE, _LEAST_KEY, _STANDS_OUT, _KEPT, _LEAST_GAPS = 0.1, 0.3, 2.0, 9, 2
_ALIKE, _ALIKE_SHARE = 4, 0.92
_FEW_MOVED = 0.3
"""Where more of the picture moves, what changes is not known to be noise."""
_FEW_KEYS_S = 7.5
"""Where key frames without motion are further apart than this, how far is not learnt from them."""
_LATE_KEY_S, _PAUSE_S, _REGULAR = 0.5, 5.0, 1.3
_CALM_FACTOR = 2.0
"""Half of the time since a motion must have been after the last refinement."""
_MOST_KNOWN = 500
_MOST_CALM_S = 60.0


class Sameness:
    """Watches one camera's luma; pictures come in order and are all of one size."""

    def __init__(self) -> None:
        self._last: Plane | None = None
        self._tiles = np.empty((0, 0), np.float32)
        self._known: set[int] = set()
        self._next_s = 0.0
        self._start_s = 0.0
        self._moved_s = 0.0
        self._lived_s = 0.0
        self._novel_s = 0.0
        self._unrest_s = 0.0
        self._large_s = 0.0
        self._burst_s = 0.0
        self._burst = 0
        self._forgiven = 0
        self._calm_s = 0.0
        self._noise = 0.0
        self._steady: list[int] = []
        self._noises: deque[float] = deque(maxlen=_KEPT)
        self._gaps: deque[float] = deque(maxlen=_KEPT)
        self._alike: deque[float] = deque(maxlen=_ALIKE)
        self._key_s: float | None = 0.0
        self._signs: deque[float] = deque(maxlen=_SIGNS)

    def look(self, luma: Plane, stream_s: float) -> float:
        """Return for how many seconds the picture has been the same."""
        if stream_s >= self._next_s or self._last is None:
            self._next_s = stream_s + _EVERY_S
            self._compare(_lines(luma), stream_s)
        same_s = min(stream_s - self._start_s, _CALM_FACTOR * (stream_s - self._unrest_s))
        return max(0.0, same_s - self._calm_s)

    def _compare(self, lines: Plane, stream_s: float) -> None:
        last, before, self._last = self._last, self._tiles, lines
        difference = None if last is None else np.asarray(cv2.absdiff(lines, last), np.uint8)
        if last is None or difference is None:
            self._tiles = _tiles(lines)
            self._begin(stream_s)
            self._key_s = stream_s
            return
        changed = cv2.countNonZero(difference)
        if not changed:
            self._steady.clear()
            self._expect_key_frame(stream_s)
            return
        self._tiles, quieter = _tiles(lines), self._noise
        moved = int(np.count_nonzero(np.abs(self._tiles - before) > _MOVED_LEVELS * _TILE_ROWS * _TILE_COLUMNS))
        much = changed > _LARGE * lines.size
        self._noise = _noise(difference) if much else 0.0
        if moved:
            stands_out = self._noise >= _STANDS_OUT * quieter and moved <= _FEW_MOVED * self._tiles.size
            self._learn(self._noise, stream_s, stands_out=stands_out)
            self._begin(stream_s)
            self._calm_s = 0.0
        elif self._is_steady(changed, much=much):
            self._live(stream_s, difference)
            self._burst, self._forgiven, self._calm_s = 0, 0, 0.0
            self._gaps.clear()  # noise shows between key frames, too
            self._noises.clear()
        elif self._is_noise(self._noise):
            self._live(stream_s, difference)
        else:
            self._weigh(difference, changed, stream_s, much=much)

    def _weigh(self, difference: Plane, changed: int, stream_s: float, *, much: bool) -> None:
        """Decide what a change is that may be an encoder's doing."""
        key = hash(self._last.tobytes()) if self._last is not None else 0
        if key not in self._known:
            clear = int(np.count_nonzero(difference >= _CLEAR_LEVELS))
            if much:
                self._keep_gap(stream_s)
                self._key_frame(clear, stream_s)
            elif changed > _SLIGHT * difference.size or clear > _FEW_CLEAR:
                self._sign(stream_s)
            self._remember(key)
            self._novel_s = stream_s
            if stream_s - self._moved_s <= _REFINED_S:
                self._unrest_s = stream_s
        elif stream_s - self._novel_s >= _PROOF_S:
            self._prove()

    def _begin(self, stream_s: float) -> None:
        """Start anew: something has moved."""
        self._know_only_last()
        self._start_s = self._moved_s = self._lived_s = self._novel_s = stream_s
        self._large_s = self._burst_s = self._unrest_s = stream_s
        self._burst, self._forgiven = 0, 0

    def _live(self, stream_s: float, difference: Plane) -> None:
        """Start anew: what has changed can only be the noise of the sensor."""
        self._know_only_last()
        self._start_s = self._lived_s = self._novel_s = self._unrest_s = stream_s
        self._large_s = self._burst_s = self._key_s = stream_s
        self._burst, self._forgiven = int((difference >= _CLEAR_LEVELS).sum()), 1

    def _know_only_last(self) -> None:
        self._known.clear()
        if self._last is not None:
            self._known.add(hash(self._last.tobytes()))

    def _prove(self) -> None:
        """Take the picture to have been the same ever since it was last surely alive."""
        self._start_s = self._unrest_s = self._lived_s
        self._calm_s = 0.0

    def _expect_key_frame(self, stream_s: float) -> None:
        """Take a key frame that should have come and made no difference for a proof."""
        regular = bool(self._gaps) and self._apart_s <= _REGULAR * min(self._gaps)
        if regular and stream_s - self._novel_s > self._apart_s + _LATE_KEY_S:
            self._prove()

    def _learn(self, noise: float, stream_s: float, *, stands_out: bool) -> None:
        """Learn from a look with motion what a key frame of this camera is like, and how far apart they are."""
        if stream_s - self._moved_s > _PAUSE_S:
            self._key_s = None
        if noise < _LEAST_KEY or not stands_out:
            return
        if self._key_s is not None:
            self._gaps.append(stream_s - self._key_s)
        self._noises.append(noise)
        self._key_s = stream_s

    def _keep_gap(self, stream_s: float) -> None:
        """Keep how far apart key frames without motion are where they are further apart than was known."""
        if self._noise < _LEAST_NOISE:
            return
        if self._gaps and self._key_s is not None and self._apart_s < stream_s - self._key_s <= _FEW_KEYS_S:
            self._gaps.append(stream_s - self._key_s)
        self._key_s = stream_s

    @property
    def _apart_s(self) -> float:
        """How far apart key frames are; 0 if not known."""
        return max(self._gaps, default=0.0)

    def _is_steady(self, changed: int, *, much: bool) -> bool:
        """Tell whether the last looks have all changed much, and much the same: a frozen picture calms down."""
        if not much or changed < _STEADY_SHARE * max(self._steady, default=0):
            self._steady.clear()
        if much:
            self._steady = [*self._steady[1 - _STEADY :], changed]
        return len(self._steady) == _STEADY

    def _is_noise(self, noise: float) -> bool:
        """Tell whether a change of much of the picture is a live key frame's.

        As large as those while there was motion, or one of several that are all alike: a frozen picture's grow less.
        """
        if noise < _LEAST_NOISE:
            return False
        self._alike.append(noise)
        if len(self._alike) == _ALIKE and min(self._alike) >= _ALIKE_SHARE * max(self._alike):
            return True
        if len(self._gaps) < _LEAST_GAPS:
            return False
        return noise >= _AS_NOISE * sorted(self._noises)[len(self._noises) * 2 // 3]

    def _remember(self, key: int) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(key)

    def _sign(self, stream_s: float) -> None:
        """Decide whether a small change is an encoder's doing, or one of several that are life."""
        if stream_s - self._moved_s <= _REFINED_S or stream_s - self._large_s <= _SETTLE_S:
            return
        if self._signs and stream_s - self._signs[-1] < _APART_S:
            return
        self._signs.append(stream_s)
        if len(self._signs) == _SIGNS and stream_s - self._signs[0] <= _SIGNS_S:
            self._alive(stream_s)

    def _key_frame(self, clear: int, stream_s: float) -> None:
        """Decide whether a change of much of the picture goes on from the one before; `clear` is how plain it is."""
        if stream_s - self._large_s <= _SETTLE_S:  # of the same burst
            if stream_s - self._burst_s > _BURST_S:
                self._start_s = stream_s
            self._burst = max(self._burst, clear) if self._forgiven else 0
        elif not self._forgiven or (self._forgiven < _FORGIVEN and clear <= _SMALLER * self._burst):
            self._forgiven += 1
            self._burst, self._burst_s = clear, stream_s
        else:
            self._alive(stream_s)
            self._burst, self._burst_s = clear, stream_s
        self._large_s = stream_s

    def _alive(self, stream_s: float) -> None:
        """Start anew: noise has got through. For how long it does not is a matter of this camera's encoder."""
        self._calm_s = min(max(self._calm_s, stream_s - self._novel_s), _MOST_CALM_S)
        self._start_s = stream_s
        self._forgiven = 1


def _lines(luma: Plane) -> Plane:
    """Return some of the lines, an odd number apart so that they lie everywhere in an encoder's blocks; a copy."""
    apart = -(-luma.size // _PIXELS) | 1
    return luma[apart // 2 :: apart].copy()


def _noise(difference: Plane) -> float:
    """Return the share of pixels that differ clearly in the tile in the middle: motion is in few tiles."""
    rows, columns = difference.shape[0] // _TILE_ROWS, difference.shape[1] // _TILE_COLUMNS
    if not rows or not columns:
        return 0.0
    part = difference[: rows * _TILE_ROWS, : columns * _TILE_COLUMNS] >= _CLEAR_LEVELS
    bands = np.add.reduce(part.reshape(rows, _TILE_ROWS, -1), axis=1, dtype=np.uint16)
    sums = bands.reshape(rows, columns, _TILE_COLUMNS).sum(axis=2).ravel()
    return float(np.partition(sums, sums.size // 2)[sums.size // 2]) / (_TILE_ROWS * _TILE_COLUMNS)


def _tiles(lines: Plane) -> NDArray[np.float32]:
    """Return the sum of the levels in each tile."""
    rows, columns = lines.shape[0] // _TILE_ROWS, lines.shape[1] // _TILE_COLUMNS
    whole = lines[: rows * _TILE_ROWS, : columns * _TILE_COLUMNS]
    bands = np.add.reduce(whole.reshape(rows, _TILE_ROWS, -1), axis=1, dtype=np.uint16)
    sums = cv2.reduce(bands.astype(np.float32).reshape(-1, _TILE_COLUMNS), 1, cv2.REDUCE_SUM)
    return np.asarray(sums, np.float32).reshape(rows, columns)
