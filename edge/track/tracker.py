"""Follows objects from frame to frame."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.model.geometry import Box
from edge.model.raster import Corner
from edge.model.scene import Detection, Detections, Expected, Frame, Refused, Scene, Sighting, Track
from edge.track.admission import Admission
from edge.track.classify import Classifier
from edge.track.identity import inside, is_piece, lost_before
from edge.track.life import Life
from edge.track.match import divided, match, unlikeness
from edge.track.meetings import LATE_S, Meetings, touching
from edge.track.motion import Motion, Numbers
from edge.track.parked import ParkedObjects

LOST_S = 2.0
_TENTATIVE_S = 0.7
_BLIND_S = 10.0
"""For so long nobody is lost while nothing that is seen is believed, as in a change of light."""
_BORN = 0.75
"""What is believed less is not taken for a new object."""


class Tracker:
    """One channel's objects; frames come in order. Ids rise from `first_object_id` and are given at confirmation.

    Who stands within one of the polygons `excluded` is not confirmed.
    """

    def __init__(self, first_object_id: int, classifier: Classifier, excluded: Sequence[Sequence[Corner]] = ()) -> None:
        self._next_id = first_object_id
        self._classifier = classifier
        self._admission = Admission(classifier, excluded)
        self._motion = Motion()
        self._lives: list[Life] = []
        self._parked = ParkedObjects()
        self._meetings = Meetings()
        self._aspect = 1.0
        self._next_key = 0
        self._settled_s = 0.0

    @property
    def last_object_id(self) -> int:
        """The highest id given so far, or the one before the first."""
        return self._next_id - 1

    def take_id(self) -> int:
        """Return a new id from the channel's sequence, for what is no track."""
        self._next_id += 1
        return self._next_id - 1

    def __len__(self) -> int:
        """Return how many objects are remembered, confirmed or not."""
        return len(self._lives) + len(self._parked)

    def expected(self, stream_s: float) -> tuple[Expected, ...]:
        """Return where the objects seen more than once should be at a moment of the stream."""
        if not self._lives:
            return ()
        rows = np.flatnonzero(self._motion.hits >= 2)  # noqa: PLR2004 - once may be noise
        boxes = _boxes(self._motion.expected(stream_s)[rows], self._aspect)
        known = [self._lives[row] for row in rows.tolist()]
        return tuple(
            Expected(life.key, box, life.stood_s(), life.object_id is not None)
            for life, box in zip(known, boxes, strict=True)
        )

    def update(self, frame: Frame, detections: Detections) -> Scene:
        """Take in one frame's detections and return what is known now; unsettled ones are not believed."""
        self._aspect = frame.picture.aspect
        ended: tuple[Track, ...] = ()
        refused: tuple[Refused, ...] = ()
        if detections.settled and detections.looked:
            if detections.items:
                self._see(detections.items, frame.stream_s)
            self._settled_s = frame.stream_s
        if frame.stream_s - self._settled_s <= 0.0 or frame.stream_s - self._settled_s > _BLIND_S:
            ended, refused = self._lose(frame.stream_s)
        late, until_s = self._meetings.late(), frame.stream_s - LATE_S
        told = [life for life in self._lives if life.object_id is not None]
        tracks = [life.tell(until_s if life.key in late else math.inf) for life in told]
        tracks += self._parked.tell()
        return Scene(
            frame.channel_id,
            frame.time_us,
            frame.stream_s,
            self._aspect,
            tuple(tracks),
            ended,
            detections.settled,
            refused=refused,
        )

    def rest(self, last: Scene) -> Scene | None:
        """Return the last scene again with what was held back, as no frame comes any more; None where nothing was."""
        tracks = [life.tell() for life in self._lives if life.object_id is not None]
        if not any(track.new for track in tracks):
            return None
        return replace(last, tracks=(*tracks, *self._parked.tell()), ended=(), refused=())

    def _see(self, items: Sequence[Detection], stream_s: float) -> None:
        seen = _numbers(items, self._aspect)
        unlike = unlikeness([life.colours for life in self._lives], [item.colours for item in items])
        confirmed = np.array([life.object_id is not None for life in self._lives], bool)
        rows, columns = match(self._motion, seen, self._recognised(items), unlike, stream_s, self._aspect, ~confirmed)
        believed = np.array([item.belief for item in items])
        halves = divided(self._motion.expected(stream_s), seen, (rows, columns), believed)
        self._motion.divide(rows[halves], seen[columns[halves]], stream_s)
        self._motion.correct(rows, seen[columns], believed[columns], stream_s)
        boxes = _boxes(np.hstack((self._motion.place[rows], self._motion.size[rows])), self._aspect)
        together = touching(self._motion.expected(stream_s), confirmed)
        self._meetings.meet(self._lives, together)
        alone: dict[int, tuple[float, ...]] = {}
        touched = np.flatnonzero(together.any(axis=1)).tolist()
        for row, column, box in zip(rows.tolist(), columns.tolist(), boxes, strict=True):
            item = items[column]
            self._follow(row, Sighting(stream_s, _within(box)), item)
            if row not in touched and item.belief >= _BORN:
                alone[self._lives[row].key] = item.colours
        self._meetings.part(alone, stream_s)
        self._watch_pieces(stream_s)
        fresh = np.ones(len(items), bool)
        fresh[columns] = False
        fresh &= believed >= _BORN
        self._motion.add(seen[fresh], stream_s)
        self._lives += [self._born(items[index], stream_s) for index in np.flatnonzero(fresh).tolist()]

    def _recognised(self, items: Sequence[Detection]) -> list[tuple[int, int]]:
        """Return the pairs of row and column that the detector has told apart by their looks."""
        if all(item.key is None for item in items):
            return []
        row_of = {life.key: row for row, life in enumerate(self._lives)}
        return [(row_of[item.key], column) for column, item in enumerate(items) if item.key in row_of]

    def _watch_pieces(self, stream_s: float) -> None:
        """Drop who turns out to be only a piece of another."""
        seen = np.flatnonzero(self._motion.seen_s >= stream_s)
        if len(seen) < 2:  # noqa: PLR2004 - a piece and its whole
            return
        within = inside(self._motion.place[seen], self._motion.size[seen])
        for row, covered in zip(seen.tolist(), within.tolist(), strict=True):
            life = self._lives[row]
            life.cover(stream_s, covered=covered)
            if not life.label and life.is_piece() and life.object_id is not None:
                self._motion.seen_s[row] = -math.inf

    def _follow(self, row: int, sighting: Sighting, item: Detection) -> None:
        life = self._lives[row]
        life.wear(item.colours, sighting.stream_s - life.last.stream_s)
        life.see(sighting, self._aspect)
        life.confidence = item.confidence
        if item.label:
            life.call(item.label)
        else:
            across, down = self._motion.velocity[row].tolist()
            life.vote(self._classifier, item.box, (across * across + down * down) ** 0.5, self._aspect)
        if life.object_id is None and life.seen_enough():
            self._confirm(life)

    def _confirm(self, life: Life) -> None:
        parked = self._parked.take(life.first.box, self._aspect)
        if parked is not None:
            life.resume(parked)
            return
        if not life.label and is_piece(life, self._lives):  # a network tells who stands before a car
            return
        before = lost_before(life, self._lives, self._aspect)
        if before is not None:
            life.resume(before)
            before.over = True
            self._meetings.resume(before, life)
        elif self._admission.refuses(life) is None:
            life.object_id = self.take_id()

    def _born(self, item: Detection, stream_s: float) -> Life:
        sighting = Sighting(stream_s, item.box)
        self._next_key += 1
        return Life(
            self._next_key,
            sighting,
            sighting,
            untold=[sighting],
            confidence=item.confidence,
            label=item.label,
            colours=item.colours,
        )

    def _lose(self, stream_s: float) -> tuple[tuple[Track, ...], tuple[Refused, ...]]:
        """Forget who has been out of sight for too long; return who of them has gone, and who was never confirmed."""
        ended = self._parked.lose(stream_s)
        if not self._lives:
            return tuple(ended), ()
        confirmed = np.array([life.object_id is not None for life in self._lives], bool)
        keep = stream_s - self._motion.seen_s <= np.where(confirmed, LOST_S, _TENTATIVE_S) + 1e-6
        keep &= ~np.array([life.over for life in self._lives], bool)
        if keep.all():
            return tuple(ended), ()
        gone = [life for life, stays in zip(self._lives, keep.tolist(), strict=True) if not stays]
        self._lives = [life for life, stays in zip(self._lives, keep.tolist(), strict=True) if stays]
        self._motion.keep(keep)
        lost = [life for life in gone if life.object_id is not None and not life.over]
        ended += [life.tell() for life in lost if not self._parked.park(life)]
        refused = (self._admission.refused(life, self._aspect) for life in gone)
        return tuple(ended), tuple(each for each in refused if each is not None)


def _numbers(items: Sequence[Detection], aspect: float) -> Numbers:
    """Return boxes as rows of centre x, bottom y, width, height in units of the frame's height."""
    corners = [(item.box.left, item.box.top, item.box.right, item.box.bottom) for item in items]
    left, top, right, bottom = np.array(corners, np.float64).reshape(-1, 4).T
    return np.column_stack(((left + right) / 2 * aspect, bottom, (right - left) * aspect, bottom - top))


def _boxes(rows: Numbers, aspect: float) -> list[Box]:
    """Return rows of centre x, bottom y, width, height as boxes in fractions of the frame."""
    across, bottom, width, height = rows.T
    left, right = (across - width / 2) / aspect, (across + width / 2) / aspect
    return [Box(*row) for row in np.column_stack((left, bottom - height, right, bottom)).tolist()]


def _within(box: Box) -> Box:
    """Return the part of a box that is in the frame."""
    if box.left >= 0.0 and box.top >= 0.0 and box.right <= 1.0 and box.bottom <= 1.0:
        return box
    left, top = min(max(box.left, 0.0), 1.0), min(max(box.top, 0.0), 1.0)
    return Box(left, top, max(left, min(box.right, 1.0)), max(top, min(box.bottom, 1.0)))
