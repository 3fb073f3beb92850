"""Who is inside a zone: one object's path against one zone, with hysteresis. All rules of zones go by this.

Someone joins who is deep inside (see region.py) for some frames and their time, and leaves who is deep outside for as
long, or whose track ends. The moment told is that at which the path met the outline last, or the first or last sighting
where it did not. See docs/adr/0072-who-is-inside-a-zone.md.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from edge.model.geometry import Point
from edge.model.scene import Scene, Track
from edge.rules.grounds import DEEP, Ground, Grounds
from edge.rules.polyline import Place, Polyline
from edge.rules.region import last_share, outline
from edge.settings import ZoneSettings

FRAMES_PER_S = 5.0
"""The rate at which the setting `frames` counts."""

_EARLY = 0.9
"""Cameras do not keep exact time: a hold counts as reached at this share of it."""


class Turn(Enum):
    """What happened to a stay."""

    JOINED = "joined"
    LEFT = "left"
    TOO_SHORT = "too short"
    SWAYED = "swayed"


@dataclass(slots=True, eq=False)
class Stay:
    """One object's stay in a zone.

    `track` is as it was when last looked at. `join_s` and `place` are when and where its path came in, `deep_s` how
    long it was deep inside at a stretch before it joined, `outside_s` since when it has been beyond the outline again,
    `left_s` when it left; None where that is not so.
    """

    track: Track
    join_s: float
    place: Place
    joined: bool = False
    was_deep: bool = False
    deep_s: float = 0.0
    outside_s: float | None = None
    left_s: float | None = None
    clear_s: float | None = None
    clear_frames: int = 0

    @property
    def object_id(self) -> int:
        """Whose stay it is."""
        return self.track.object_id

    def point(self, aspect: float) -> Point:
        """Return where it came in, in fractions of the frame."""
        return Point(self.place[0] / aspect, self.place[1])


Change = tuple[Turn, Stay]


class Stays:
    """Follows every object of a channel through one zone."""

    def __init__(self, zone: ZoneSettings, grounds: Grounds) -> None:
        self._zone = zone
        self._grounds = grounds
        self._column = grounds.add(zone)
        self._hold_s = (zone.frames - 1) / FRAMES_PER_S * _EARLY
        self._stays: dict[int, Stay] = {}
        self._timing: set[int] = set()
        self._gone: dict[int, Track] = {}
        self._aspect = 0.0
        self._sides: tuple[Polyline, ...] = ()

    def update(self, scene: Scene) -> list[Change]:
        """Return what became certain with this scene, in order.

        What is seen while the scene is not settled is not believed: the path goes straight from the last sighting
        before to the first one after.
        """
        self._fit(scene.aspect)
        ground = self._grounds.look(scene)
        changes: list[Change] = []
        changed = ground.changed.get(self._column, ())
        if scene.settled and (changed or self._timing):
            looked_at = {*changed, *self._timing}
            for object_id in sorted(looked_at):
                for row in ground.steps.rows.get(object_id, ()):
                    changes += self._step(ground, row)
        for track in scene.ended:
            self._gone[track.object_id] = track
        if scene.settled and self._gone:
            for track in self._gone.values():
                changes += self._end(track)
            self._gone.clear()
        return changes

    def tracks(self, scene: Scene) -> dict[int, Track]:
        """Return the objects of a scene by their ids."""
        return self._grounds.look(scene).tracks

    def _fit(self, aspect: float) -> None:
        if aspect != self._aspect:
            self._aspect, self._sides = aspect, outline(self._zone.polygon, aspect)
            self._stays.clear()
            self._timing.clear()

    def _step(self, ground: Ground, row: int) -> Iterator[Change]:
        """Move one object on by one sighting."""
        track, now_s = ground.steps.tracks[row], ground.steps.sightings[row].stream_s
        inside, stands = bool(ground.off[row, self._column] >= 0.0), int(ground.stands[row, self._column])
        stay = self._stays.get(track.object_id)
        if stay is None:
            if not inside:
                return
            at_s, place = self._border(ground, row)
            stay = self._stays[track.object_id] = Stay(track, at_s, place)
        elif inside and stay.outside_s is not None:
            at_s, place = self._border(ground, row)
            stay.outside_s = None
            if not stay.joined:
                stay.join_s, stay.place = at_s, place
        elif not inside and stay.outside_s is None:
            stay.outside_s = self._border(ground, row)[0]
        stay.track = track
        stay.was_deep |= stands == DEEP
        yield from self._judge(ground, row, stay, stands, now_s)

    def _judge(self, ground: Ground, row: int, stay: Stay, stands: int, now_s: float) -> Iterator[Change]:
        """Count for how long it has been clear, and decide."""
        if stands != (-DEEP if stay.joined else DEEP):
            self._stop(stay)
            if stands == -DEEP:
                yield self._miss(stay)
            return
        if stay.clear_s is None:
            stay.clear_s, stay.clear_frames = self._beyond(ground, row, stay, now_s), 0
            self._timing.add(stay.object_id)
        stay.clear_frames += 1
        if not stay.joined:
            stay.deep_s = max(stay.deep_s, now_s - stay.clear_s)
        if stay.clear_frames < self._zone.frames or now_s - stay.clear_s < self._hold_s:
            return
        self._stop(stay)
        if stay.joined:
            yield self._leave(stay, now_s if stay.outside_s is None else stay.outside_s)
        else:
            stay.joined = True
            yield Turn.JOINED, stay

    def _end(self, track: Track) -> Iterator[Change]:
        """End the stay of who is lost: at the last sighting, or when its path went out if it did."""
        stay = self._stays.get(track.object_id)
        if stay is None:
            return
        self._stop(stay)
        stay.track = track
        if stay.joined:
            yield self._leave(stay, track.last_s if stay.outside_s is None else stay.outside_s)
        else:
            yield self._miss(stay)

    def _stop(self, stay: Stay) -> None:
        stay.clear_s = None
        self._timing.discard(stay.object_id)

    def _leave(self, stay: Stay, at_s: float) -> Change:
        stay.left_s = max(at_s, stay.join_s)
        del self._stays[stay.object_id]
        return Turn.LEFT, stay

    def _miss(self, stay: Stay) -> Change:
        del self._stays[stay.object_id]
        return Turn.TOO_SHORT if stay.was_deep else Turn.SWAYED, stay

    def _border(self, ground: Ground, row: int) -> tuple[float, Place]:
        """Return when and where the step to this sighting met the outline; at the sighting, if it is the first."""
        now_s, now = ground.steps.sightings[row].stream_s, _place(ground, row)
        came_s = float(ground.came_s[row])
        before = ground.steps.before[row].tolist()
        if math.isnan(came_s) or math.isnan(before[0]):
            return now_s, now
        share = last_share(self._sides, (before[0], before[1]), now)
        if share is None:  # one of both lies on the outline itself
            came, off = self._offs(ground, row)
            share = min(max(came / (came - off), 0.0), 1.0) if math.isfinite(came) and came != off else 1.0
        place = before[0] + share * (now[0] - before[0]), before[1] + share * (now[1] - before[1])
        return came_s + share * (now_s - came_s), place

    def _beyond(self, ground: Ground, row: int, stay: Stay, now_s: float) -> float:
        """Return when the margin was passed, between the sighting before and this one."""
        came_s, came, off = float(ground.came_s[row]), *self._offs(ground, row)
        margin = float(ground.margin[row, self._column]) * (-1.0 if stay.joined else 1.0)
        if math.isnan(came_s) or not math.isfinite(off - came) or off == came:
            return now_s
        share = min(max((margin - came) / (off - came), 0.0), 1.0)
        border_s = stay.join_s if stay.outside_s is None else stay.outside_s
        return max(came_s + share * (now_s - came_s), border_s)

    def _offs(self, ground: Ground, row: int) -> tuple[float, float]:
        return float(ground.came[row, self._column]), float(ground.off[row, self._column])


def _place(ground: Ground, row: int) -> Place:
    x, y = ground.steps.now[row].tolist()
    return x, y
