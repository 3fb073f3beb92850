"""Follows objects from frame to frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Expected, Frame, Scene, Sighting, Track
from edge.track.classify import Classifier
from edge.track.life import Life
from edge.track.match import Rows, assign, costs
from edge.track.motion import Motion, Numbers
from edge.track.parked import ParkedObjects

LOST_S = 2.0
_TENTATIVE_S = 0.7
_REACH = 0.6
_LEAST_REACH = 0.03
_REACH_PER_S = 0.25
_FAST = 2.0
_ALIKE = 0.5


class Tracker:
    """One channel's objects; frames come in order. Ids rise from `first_object_id` and are given at confirmation."""

    def __init__(self, first_object_id: int, classifier: Classifier) -> None:
        self._next_id = first_object_id
        self._classifier = classifier
        self._motion = Motion()
        self._lives: list[Life] = []
        self._parked = ParkedObjects()
        self._aspect = 1.0
        self._next_key = 0

    @property
    def last_object_id(self) -> int:
        """The highest id given so far, or the one before the first."""
        return self._next_id - 1

    def expected(self, stream_s: float) -> tuple[Expected, ...]:
        """Return where the objects seen more than once should be at a moment of the stream."""
        rows = np.flatnonzero(self._motion.hits >= 2)  # noqa: PLR2004 - once may be noise
        boxes = _boxes(self._motion.expected(stream_s)[rows], self._aspect)
        return tuple(Expected(self._lives[row].key, box) for row, box in zip(rows.tolist(), boxes, strict=True))

    def update(self, frame: Frame, detections: Detections) -> Scene:
        """Take in one frame's detections and return what is known now."""
        self._aspect = frame.picture.aspect
        if detections.settled:
            self._see(detections.items, frame.stream_s)
        ended = self._lose(frame.stream_s)
        self._parked.forget(frame.stream_s)
        tracks = tuple(self._tell(life) for life in self._lives if life.object_id is not None)
        return Scene(frame.channel_id, frame.time_us, frame.stream_s, self._aspect, tracks, ended, detections.settled)

    def _see(self, items: Sequence[Detection], stream_s: float) -> None:
        seen = _numbers(items, self._aspect)
        rows, columns = self._match(seen, items, stream_s)
        believed = np.array([item.confidence for item in items])
        self._motion.correct(rows, seen[columns], believed[columns], stream_s)
        boxes = _boxes(np.hstack((self._motion.place[rows], self._motion.size[rows])), self._aspect)
        for row, column, box in zip(rows.tolist(), columns.tolist(), boxes, strict=True):
            self._follow(row, Sighting(stream_s, box), items[column])
        fresh = _others(len(items), columns)
        fresh = fresh[believed[fresh] >= 0.75] if len(fresh) else fresh  # noqa: PLR2004
        self._motion.add(seen[fresh], stream_s)
        self._lives += [self._born(items[index], stream_s) for index in fresh.tolist()]

    def _match(self, seen: Numbers, items: Sequence[Detection], stream_s: float) -> tuple[Rows, Rows]:
        expected = self._motion.expected(stream_s)
        hidden_s = np.maximum(stream_s - self._motion.seen_s, 0.0)
        reach = np.maximum(_REACH * expected[:, 3], _LEAST_REACH) + _REACH_PER_S * expected[:, 3] * hidden_s
        reach = np.where(self._motion.hits < 2, reach * 1.5, reach)  # noqa: PLR2004 - no velocity yet
        cost = costs(expected, seen, reach)
        cost = np.where(cost < 1.0, cost + np.where(self._motion.hits < 3, 0.005, 0.0)[:, None], cost)  # noqa: PLR2004
        self._prefer_recognised(cost, items)
        rows, columns = assign(cost)
        return self._match_fast(seen, rows, columns, stream_s)

    def _match_fast(self, seen: Numbers, rows: Rows, columns: Rows, stream_s: float) -> tuple[Rows, Rows]:
        """Match what is new and left over once more, further away: nobody knows yet how fast it moves."""
        free_rows = _others(len(self._motion), rows)
        free_rows = free_rows[self._motion.hits[free_rows] < 2]  # noqa: PLR2004 - no velocity yet
        free_columns = _others(len(seen), columns)
        if not len(free_rows) or not len(free_columns):
            return rows, columns
        expected = self._motion.expected(stream_s)[free_rows]
        elapsed = np.maximum(stream_s - self._motion.seen_s[free_rows], 0.0)
        reach = _FAST * np.maximum(expected[:, 2], expected[:, 3]) * np.minimum(elapsed / 0.2, 1.0)
        cost = costs(expected, seen[free_columns], reach + 1e-6)
        cost[~_alike(expected, seen[free_columns])] = 1.0
        more_rows, more_columns = assign(cost)
        return np.concatenate((rows, free_rows[more_rows])), np.concatenate((columns, free_columns[more_columns]))

    def _prefer_recognised(self, cost: Numbers, items: Sequence[Detection]) -> None:
        """Leave those that the detector recognised by their looks no other choice."""
        row_of = {life.key: row for row, life in enumerate(self._lives)}
        for column, item in enumerate(items):
            row = row_of.get(item.key) if item.key is not None else None
            if row is not None:
                cost[row, :] = 1.0
                cost[:, column] = 1.0
                cost[row, column] = 0.0

    def _follow(self, row: int, sighting: Sighting, item: Detection) -> None:
        life = self._lives[row]
        life.see(sighting, self._aspect)
        life.confidence, life.label = item.confidence, item.label
        vx, vy = self._motion.velocity[row].tolist()
        life.vote(self._classifier, item.box, (vx * vx + vy * vy) ** 0.5, self._aspect)
        if life.object_id is None and life.ripe() and self._classifier.fits(sighting.box):
            life.object_id = self._next_id
            self._next_id += 1

    def _born(self, item: Detection, stream_s: float) -> Life:
        sighting = Sighting(stream_s, item.box)
        self._next_key += 1
        return Life(self._next_key, sighting, sighting, untold=[sighting], confidence=item.confidence, label=item.label)

    def _lose(self, stream_s: float) -> tuple[Track, ...]:
        confirmed = np.array([life.object_id is not None for life in self._lives], bool)
        hidden_s = stream_s - self._motion.seen_s
        keep = hidden_s <= np.where(confirmed, LOST_S, _TENTATIVE_S) + 1e-6
        if keep.all():
            return ()
        gone = [life for life, stays in zip(self._lives, keep.tolist(), strict=True) if not stays]
        self._lives = [life for life, stays in zip(self._lives, keep.tolist(), strict=True) if stays]
        self._motion.keep(keep)
        return tuple(self._tell(life) for life in gone if life.object_id is not None)

    def _tell(self, life: Life) -> Track:
        new = tuple(life.untold)
        life.untold.clear()
        return Track(
            object_id=-1 if life.object_id is None else life.object_id,
            box=life.last.box,
            origin=life.origin,
            confidence=life.confidence,
            first_s=life.first.stream_s,
            last_s=life.last.stream_s,
            new=new,
            label=life.label,
        )


def _alike(expected: Numbers, seen: Numbers) -> NDArray[np.bool_]:
    """Tell for each pair whether both sizes are about the same."""
    ratio = np.abs(np.log((expected[:, None, 2:] + 1e-6) / (seen[None, :, 2:] + 1e-6)))
    return np.asarray((ratio < _ALIKE).all(axis=2))


def _others(count: int, taken: Rows) -> Rows:
    """Return the numbers below `count` that are not taken."""
    free = np.ones(count, bool)
    free[taken] = False
    return np.flatnonzero(free)


def _numbers(items: Sequence[Detection], aspect: float) -> Numbers:
    """Return boxes as rows of centre x, bottom y, width, height in units of the frame's height."""
    rows = np.array([(i.box.left, i.box.top, i.box.right, i.box.bottom) for i in items], np.float64).reshape(-1, 4)
    left, top, right, bottom = rows.T
    return np.column_stack(((left + right) / 2 * aspect, bottom, (right - left) * aspect, bottom - top))


def _boxes(rows: Numbers, aspect: float) -> list[Box]:
    """Return rows of centre x, bottom y, width, height as boxes in fractions of the frame."""
    across, bottom, width, height = rows.T
    left, right = (across - width / 2) / aspect, (across + width / 2) / aspect
    return [Box(*row) for row in np.column_stack((left, bottom - height, right, bottom)).tolist()]
