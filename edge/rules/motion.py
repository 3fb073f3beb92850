"""MotionInRegionOn and MotionInRegionOff: something moves in a zone, and then nothing does.

What moves is a confirmed object that goes from where it stood: a parked car and someone who stands still are none. It
is in the zone when its anchor is, or a good part of its box; see docs/adr/0073-motion-in-a-zone.md.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from edge.model.event import Event, EventType, Evidence, Measure, Told, Why
from edge.model.scene import Scene
from edge.rules.cover import Moved
from edge.rules.events import Writer
from edge.rules.filters import Cooldown, why_not
from edge.rules.rule import Rule, Shared
from edge.rules.walks import Walks
from edge.rules.zones import Zones, bare, watched
from edge.settings import ChannelSettings, ZoneSettings
from edge.settings.rules import MotionSettings

_PAUSE_S = 1.0
"""Who goes slowly moves by fits and starts: rest is believed after this time at the earliest."""

_EARLY = 0.9
"""Cameras do not keep exact time: a delay counts as reached at this share of it."""


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one rule for each zone with `motion`."""
    zones = shared.zones
    for zone, writer in watched(channel, lambda zone: zone.motion is not None):
        if zone.motion is not None:
            yield Motion(zone, zone.motion, writer, zones, shared.walks)


@dataclass(slots=True)
class _Episode:
    """Motion that goes on: told, or about to be. It lasts from `start_s` to `last_s` so far."""

    starter: Moved
    start_s: float
    last_s: float
    told: bool = False
    held_back: bool = False


class Motion:
    """Tells when a zone goes from idle to active, with who started it, and when it is idle again."""

    def __init__(
        self,
        zone: ZoneSettings,
        motion: MotionSettings,
        writer: Writer,
        zones: Zones,
        walks: Walks,
    ) -> None:
        self._zone = zone
        self._motion = motion
        self._rest_s = max(motion.off_delay_s, _PAUSE_S)
        self._writer = writer
        self._schedule = zones.schedule(zone)
        self._covers = zones.covers
        self._number = zones.covers.add(zone, zones.grounds(zone.anchor), motion.min_area)
        self._walks = walks
        self._cooldown = Cooldown(zone.cooldown_s)
        self._episode: _Episode | None = None
        self._free_s = 0.0
        self._blind_s = -math.inf
        self._refused: dict[int, Why] = {}

    @property
    def asked(self) -> object:
        """What of the zone it goes by, and the names in its events."""
        return bare(self._zone), self._motion, self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return that motion has begun or ended, or nearly did."""
        if not scene.settled:
            self._blind_s = scene.stream_s
            return ()
        told: list[Told] = []
        shut_s = self._schedule.shut_s(scene)
        if shut_s is not None:
            told += self._end(scene, shut_s)
        was_told = self._episode is not None and self._episode.told
        told += self._go_on(scene, is_open=shut_s is None)
        told += self._rest(scene, may_end=was_told)
        for track in scene.ended:
            self._refused.pop(track.object_id, None)
        return told

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Return the end of motion that is told, at the given moment."""
        episode, self._episode = self._episode, None
        if episode is None or not episode.told:
            return ()
        return (self._writer.of_rule(EventType.MOTION_OFF, time_us, stream_s),)

    def _go_on(self, scene: Scene, *, is_open: bool) -> Iterator[Told]:
        """Take in what moves; of an episode that is told only the last moment matters."""
        moved = self._covers.moved(scene, self._number)
        if is_open and self._episode is not None and self._episode.told:
            for each in moved:
                if why_not(self._zone, each.track) is None:
                    self._episode.last_s = max(self._episode.last_s, each.sighting.stream_s)
                    return
            return
        for each in reversed(tuple(moved)):
            yield from self._take(scene, each, is_open=is_open)

    def _take(self, scene: Scene, moved: Moved, *, is_open: bool) -> Iterator[Told]:
        """Take in one moment of motion."""
        why = why_not(self._zone, moved.track) if is_open else Why.OUTSIDE_SCHEDULE
        if why is not None:
            if self._episode is None and self._refused.get(moved.track.object_id) is not why:
                self._refused[moved.track.object_id] = why
                yield self._nearly(scene, why, moved, 0.0)
            return
        at_s = max(moved.sighting.stream_s, self._free_s, self._schedule.since_s(scene))
        if self._episode is not None and at_s - self._episode.last_s > self._rest_s and not self._episode.told:
            yield from self._end(scene, at_s)
        if self._episode is None:
            self._episode = _Episode(moved, at_s, at_s)
        episode = self._episode
        if moved.track.object_id == episode.starter.track.object_id:  # its class may be known better by now
            episode.starter = replace(episode.starter, track=moved.track)
        episode.last_s = max(episode.last_s, at_s)
        if not episode.told and episode.last_s - episode.start_s >= self._motion.on_delay_s * _EARLY:
            yield from self._begin(scene, episode, at_s)

    def _begin(self, scene: Scene, episode: _Episode, now_s: float) -> Iterator[Told]:
        """Tell an episode; one that the cooldown holds back is told when that is over, if it still goes on."""
        start_s, lasted_s = (now_s if episode.held_back else episode.start_s), episode.last_s - episode.start_s
        if self._cooldown.allows(start_s):
            episode.told = True
            evidence = self._evidence(episode.starter, lasted_s)
            yield self._writer.of_track(EventType.MOTION_ON, scene, episode.starter.track, start_s, evidence)
        elif not episode.held_back:
            episode.held_back = True
            yield self._nearly(scene, Why.COOLDOWN, episode.starter, lasted_s)

    def _rest(self, scene: Scene, *, may_end: bool) -> Iterator[Told]:
        """End an episode when nothing has moved for so long; not in the scene in which it began."""
        episode = self._episode
        if episode is None or scene.stream_s - episode.last_s < self._rest_s:
            return
        if scene.stream_s - self._blind_s < _PAUSE_S:  # it may have gone on through the change of light
            return
        if may_end or not episode.told:
            yield from self._end(scene, episode.last_s + self._motion.off_delay_s)

    def _end(self, scene: Scene, at_s: float) -> Iterator[Told]:
        episode, self._episode = self._episode, None
        if episode is None:
            return
        if episode.told:
            at_s = min(max(at_s, episode.last_s), scene.stream_s)
            self._free_s = at_s
            event = self._writer.of_rule(EventType.MOTION_OFF, scene.wall_us(at_s), at_s)
            rest = Measure("rest_s", round(scene.stream_s - episode.last_s, 3), self._motion.off_delay_s)
            yield replace(event, evidence=Evidence(measures=(rest,)))
        elif not episode.held_back:
            yield self._nearly(scene, Why.TOO_SHORT, episode.starter, episode.last_s - episode.start_s)

    def _nearly(self, scene: Scene, why: Why, moved: Moved, lasted_s: float) -> Told:
        evidence = self._evidence(moved, lasted_s)
        at_s = moved.sighting.stream_s
        return self._writer.near_miss(EventType.MOTION_ON, why, scene, at_s, moved.track, evidence)

    def _evidence(self, moved: Moved, lasted_s: float) -> Evidence:
        box, kind = moved.sighting.box, self._zone.anchor
        place = box.bottom_center if kind == "bottom_center" else box.center
        lasted = Measure("motion_s", round(lasted_s, 3), self._motion.on_delay_s)
        area = Measure("zone_share", round(moved.share, 4), self._motion.min_area)
        return Evidence(self._walks.path(moved.track.object_id, kind), place, box, (lasted, area))
