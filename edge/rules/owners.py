"""Who belongs to a thing that lies there: who was by as it was put down, and who stays by it. Passers-by do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.model.geometry import Box, Point, distance
from edge.model.scene import Origin, Scene, Thing, Track
from edge.rules.bodies import Bodies, covers
from edge.rules.walks import Walks

_STANDS_S = 2.0
_STAYS_S = 15.0
_SUCCEEDS_S = 3.0
_PUTS_DOWN_S = 1.0
_REACH = 0.8
"""Who puts a thing down has it within this share of the own height."""
_OWN_TRACK = 0.3
_PERSON_SIZE = (0.5, 1.8)
_UPRIGHT = 0.75


@dataclass(slots=True)
class Owners:
    """Watches the people around one thing; `near_s` is when an owner was near last, `apart` how far the nearest is."""

    radius: float
    near_s: float = -1.0
    apart: float = float("inf")
    _owners: set[int] = field(default_factory=set)
    _inside_s: dict[int, float] = field(default_factory=dict)
    _lost: list[Track] = field(default_factory=list)
    _begun: bool = False

    def update(self, scene: Scene, thing: Thing, bodies: Bodies, walks: Walks) -> None:
        """Take in a scene."""
        people = [track for track in scene.tracks if is_person(track, thing, bodies, scene.aspect)]
        if not self._begun:
            self._begun = True
            self._begin(scene, thing, people, walks)
        reach = [(_apart(track.box.bottom_center, thing.box, scene.aspect), track) for track in people]
        self.apart = min((far for far, _ in reach), default=float("inf"))
        inside = [track for far, track in reach if far <= self.radius]
        self._inside_s = {track.object_id: self._inside_s.get(track.object_id, scene.stream_s) for track in inside}
        self._succeed(scene)
        if any(self._counts(track, scene.stream_s) for track in inside):
            self.near_s = scene.stream_s

    def _begin(self, scene: Scene, thing: Thing, people: Sequence[Track], walks: Walks) -> None:
        """Take who was within reach as the thing was put down for its owners."""
        for track in people:
            path = [
                (each.stream_s, _apart(Point(each.x, each.y), thing.box, scene.aspect))
                for each in walks.path(track.object_id, "bottom_center")
            ]
            reach = min(self.radius, max(_REACH * track.box.height, thing.box.height))
            if any(abs(at_s - thing.since_s) <= _PUTS_DOWN_S and far <= reach for at_s, far in path):
                self._owners.add(track.object_id)
                self.near_s = max([self.near_s, *(at_s for at_s, far in path if far <= self.radius)])

    def _succeed(self, scene: Scene) -> None:
        """Take who comes up just where an owner was lost for the same person."""
        self._lost += [track for track in scene.ended if track.object_id in self._owners]
        self._lost = [track for track in self._lost if scene.stream_s - track.last_s <= 2 * _SUCCEEDS_S]
        for track in scene.tracks:
            for lost in tuple(self._lost):
                later_s = track.first_s - lost.last_s
                near = distance(track.box.bottom_center, lost.box.bottom_center, scene.aspect) <= lost.box.height
                if 0.0 <= later_s <= _SUCCEEDS_S and near:
                    self._owners.add(track.object_id)
                    self._lost.remove(lost)

    def _counts(self, track: Track, now_s: float) -> bool:
        """Tell whether somebody near is an owner, or stays; who passes by is neither."""
        stays = now_s - self._inside_s[track.object_id] >= _STAYS_S or now_s - track.moved_s >= _STANDS_S
        return stays or track.object_id in self._owners


def is_person(track: Track, thing: Thing, bodies: Bodies, aspect: float) -> bool:
    """Tell whether a track is, or may be, a person, and not the thing itself."""
    if covers(track.box, thing.box) >= _OWN_TRACK and not bodies.came(track, thing.box, aspect):
        return False
    if track.origin is Origin.UNKNOWN:
        return bodies.walked(track) and _may_be_person(
            track.box, thing.box, bodies.usual(track.box.bottom_center), aspect
        )
    return track.origin is Origin.PEDESTRIAN


def _may_be_person(box: Box, thing: Box, usual: float | None, aspect: float) -> bool:
    """Tell whether something of no known class is large enough; where nobody has been seen yet, also upright."""
    if usual is not None:
        return _PERSON_SIZE[0] * usual <= box.height <= _PERSON_SIZE[1] * usual
    return box.height >= thing.height and box.width * aspect <= _UPRIGHT * box.height


def _apart(foot: Point, box: Box, aspect: float) -> float:
    """Return how far a person's feet are from the middle of a thing's foot, in units of the frame's height."""
    return distance(foot, box.bottom_center, aspect)
