"""RegionJoin and RegionLeave: someone comes into a zone and leaves it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.model.event import Event, EventType, Evidence, Measure, Told, Why
from edge.model.scene import Scene, Track
from edge.rules.events import Writer
from edge.rules.filters import Cooldown
from edge.rules.rule import Rule, Shared
from edge.rules.stays import FRAMES_PER_S, Stay
from edge.rules.visitors import NO_NEWS, Miss, Visit, Visitors
from edge.rules.walks import Walks
from edge.rules.zones import bare, watched
from edge.settings import ChannelSettings, ZoneSettings


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one rule for each zone with `join_leave`."""
    return (
        JoinLeave(zone, writer, shared.zones.visitors(zone), shared.walks)
        for zone, writer in watched(channel, lambda zone: zone.join_leave)
    )


class JoinLeave:
    """Tells each visit's begin and end; a visit that begins in the quiet time of the cooldown is not told at all."""

    def __init__(self, zone: ZoneSettings, writer: Writer, visitors: Visitors, walks: Walks) -> None:
        self._zone = zone
        self._writer = writer
        self._visitors = visitors
        self._walks = walks
        self._cooldown = Cooldown(zone.cooldown_s)
        self._told: dict[int, Visit] = {}

    @property
    def asked(self) -> object:
        """What of the zone it goes by, and the names in its events."""
        return bare(self._zone), self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return who left and who came with this scene, and who nearly did."""
        news = self._visitors.update(scene)
        if news is NO_NEWS:
            return ()
        told: list[Told] = [self._leave(scene, visit) for visit in news.went if self._told.pop(visit.object_id, None)]
        told += [self._join(scene, visit) for visit in news.came]
        told += [self._missed(scene, miss) for miss in news.missed]
        return told

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Return the end of every visit that was told, at the last sighting."""
        open_visits = tuple(self._told.values())
        self._told.clear()
        events = []
        for visit in open_visits:
            track = self._visitors.track(visit)
            end_s = visit.ended_s(track)
            event = self._writer.at(EventType.REGION_LEAVE, track, time_us - round((stream_s - end_s) * 1e6), end_s)
            events.append(replace(event, dwell_seconds=_dwell_s(visit, end_s)))
        return events

    def _join(self, scene: Scene, visit: Visit) -> Told:
        track = self._visitors.track(visit)
        evidence = self._evidence(scene, visit.stay, track)
        if not self._cooldown.allows(visit.join_s):
            return self._writer.near_miss(EventType.REGION_JOIN, Why.COOLDOWN, scene, visit.join_s, track, evidence)
        self._told[visit.object_id] = visit
        return self._writer.of_track(EventType.REGION_JOIN, scene, track, visit.join_s, evidence)

    def _leave(self, scene: Scene, visit: Visit) -> Told:
        track = self._visitors.track(visit)
        end_s = visit.ended_s(track)
        dwell_s = _dwell_s(visit, end_s)
        evidence = self._evidence(scene, visit.stay, track, Measure("dwell_s", dwell_s))
        return self._writer.of_track(EventType.REGION_LEAVE, scene, track, end_s, evidence, dwell_seconds=dwell_s)

    def _missed(self, scene: Scene, miss: Miss) -> Told:
        track = miss.stay.track
        evidence = self._evidence(scene, miss.stay, track)
        return self._writer.near_miss(EventType.REGION_JOIN, miss.why, scene, miss.at_s, track, evidence)

    def _evidence(self, scene: Scene, stay: Stay, track: Track, *more: Measure) -> Evidence:
        inside = Measure("inside_s", round(stay.deep_s, 3), (self._zone.frames - 1) / FRAMES_PER_S)
        size = Measure("height_share", round(track.box.height, 4), self._zone.min_size)
        path = self._walks.path(track.object_id, self._zone.anchor)
        return Evidence(path, stay.point(scene.aspect), track.box, (inside, size, *more))


def _dwell_s(visit: Visit, end_s: float) -> float:
    return round(end_s - visit.join_s, 3)
