"""Who is inside a zone: one object's path against one zone, with hysteresis. All rules of zones go by this.

Someone joins who is deep inside (see region.py) for some frames and their time, and leaves who is deep outside for as
long, or whose track ends. The moment told is that at which the path met the outline last, or the first or last sighting
where it did not. See docs/adr/0072-who-is-inside-a-zone.md.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from edge.model.geometry import Point
from edge.model.scene import Scene, Track
from edge.rules.anchor import anchor
from edge.rules.grounds import DEEP, Ground, Grounds
from edge.rules.polyline import Place, Polyline
from edge.rules.region import last_share, outline
from edge.rules.walks import Walks
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

    def __init__(self, zone: ZoneSettings, grounds: Grounds, walks: Walks) -> None:
        self._zone = zone
        self._grounds = grounds
        self._walks = walks
        self._row = grounds.add(zone)
        self._hold_s = (zone.frames - 1) / FRAMES_PER_S * _EARLY
        self._stays: dict[int, Stay] = {}
        self._timing: set[int] = set()
        self._gone: dict[int, Track] = {}
        self._aspect = 0.0
        self._sides = Polyline(())

    def update(self, scene: Scene) -> list[Change]:
        """Return what became certain with this scene, in order.

        What is seen while the scene is not settled is not believed: the path goes straight from the last sighting
        before to the first one after.
        """
        self._fit(scene.aspect)
        ground = self._grounds.look(scene)
        changes: list[Change] = []
        changed = ground.changed.get(self._row, ())
        if scene.settled and (changed or self._timing):
            looked_at = {*changed, *self._timing}
            for object_id in sorted(looked_at):
                for column in ground.walked.rows.get(object_id, ()):
                    change = self._step(ground, column)
                    if change is not None:
                        changes.append(change)
        for track in scene.ended:
            self._gone[track.object_id] = track
        if scene.settled and self._gone:
            for track in self._gone.values():
                changes += self._end(track)
            self._gone.clear()
        return changes

    def tracks(self, scene: Scene) -> Mapping[int, Track]:
        """Return the objects of a scene by their ids."""
        return self._walks.present(scene)

    def _fit(self, aspect: float) -> None:
        if aspect != self._aspect:
            self._aspect, self._sides = aspect, outline(self._zone.polygon, aspect)
            self._stays.clear()
            self._timing.clear()

    def _step(self, ground: Ground, column: int) -> Change | None:
        """Move one object on by one sighting."""
        track, stands = ground.walked.tracks[column], ground.stands.item(self._row, column)
        stay, inside = self._stays.get(track.object_id), stands > 0
        if stay is None:
            if not inside:
                return None
            at_s, place = self._border(ground, column)
            stay = self._stays[track.object_id] = Stay(track, at_s, place)
        elif inside and stay.outside_s is not None:
            at_s, place = self._border(ground, column)
            stay.outside_s = None
            if not stay.joined:
                stay.join_s, stay.place = at_s, place
        elif not inside and stay.outside_s is None:
            stay.outside_s = self._border(ground, column)[0]
        stay.track = track
        stay.was_deep |= stands == DEEP
        return self._judge(ground, column, stay, stands)

    def _judge(self, ground: Ground, column: int, stay: Stay, stands: int) -> Change | None:
        """Count for how long it has been clear, and decide."""
        if stands != (-DEEP if stay.joined else DEEP):
            self._stop(stay)
            return self._miss(stay) if stands == -DEEP else None
        now_s = ground.walked.sightings[column].stream_s
        if stay.clear_s is None:
            stay.clear_s, stay.clear_frames = self._beyond(ground, column, stay), 0
            self._timing.add(stay.object_id)
        stay.clear_frames += 1
        if not stay.joined:
            stay.deep_s = max(stay.deep_s, now_s - stay.clear_s)
        if stay.clear_frames < self._zone.frames or now_s - stay.clear_s < self._hold_s:
            return None
        self._stop(stay)
        if stay.joined:
            return self._leave(stay, now_s if stay.outside_s is None else stay.outside_s)
        stay.joined = True
        return Turn.JOINED, stay

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

    def _border(self, ground: Ground, column: int) -> tuple[float, Place]:
        """Return when and where the step to this sighting met the outline; at the sighting, if it is the first."""
        before, now = ground.walked.came[column], ground.walked.sightings[column]
        end = anchor(now.box, self._zone.anchor, self._aspect)
        if before is None:
            return now.stream_s, end
        start = anchor(before.box, self._zone.anchor, self._aspect)
        share = last_share(self._sides, start, end)
        if share is None:  # one of both lies on the outline itself
            came, off = self._offs(ground, column)
            share = min(max(came / (came - off), 0.0), 1.0) if math.isfinite(came) and came != off else 1.0
        place = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        return before.stream_s + share * (now.stream_s - before.stream_s), place

    def _beyond(self, ground: Ground, column: int, stay: Stay) -> float:
        """Return when the margin was passed, between the sighting before and this one."""
        before, now_s = ground.walked.came[column], ground.walked.sightings[column].stream_s
        came, off = self._offs(ground, column)
        if before is None or not math.isfinite(off - came) or off == came:
            return now_s
        margin = ground.margin.item(self._row, column) * (-1.0 if stay.joined else 1.0)
        share = min(max((margin - came) / (off - came), 0.0), 1.0)
        border_s = stay.join_s if stay.outside_s is None else stay.outside_s
        return max(before.stream_s + share * (now_s - before.stream_s), border_s)

    def _offs(self, ground: Ground, column: int) -> tuple[float, float]:
        return ground.came.item(self._row, column), ground.off.item(self._row, column)
