"""Who crosses a line: one object's path against one line, with hysteresis.

A crossing is open from the step that crosses the line until the object has been clear of the line for some time. Steps
back and forth in between cancel out; only what is left over counts, at the time of the last step that made it. See
docs/adr/0070-what-crosses-a-line.md.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.model.event import Direction
from edge.model.geometry import Box, diagonal
from edge.model.scene import Scene, Sighting, Track
from edge.rules.anchor import anchor, margin_of
from edge.rules.polyline import Hit, Place, Polyline, polyline
from edge.settings import LineSettings

FRAMES_PER_S = 5.0
"""The rate at which the setting `frames` counts."""

_EARLY = 0.9
"""Cameras do not keep exact time: a hold counts as reached at this share of it."""

_AT_EDGE = 0.02
"""A box this near to the picture's edge is on its way out (share of the frame)."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """An object went from one side of a line to the other. `stream_s` is when its path met the line."""

    track: Track
    direction: Direction
    stream_s: float


@dataclass(frozen=True, slots=True)
class _Step:
    """A step over the line itself: when, where, and along which piece."""

    stream_s: float
    place: Place
    heading: Place


@dataclass(slots=True)
class _Path:
    """What is remembered of one object.

    `side` sums up the changes of side since it was last clear of the line, `through` those of them between the line's
    ends; +1 is to the right. `steps` are the last steps over the line, by sign. `clear_s` is when its path left the
    margin, None while it has not; `clear_place` is the first sighting beyond, `clear_frames` how many there were.
    """

    last: Sighting
    place: Place
    side: int = 0
    through: int = 0
    steps: dict[int, _Step] = field(default_factory=dict)
    clear_s: float | None = None
    clear_place: Place = (0.0, 0.0)
    clear_frames: int = 0

    def settle(self) -> None:
        """Forget what happened near the line."""
        self.side = self.through = 0
        self.steps.clear()
        self.clear_s = None


class LineCrossings:
    """Follows every object of a channel past one line."""

    def __init__(self, line: LineSettings) -> None:
        self._settings = line
        self._hold_s = (line.frames - 1) / FRAMES_PER_S * _EARLY
        self._paths: dict[int, _Path] = {}
        self._aspect = 0.0
        self._diagonal = 0.0
        self._line = Polyline(())

    def update(self, scene: Scene) -> Iterator[Crossing]:
        """Yield the crossings that became certain with this scene.

        What is seen while the scene is not settled is not believed: the path goes straight from the last sighting
        before to the first one after.
        """
        self._fit(scene.aspect)
        if scene.settled:
            for track in scene.tracks:
                yield from self._follow(track)
            for track in scene.ended:
                yield from self._follow(track)
                yield from self._leave(track)
        self._forget(scene)

    def _follow(self, track: Track) -> Iterator[Crossing]:
        for sighting in track.new:
            path = self._paths.get(track.object_id)
            place = anchor(sighting.box, self._settings.anchor, self._aspect)
            if path is None:
                self._paths[track.object_id] = _Path(sighting, place)
                continue
            self._step(path, sighting, place)
            if self._is_clear(path):
                yield from self._judge(track, path)

    def _is_clear(self, path: _Path) -> bool:
        """Tell whether an object has been clear of the line for the frames asked for and their time."""
        if path.clear_s is None or path.clear_frames < self._settings.frames:
            return False
        return path.last.stream_s - path.clear_s >= self._hold_s

    def _leave(self, track: Track) -> Iterator[Crossing]:
        """Judge who was lost while clear of the line, before the time for that was up.

        At the picture's edge no more could be seen; elsewhere as many frames as asked for are enough at any rate.
        """
        path = self._paths.get(track.object_id)
        if path is None or path.clear_s is None:
            return
        if _at_edge(path.last.box) or path.clear_frames >= self._settings.frames:
            yield from self._judge(track, path)

    def _step(self, path: _Path, sighting: Sighting, place: Place) -> None:
        """Move a path on by one sighting."""
        before, hits = path.last, self._line.hits(*path.place, *place)
        for hit in hits:
            path.side += hit.sign
            if hit.on_line:
                path.through += hit.sign
                path.steps[hit.sign] = _step_at(hit, path, sighting, place)
        if hits:
            path.clear_s = None
        if path.side or path.through:
            margin = margin_of(self._settings.margin, self._diagonal, sighting.box.height)
            off = self._line.distance(*place)
            if off < margin:
                path.clear_s = None
            elif path.clear_s is None:
                start = (hits[-1].share, 0.0) if hits else (0.0, self._line.distance(*path.place))
                share = _share_beyond(margin, start, off)
                path.clear_s = before.stream_s + share * (sighting.stream_s - before.stream_s)
                path.clear_place, path.clear_frames = place, 1
            else:
                path.clear_frames += 1
        path.last, path.place = sighting, place

    def _judge(self, track: Track, path: _Path) -> Iterator[Crossing]:
        """Decide on an object that is clear of the line again, on whichever side."""
        if path.through * path.side > 0:  # else it is back where it was, or went round an end
            sign = 1 if path.through > 0 else -1
            step = path.steps[sign]
            if _angle(step, path.clear_place) >= self._settings.min_angle:
                direction = Direction.A_TO_B if sign > 0 else Direction.B_TO_A
                yield Crossing(track, direction, step.stream_s)
        path.settle()

    def _fit(self, aspect: float) -> None:
        """Lay the line into a picture of this shape; a camera that changes its shape starts anew."""
        if aspect == self._aspect:
            return
        self._aspect, self._diagonal = aspect, diagonal(aspect)
        self._paths.clear()
        touch = self._settings.margin * self._diagonal
        points = [(x * aspect, y) for x, y in self._settings.points]
        self._line = polyline(points, reach=2 * self._diagonal, touch=touch)

    def _forget(self, scene: Scene) -> None:
        for track in scene.ended:
            self._paths.pop(track.object_id, None)
        if len(self._paths) > len(scene.tracks):
            alive = {track.object_id for track in scene.tracks}
            self._paths = {key: path for key, path in self._paths.items() if key in alive}


def _step_at(hit: Hit, path: _Path, sighting: Sighting, place: Place) -> _Step:
    (px, py), (qx, qy) = path.place, place
    before_s = path.last.stream_s
    return _Step(
        before_s + hit.share * (sighting.stream_s - before_s),
        (px + hit.share * (qx - px), py + hit.share * (qy - py)),
        hit.heading,
    )


def _share_beyond(margin: float, start: tuple[float, float], off: float) -> float:
    """Return at which share of a step the margin was passed: from `start`, (share, distance there), to `off` at 1."""
    share, near = start
    if off <= near:
        return share
    return share + (1.0 - share) * max(margin - near, 0.0) / (off - near)


def _angle(step: _Step, clear: Place) -> float:
    """Return the angle between the line and the way from it to where the object was clear of it: 0..90 degrees."""
    wx, wy = clear[0] - step.place[0], clear[1] - step.place[1]
    (ux, uy) = step.heading
    across, along = abs(ux * wy - uy * wx), abs(ux * wx + uy * wy)
    return math.degrees(math.atan2(across, along)) if across or along else 90.0


def _at_edge(box: Box) -> bool:
    low, high = _AT_EDGE, 1.0 - _AT_EDGE
    return box.left <= low or box.top <= low or box.right >= high or box.bottom >= high
