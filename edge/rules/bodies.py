"""What a still thing must not be: a person or vehicle that stands. By who came there, and by how tall people are."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.model.geometry import Box, Point
from edge.model.perspective import fit_heights, height_between
from edge.model.scene import Origin, Scene, Thing, Track
from edge.settings import CalibrationRuler

_LOOK_S = 0.35
"""So often is enough to see who goes where."""
_STEP = 0.5
"""Who has moved this share of the own height gives a new sample."""
_STEPS_KEPT = 12
_SAMPLES = 200
_LEAST_SAMPLES = 20
_LEAST_PEOPLE = 3
_REFIT = 10
_STANDS_S = 2.0
_SAME_PLACE = 0.35
_ALIKE = (0.55, 1.8)
_SHAPE_ALIKE = 2.0
_AWAY = 1.0
_LEAST_ALIKE = 2
_WITHIN, _LARGER = 0.8, 2.0
"""So much of a thing lies in the box of something that stands there and is so many times as large: a part of it."""
_LEAST_STEPS = 3
_PERSON_SIZE = (0.6, 1.45)
"""Height of a standing person, in usual persons."""
_PERSON_SHAPE = 0.6
"""A standing person's width over height, at most."""
_SEATED_SIZE = (0.58, 0.9)
_SEATED_SHAPE = 0.85
"""The same of one who sits, or is half hidden."""
_BLOCK_SHAPE, _BLOCK_FILLED, _BLOCK_SLOPE = 0.5, 0.7, 0.46
"""Of 123 people of vtest.avi of this width over height, who stand alone, none fills more than 0.75 of the box."""
_BLOCK_CHANGES = 0.06
_SHAPE_UNSURE = 0.58
_TALL_UNSURE = 0.08


@dataclass(slots=True)
class _Way:
    """One track's boxes while it moved, one for each half of its height."""

    origin: Origin
    boxes: deque[Box] = field(default_factory=lambda: deque(maxlen=_STEPS_KEPT))


class Bodies:
    """Learns from a channel's scenes; shared by its zones. Every rule shows it each scene."""

    def __init__(self, rulers: Sequence[CalibrationRuler]) -> None:
        self._rulers = tuple(sorted(rulers, key=lambda ruler: ruler.foot[1]))
        self._scene: Scene | None = None
        self._ways: dict[int, _Way] = {}
        self._samples: deque[tuple[float, float]] = deque(maxlen=_SAMPLES)
        self._people: set[int] = set()
        self._fresh = 0
        self._next_s = -math.inf
        self._line: tuple[float, float] | None = None

    def advance(self, scene: Scene) -> None:
        """Take in a scene, once."""
        if scene is self._scene:
            return
        self._scene = scene
        if scene.stream_s >= self._next_s:
            self._next_s = scene.stream_s + _LOOK_S
            for track in scene.tracks:
                self._follow(track, scene.aspect)
        for track in scene.ended:
            self._ways.pop(track.object_id, None)

    def usual(self, foot: Point) -> float | None:
        """Return how tall a standing person is at a place, as a share of the frame's height; None if not known."""
        if self._rulers:
            far, near = self._rulers[0], self._rulers[-1]
            return height_between((far.foot[1], far.height), (near.foot[1], near.height), foot.y)
        enough = len(self._samples) >= _LEAST_SAMPLES and len(self._people) >= _LEAST_PEOPLE
        if enough and self._fresh >= _REFIT:  # only now: mostly nothing lies there that would have to be judged
            self._fresh = 0
            self._line = fit_heights(np.array(self._samples))
        if self._line is None:
            return None
        slope, level = self._line
        return max(0.01, slope * foot.y + level)

    def looks_like_person(self, thing: Thing, aspect: float) -> bool:
        """Tell whether something has the size of people who stand or sit there, and is not plainly a thing."""
        shape = thing.box.width * aspect / max(thing.box.height, 1e-6)
        return self._is_sized_like_person(thing.box, shape) and not _is_block(thing, shape)

    def _is_sized_like_person(self, box: Box, shape: float) -> bool:
        """Tell whether something is as tall and wide as people; narrow, if that is not known."""
        usual = self.usual(box.bottom_center)
        if usual is None:
            return shape <= _SHAPE_UNSURE and box.height >= _TALL_UNSURE
        persons = box.height / usual
        stands = shape <= _PERSON_SHAPE and _PERSON_SIZE[0] <= persons <= _PERSON_SIZE[1]
        return stands or (shape <= _SEATED_SHAPE and _SEATED_SIZE[0] <= persons <= _SEATED_SIZE[1])

    def stands_there(self, thing: Thing, scene: Scene) -> bool:
        """Tell whether a thing is somebody, or some vehicle, that came there and stands."""
        return any(
            track.origin is not Origin.UNKNOWN
            and covers(track.box, thing.box) >= _SAME_PLACE
            and scene.stream_s - track.moved_s >= _STANDS_S
            and self.came(track, thing.box, scene.aspect)
            for track in scene.tracks
        )

    def part_of(self, thing: Thing, scene: Scene) -> bool:
        """Tell whether a thing is, for now, no more than a part of something larger that came there and stands.

        Legs of somebody, the foot of a bottle: what is judged is the whole. Whoever goes leaves the thing to be judged.
        """
        area = thing.box.width * thing.box.height
        return any(
            scene.stream_s - track.moved_s >= _STANDS_S
            and _common(track.box, thing.box) >= _WITHIN * area
            and track.box.width * track.box.height >= _LARGER * area
            for track in scene.tracks
        )

    def came(self, track: Track, box: Box, aspect: float) -> bool:
        """Tell whether a track came from elsewhere as large as what stands here: a bag once was part of its owner."""
        way = self._ways.get(track.object_id)
        if way is None:
            return False
        return sum(_alike(each, box, aspect) for each in way.boxes) >= _LEAST_ALIKE

    def walked(self, track: Track) -> bool:
        """Tell whether a track has come some way: its own height or more."""
        way = self._ways.get(track.object_id)
        return way is not None and len(way.boxes) >= _LEAST_STEPS

    def _follow(self, track: Track, aspect: float) -> None:
        way, box = self._ways.get(track.object_id), track.box
        if way is None:
            way = self._ways[track.object_id] = _Way(track.origin)
        if way.boxes and _apart(way.boxes[-1], box, aspect) < _STEP * box.height:
            return
        way.boxes.append(box)
        if track.origin is Origin.PEDESTRIAN and not self._rulers:
            self._learn(track.object_id, box)

    def _learn(self, object_id: int, box: Box) -> None:
        if box.top <= 0.01 or box.bottom >= 0.99 or box.left <= 0.01 or box.right >= 0.99:  # noqa: PLR2004 - cut off
            return
        if len(self._people) < _LEAST_PEOPLE:
            self._people.add(object_id)
        self._samples.append((box.bottom, box.height))
        self._fresh += 1


def _is_block(thing: Thing, shape: float) -> bool:
    """Tell whether something fills its box as no person does, and has never changed since it was first seen."""
    if shape < _BLOCK_SHAPE or thing.changed > _BLOCK_CHANGES:
        return False
    return thing.filled >= max(_BLOCK_FILLED, 1.0 - _BLOCK_SLOPE * shape)


def covers(one: Box, other: Box) -> float:
    """Return the share of two boxes' union that both cover."""
    both = _common(one, other)
    return both / max(1e-9, one.width * one.height + other.width * other.height - both)


def _common(one: Box, other: Box) -> float:
    """Return the area that both cover, as a share of the picture."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, across) * max(0.0, down)


def _alike(moving: Box, here: Box, aspect: float) -> bool:
    if _apart(moving, here, aspect) < _AWAY * max(here.height, here.width * aspect):
        return False
    tall, wide = moving.height / max(here.height, 1e-6), moving.width / max(here.width, 1e-6)
    return _ALIKE[0] <= tall <= _ALIKE[1] and 1 / _SHAPE_ALIKE <= wide / tall <= _SHAPE_ALIKE


def _apart(one: Box, other: Box, aspect: float) -> float:
    across = (one.left + one.right - other.left - other.right) / 2 * aspect
    return math.hypot(across, (one.top + one.bottom - other.top - other.bottom) / 2)
