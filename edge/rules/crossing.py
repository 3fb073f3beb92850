"""Who crosses a line: the paths of all objects of a channel against one line, with hysteresis.

A passage is open from the step that crosses the line until the object has been clear of the line for some time. Steps
back and forth in between cancel out; only what is left over counts, at the time of the last step that made it. See
docs/adr/0070-what-crosses-a-line.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.model.event import Why
from edge.model.geometry import diagonal
from edge.model.scene import Scene, Sighting, Track
from edge.rules.anchor import anchor, margin_of
from edge.rules.passage import Crossing, Limits, Passage, Step
from edge.rules.polyline import Hit, Place, Polyline, polyline
from edge.rules.sieve import Sieve
from edge.rules.walks import Walked
from edge.settings import LineSettings

FRAMES_PER_S = 5.0
"""The rate at which the setting `frames` counts."""

_EARLY = 0.9
"""Cameras do not keep exact time: a hold counts as reached at this share of it."""


@dataclass(slots=True)
class _Move:
    """A step of one object: from a sighting, at a place, to a sighting at a place."""

    before: Sighting
    start: Place
    now: Sighting
    end: Place

    def over(self, hit: Hit) -> Step:
        """Return the step over the line at a hit of this move."""
        (px, py), (qx, qy) = self.start, self.end
        return Step(
            self.at_s(hit.share),
            (px + hit.share * (qx - px), py + hit.share * (qy - py)),
            hit.heading,
            self.now.box,
            hit.sign,
        )

    def at_s(self, share: float) -> float:
        """Return the time at a share of the move."""
        return self.before.stream_s + share * (self.now.stream_s - self.before.stream_s)


class LineCrossings:
    """Follows every object of a channel past one line.

    Which steps may meet the line is decided for all at once (see sieve.py); only these, and the objects whose passage
    is open, are looked at one by one.
    """

    def __init__(self, line: LineSettings, sieve: Sieve) -> None:
        self._settings = line
        self._walks = sieve.walks
        self._sieve = sieve
        self._number = sieve.add(line.anchor)
        self._open: dict[int, Passage] = {}
        self._doubtful: dict[int, Crossing] = {}
        self._doubt_s = -math.inf
        self._limits = Limits(line.frames, (line.frames - 1) / FRAMES_PER_S * _EARLY, line.min_angle, 0.0, 0.0)
        self._line = Polyline(())

    def update(self, scene: Scene) -> list[Crossing]:
        """Return the crossings that became certain with this scene, and what turned out to be none, with the reason.

        What is seen while the scene is not settled is not believed: the path goes straight from the last sighting
        before to the first one after.
        """
        if scene.aspect != self._limits.aspect:
            self._fit(scene.aspect)
        crossings: list[Crossing] = []
        if scene.settled:
            met = self._sieve.met(scene, self._settings.anchor, self._number)
            if met or self._open or self._doubtful:
                crossings = self._follow_all(self._walks.walked(scene), met)
        else:
            self._doubt(scene)
        for track in scene.ended:
            outcome = self._leave(track, settled=scene.settled)
            if outcome is not None:
                crossings.append(outcome)
        if self._open or self._doubtful:
            self._forget(scene)
        return crossings

    def _follow_all(self, walked: Walked, met: set[int]) -> list[Crossing]:
        watched = {walked.tracks[row].object_id for row in met}
        watched.update(key for key in (*self._open, *self._doubtful) if key in walked.rows)
        crossings: list[Crossing] = []
        for key in sorted(watched, key=lambda key: walked.rows[key].start):
            doubtful = self._doubtful.pop(key, None)
            for row in walked.rows[key]:
                outcome = self._follow(key, walked, row, met)
                if outcome is not None:
                    crossings.append(outcome)
            if doubtful is not None and key not in self._open:
                crossings.append(doubtful)
        return crossings

    def _follow(self, key: int, walked: Walked, row: int, met: set[int]) -> Crossing | None:
        before = walked.came[row]
        if before is None:
            self._open.pop(key, None)
        elif row in met or key in self._open:
            move = self._move(before, walked.sightings[row])
            return self._step(walked.tracks[row], move, self._hits(move) if row in met else ())
        return None

    def _move(self, before: Sighting, now: Sighting) -> _Move:
        kind, aspect = self._settings.anchor, self._limits.aspect
        return _Move(before, anchor(before.box, kind, aspect), now, anchor(now.box, kind, aspect))

    def _hits(self, move: _Move) -> list[Hit]:
        return self._line.hits(*move.start, *move.end)

    def _step(self, track: Track, move: _Move, hits: Sequence[Hit]) -> Crossing | None:
        """Move a passage on by one sighting, open it where that meets the line; return what it came to at its end."""
        passage = self._open.get(track.object_id)
        if passage is None:
            if not hits:
                return None
            passage = self._open[track.object_id] = Passage(move.before)
        for hit in hits:
            step = move.over(hit)
            passage.cross(hit, step, 0.0 if hit.on_line else self._line.past_end(*step.place))
        passage.last = move.now
        if passage.matters:
            self._keep_away(passage, move, hits)
            if not passage.is_clear(self._limits):
                return None
        del self._open[track.object_id]
        return passage.outcome(track, self._limits)

    def _keep_away(self, passage: Passage, move: _Move, hits: Sequence[Hit]) -> None:
        """Tell a passage how far from the line the move has ended."""
        passage.margin = margin_of(self._settings.margin, self._limits.diagonal, move.now.box.height)
        off = self._line.distance(*move.end)
        if off < passage.margin:
            passage.stay(off)
            return
        left_s = 0.0
        if passage.clear_s is None:
            start = (hits[-1].share, 0.0) if hits else (0.0, self._line.distance(*move.start))
            left_s = move.at_s(_share_beyond(passage.margin, start, off))
        passage.go_on(off, move.end, left_s)

    def _doubt(self, scene: Scene) -> None:
        """Remember who goes over the line while what is seen is not believed."""
        self._doubt_s = scene.stream_s
        for track in (*scene.tracks, *scene.ended):
            before = self._walks.last(track.object_id)
            if not track.new or before is None or track.object_id in self._open:
                continue
            move = self._move(before, track.new[-1])
            over = [hit for hit in self._hits(move) if hit.on_line]
            if over:
                passage = Passage(before)
                passage.cross(over[0], move.over(over[0]), 0.0)
                missed = passage.missed(track, self._limits, Why.LIGHT_CHANGE)
                if missed is not None:
                    self._doubtful[track.object_id] = missed

    def _leave(self, track: Track, *, settled: bool) -> Crossing | None:
        """Judge who was lost while its passage was open."""
        passage = self._open.get(track.object_id)
        outcome = self._doubtful.get(track.object_id)
        if passage is not None:
            if settled and passage.is_clear_at_last(self._limits):
                outcome = passage.outcome(track, self._limits)
            else:
                dark = self._doubt_s > passage.last.stream_s
                outcome = passage.missed(track, self._limits, Why.LIGHT_CHANGE if dark else Why.TOO_SHORT)
        return outcome

    def _fit(self, aspect: float) -> None:
        """Lay the line into a picture of this shape; a camera that changes its shape starts anew."""
        line, across = self._settings, diagonal(aspect)
        self._limits = Limits(line.frames, self._limits.hold_s, line.min_angle, aspect, across)
        self._open.clear()
        self._doubtful.clear()
        points = [(x * aspect, y) for x, y in line.points]
        self._line = polyline(points, reach=2 * across, touch=line.margin * across)
        self._sieve.lay(line.anchor, self._number, self._line.normals())

    def _forget(self, scene: Scene) -> None:
        present = self._walks.present(scene)
        for kept in (self._open, self._doubtful):
            for key in kept.keys() - present.keys():
                del kept[key]


def _share_beyond(margin: float, start: tuple[float, float], off: float) -> float:
    """Return at which share of a step the margin was passed: from `start`, (share, distance there), to `off` at 1."""
    share, near = start
    if off <= near:
        return share
    return share + (1.0 - share) * max(margin - near, 0.0) / (off - near)
