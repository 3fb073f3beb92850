"""Loitering: someone stays too long in a zone."""

from collections.abc import Iterable, Sequence

from edge.model.event import Event, EventType, Evidence, Measure, Told, Why
from edge.model.scene import Scene, Track
from edge.rules.events import Writer
from edge.rules.filters import Cooldown
from edge.rules.rule import Rule, Shared
from edge.rules.visitors import Visit, Visitors
from edge.rules.walks import Walks
from edge.rules.zones import bare, watched
from edge.settings import ChannelSettings, ZoneSettings
from edge.settings.rules import LoiteringSettings

_NEARLY = 0.5
"""A stay of this share of the limit is worth telling why it did not count."""


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one rule for each zone with `loitering`."""
    return (
        Loitering(zone, zone.loitering, writer, shared.zones.visitors(zone), shared.walks)
        for zone, writer in watched(channel, lambda zone: zone.loitering is not None)
        if zone.loitering is not None
    )


class Loitering:
    """Tells each visit once that reaches the limit of its class, as known by then."""

    def __init__(
        self, zone: ZoneSettings, limits: LoiteringSettings, writer: Writer, visitors: Visitors, walks: Walks
    ) -> None:
        self._zone = zone
        self._limits = limits
        self._shortest_s = min((limits.seconds, *limits.per_class.values()))
        self._writer = writer
        self._visitors = visitors
        self._walks = walks
        self._cooldown = Cooldown(zone.cooldown_s)
        self._waiting: dict[int, Visit] = {}
        self._due_s = 0.0

    @property
    def asked(self) -> object:
        """What of the zone it goes by, and the names in its events."""
        return bare(self._zone), tuple(sorted(self._limits.per_class.items())), self._limits.seconds, self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return whose visit has reached its limit, and who left before."""
        news = self._visitors.update(scene)
        if not scene.settled:
            return ()
        told: list[Told] = []
        for visit in news.went:
            if self._waiting.pop(visit.object_id, None):
                told += self._judge(scene, visit)
        for visit in news.came:
            self._waiting[visit.object_id] = visit
        if news.came or scene.stream_s >= self._due_s:
            for visit in [each for each in self._waiting.values() if self._is_due(each, scene)]:
                told += self._judge(scene, visit)
            self._due_s = min((visit.join_s for visit in self._waiting.values()), default=0.0) + self._shortest_s
        return told

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: what is told stays true, and RegionLeave ends it."""
        self._waiting.clear()
        return ()

    def _is_due(self, visit: Visit, scene: Scene) -> bool:
        return scene.stream_s - visit.join_s >= self._shortest_s

    def _judge(self, scene: Scene, visit: Visit) -> Iterable[Told]:
        """Tell a visit that has reached its limit, and one that is over and nearly did."""
        track = self._visitors.track(visit)
        limit_s = self._limits.per_class.get(track.origin.value, self._limits.seconds)
        stayed_s = self._visitors.until_s(visit, scene) - visit.join_s
        at_s = visit.join_s + limit_s
        evidence = self._evidence(scene, visit, track, stayed_s, limit_s)
        if stayed_s < limit_s:
            if visit.left_s is not None and stayed_s >= _NEARLY * limit_s:
                yield self._writer.near_miss(EventType.LOITERING, Why.TOO_SHORT, scene, visit.left_s, track, evidence)
            return
        self._waiting.pop(visit.object_id, None)
        if self._cooldown.allows(at_s):
            yield self._writer.of_track(EventType.LOITERING, scene, track, at_s, evidence)
        else:
            yield self._writer.near_miss(EventType.LOITERING, Why.COOLDOWN, scene, at_s, track, evidence)

    def _evidence(self, scene: Scene, visit: Visit, track: Track, stayed_s: float, limit_s: float) -> Evidence:
        path = self._walks.path(track.object_id, self._zone.anchor)
        dwell = Measure("dwell_s", round(stayed_s, 3), limit_s)
        return Evidence(path, visit.stay.point(scene.aspect), track.box, (dwell,))
