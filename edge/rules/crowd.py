"""CrowdOn and CrowdOff: many objects at once in a zone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.model.event import Event, EventType, Evidence, Measure, Told, Why
from edge.model.scene import Scene
from edge.rules.events import Writer
from edge.rules.filters import Cooldown
from edge.rules.rule import Rule, Shared
from edge.rules.visitors import News, Visitors
from edge.rules.zones import bare, watched
from edge.settings import ChannelSettings, ZoneSettings
from edge.settings.rules import CrowdSettings

_ROUNDING_S = 1e-6


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one rule for each zone with `crowd`."""
    return (
        Crowd(zone, zone.crowd, writer, shared.zones.visitors(zone))
        for zone, writer in watched(channel, lambda zone: zone.crowd is not None)
        if zone.crowd is not None
    )


class Crowd:
    """Tells when the visitors of a zone become many, with their number, and when they are few again, with the peak."""

    def __init__(self, zone: ZoneSettings, crowd: CrowdSettings, writer: Writer, visitors: Visitors) -> None:
        self._zone = zone
        self._crowd = crowd
        self._writer = writer
        self._visitors = visitors
        self._cooldown = Cooldown(zone.cooldown_s)
        self._on = False
        self._on_s = 0.0
        self._peak = 0
        self._count = 0
        self._since_s: float | None = None
        self._fell_s = 0.0
        self._quiet_told = False

    @property
    def asked(self) -> object:
        """What of the zone it goes by, and the names in its events."""
        return bare(self._zone), self._crowd, self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return that a crowd has gathered or gone, or nearly did."""
        news = self._visitors.update(scene)
        if not scene.settled:
            return ()
        before, self._count = self._count, len(self._visitors.inside)
        self._peak = max(self._peak, self._count)
        return self._while_on(scene, news) if self._on else self._while_off(scene, news, before)

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Return the end of a crowd that is there, at the given moment."""
        if not self._on:
            return ()
        self._on, self._since_s = False, None
        return (replace(self._writer.of_rule(EventType.CROWD_OFF, time_us, stream_s), count=self._peak),)

    def _while_off(self, scene: Scene, news: News, before: int) -> Sequence[Told]:
        for visit in news.went:
            self._fell_s = max(self._fell_s, visit.left_s or 0.0)
        if self._count < self._crowd.size:
            since_s, self._since_s, self._peak = self._since_s, None, self._count
            self._quiet_told = False
            if since_s is None or before < self._crowd.size:
                return ()
            return (self._missed(scene, Why.TOO_SHORT, self._fell_s - since_s, before),)
        if self._since_s is None:
            joined = sorted(visit.join_s for visit in self._visitors.inside.values())
            self._since_s = max(joined[self._crowd.size - 1], self._fell_s)
        at_s = self._since_s + self._crowd.on_s
        if scene.stream_s < at_s or self._sure(scene, at_s) < self._crowd.size:
            return ()
        return self._start(scene, at_s, scene.stream_s - self._since_s)

    def _sure(self, scene: Scene, at_s: float) -> int:
        """Return how many are known to have been inside until a moment: not those who may have left by then."""
        visits = self._visitors.inside.values()
        return sum(self._visitors.until_s(visit, scene) >= at_s - _ROUNDING_S for visit in visits)

    def _start(self, scene: Scene, at_s: float, lasted_s: float) -> Sequence[Told]:
        if self._quiet_told:  # it was held back by the cooldown: told when that is over
            at_s = scene.stream_s
        if not self._cooldown.allows(at_s):
            told = () if self._quiet_told else (self._missed(scene, Why.COOLDOWN, lasted_s, self._count),)
            self._quiet_told = True
            return told
        self._on, self._on_s, self._since_s, self._quiet_told = True, at_s, None, False
        event = self._writer.of_rule(EventType.CROWD_ON, scene.wall_us(at_s), at_s)
        return (replace(event, count=self._count, evidence=self._evidence(lasted_s, self._count)),)

    def _while_on(self, scene: Scene, news: News) -> Sequence[Told]:
        for visit in news.went:
            self._fell_s = max(self._fell_s, visit.left_s or 0.0)
        shut_s = self._visitors.shut_s(scene)
        few = self._crowd.size - self._crowd.hysteresis
        if self._count > few:
            self._since_s = None
            return ()
        if self._since_s is None:
            self._since_s = self._fell_s
        at_s = max(self._since_s + self._crowd.off_s if shut_s is None else shut_s, self._on_s)
        if scene.stream_s < at_s:
            return ()
        self._on, self._since_s = False, None
        event = self._writer.of_rule(EventType.CROWD_OFF, scene.wall_us(at_s), at_s)
        peak, self._peak = self._peak, self._count
        rest = Measure("few_s", round(scene.stream_s - self._fell_s, 3), self._crowd.off_s)
        return (replace(event, count=peak, evidence=Evidence(measures=(Measure("inside", self._count, few), rest))),)

    def _missed(self, scene: Scene, why: Why, lasted_s: float, count: int) -> Told:
        evidence = self._evidence(lasted_s, count)
        return self._writer.near_miss(EventType.CROWD_ON, why, scene, scene.stream_s, evidence=evidence)

    def _evidence(self, lasted_s: float, count: int) -> Evidence:
        inside = Measure("inside", count, self._crowd.size)
        return Evidence(measures=(inside, Measure("lasted_s", round(lasted_s, 3), self._crowd.on_s)))
