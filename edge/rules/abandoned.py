"""AbandonedObject: something lies in a zone, and nobody whose it is stays by it.

`objects` and the sizes of the zone itself do not apply: a thing is of no class, and has sizes of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edge.model.event import Event, EventType, Evidence, Measure, Suppressed, Told, Why
from edge.model.geometry import Box, Point
from edge.model.origin import Origin
from edge.model.scene import Scene, Thing
from edge.rules.bodies import Bodies, covers
from edge.rules.events import Writer
from edge.rules.filters import Cooldown
from edge.rules.owners import Owners
from edge.rules.rule import Rule, Shared
from edge.rules.schedule import Schedule
from edge.rules.walks import Walks
from edge.rules.zones import bare, watched
from edge.settings import ChannelSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings, Corner

_IN_SIGHT_S = 0.75
"""What has been covered for longer is not told: it may have been taken away."""
_SAME_OUTLINE = 0.7
"""Who stood there has gone where the outline changes by more: what is left is looked at anew."""


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one rule for each zone that watches for things; they learn together how tall people are."""
    bodies = Bodies(channel.calibration)
    excluded = tuple(mask.polygon for mask in channel.masks if mask.kind == "exclude")
    for zone, writer in watched(channel, lambda each: each.abandoned is not None):
        if zone.abandoned is not None:
            schedule = Schedule(zone.schedule, shared.zone)
            yield Abandoned(zone, zone.abandoned, writer, schedule, bodies, shared.walks, excluded)


@dataclass(slots=True)
class _Case:
    """What is remembered of one thing: its first moment, who is by it, and what has been told of it.

    `part_s` is when it was last no more than a part of something larger.
    """

    since_s: float
    box: Box
    owners: Owners
    part_s: float = float("-inf")
    is_body: bool = False
    over: bool = False
    told: set[Why] = field(default_factory=set)


class Abandoned:
    """Tells each thing of one zone once."""

    def __init__(
        self,
        zone: ZoneSettings,
        asked: AbandonedSettings,
        writer: Writer,
        schedule: Schedule,
        bodies: Bodies,
        walks: Walks,
        excluded: Sequence[Sequence[Corner]] = (),
    ) -> None:
        self._zone = zone
        self._excluded = excluded
        self._limits = asked
        self._writer = writer
        self._schedule = schedule
        self._bodies = bodies
        self._walks = walks
        self._cooldown = Cooldown(zone.cooldown_s)
        self._cases: dict[int, _Case] = {}

    @property
    def asked(self) -> object:
        """What of the zone matters here, and the names in its events."""
        return bare(self._zone), self._limits, self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return the things that have lain alone for long enough with this scene, and those that nearly have."""
        self._bodies.advance(scene)
        self._walks.walked(scene)  # keeps the paths that tell who put a thing down
        if not (scene.observed.things or self._cases):
            return ()
        there = {thing.object_id for thing in scene.observed.things}
        self._cases = {key: case for key, case in self._cases.items() if key in there}
        told: list[Told] = []
        for thing in scene.observed.things:
            if _inside(self._anchor(thing), self._zone.polygon):
                told += self._judge(scene, thing)
        return told

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: a thing leaves nothing open."""
        return ()

    def _judge(self, scene: Scene, thing: Thing) -> Iterable[Told]:
        case = self._cases.setdefault(
            thing.object_id, _Case(thing.since_s, thing.box, Owners(self._limits.owner_radius))
        )
        if case.over:
            return ()
        case.owners.update(scene, thing, self._bodies, self._walks)
        in_sight = scene.stream_s - thing.seen_s <= _IN_SIGHT_S
        if covers(case.box, thing.box) < _SAME_OUTLINE:
            case.is_body = False
        case.box = thing.box
        case.is_body |= in_sight and self._bodies.stands_there(thing, scene)
        if thing.since_s != case.since_s:
            case.since_s = thing.since_s
            if thing.since_s < thing.seen_s:  # not all that stood there was the thing
                return ()
            return self._suppress(scene, thing, case, Why.LIGHT_CHANGE, scene.stream_s)
        return self._decide(scene, thing, case) if scene.settled and in_sight else ()

    def _decide(self, scene: Scene, thing: Thing, case: _Case) -> Iterable[Told]:
        lain_s = thing.since_s + self._limits.seconds
        if scene.stream_s < lain_s:
            return ()
        why = self._why_not(scene, thing, case)
        if why is not None:
            return self._suppress(scene, thing, case, why, lain_s)
        due_s = max(lain_s, case.owners.near_s + self._limits.owner_s)
        if scene.stream_s < due_s:
            return self._suppress(scene, thing, case, Why.OWNER_NEAR, lain_s)
        due_s = max(due_s, case.part_s, self._watched_s(scene) + self._limits.seconds)
        if scene.stream_s < due_s:
            return ()
        case.over = True
        if not self._cooldown.allows(due_s):
            return self._suppress(scene, thing, case, Why.COOLDOWN, due_s)
        return (self._event(scene, thing, case, due_s),)

    def _why_not(self, scene: Scene, thing: Thing, case: _Case) -> Why | None:
        if not self._limits.min_size <= thing.box.height <= self._limits.max_size:
            return Why.OTHER_SIZE
        if any(_inside(self._anchor(thing), corners) for corners in self._excluded):
            return Why.MASKED
        if self._bodies.part_of(thing, scene):
            case.part_s = scene.stream_s
            return Why.PERSON
        if case.is_body or self._bodies.looks_like_person(thing, scene.aspect):
            return Why.PERSON
        return None if self._schedule.open_at(scene.time_us) else Why.OUTSIDE_SCHEDULE

    def _watched_s(self, scene: Scene) -> float:
        """Return since when the zone has been watched, in seconds into the stream."""
        if not self._zone.schedule:
            return float("-inf")
        return scene.stream_s - (scene.time_us - self._schedule.since_us(scene.time_us)) / 1e6

    def _event(self, scene: Scene, thing: Thing, case: _Case, due_s: float) -> Event:
        return Event(
            type=EventType.ABANDONED,
            channel_id=self._writer.channel_id,
            channel_name=self._writer.channel_name,
            time_us=scene.wall_us(due_s),
            stream_s=due_s,
            object_id=thing.object_id,
            origin=Origin.UNKNOWN,
            rule_id=self._writer.rule_id,
            rule_name=self._writer.rule_name,
            evidence=self._evidence(scene, thing, case),
        )

    def _suppress(self, scene: Scene, thing: Thing, case: _Case, why: Why, at_s: float) -> Iterable[Suppressed]:
        """Give the reason, the first time that it holds for this thing."""
        if why in case.told:
            return
        case.told.add(why)
        yield Suppressed(
            EventType.ABANDONED,
            why,
            self._writer.channel_id,
            scene.wall_us(at_s),
            at_s,
            thing.object_id,
            Origin.UNKNOWN,
            self._writer.rule_id,
            self._writer.rule_name,
            self._evidence(scene, thing, case),
        )

    def _evidence(self, scene: Scene, thing: Thing, case: _Case) -> Evidence:
        limits, owners = self._limits, case.owners
        measures = [
            Measure("still_s", scene.stream_s - thing.since_s, limits.seconds),
            Measure("height", thing.box.height, limits.max_size),
        ]
        if owners.near_s >= 0.0:
            measures.append(Measure("owner_away_s", scene.stream_s - owners.near_s, limits.owner_s))
        if owners.apart < float("inf"):
            measures.append(Measure("nearest_person", owners.apart, limits.owner_radius))
        usual = self._bodies.usual(thing.box.bottom_center)
        if usual is not None:
            measures.append(Measure("height_persons", thing.box.height / usual))
        return Evidence(place=self._anchor(thing), box=thing.box, measures=tuple(measures))

    def _anchor(self, thing: Thing) -> Point:
        return thing.box.bottom_center if self._zone.anchor == "bottom_center" else thing.box.center


def _inside(place: Point, corners: Sequence[Corner]) -> bool:
    """Tell whether a place lies in a polygon; one at the picture's edge is judged a hair within."""
    x, y = min(max(place.x, 1e-6), 1 - 1e-6), min(max(place.y, 1e-6), 1 - 1e-6)
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
