"""What the rules of zones share, so that it is worked out once a scene: who is inside, and what boxes cover."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo

from edge.rules.anchor import AnchorKind
from edge.rules.cover import Covers
from edge.rules.events import Writer
from edge.rules.grounds import Grounds
from edge.rules.schedule import Schedule
from edge.rules.stays import Stays
from edge.rules.visitors import Visitors
from edge.rules.walks import Walks
from edge.settings import ChannelSettings, ZoneSettings


class Zones:
    """Gives each zone its visitors; zones that judge alike share theirs. `covers` tells what moves where."""

    def __init__(self, walks: Walks, zone: tzinfo) -> None:
        self._walks = walks
        self._zone = zone
        self.covers = Covers(walks)
        self._grounds: dict[AnchorKind, Grounds] = {}
        self._stays: dict[ZoneSettings, Stays] = {}
        self._visitors: dict[ZoneSettings, Visitors] = {}

    def visitors(self, zone: ZoneSettings) -> Visitors:
        """Return who is in a zone; to be asked for before the first scene."""
        key = _unnamed(zone)
        if key not in self._visitors:
            self._visitors[key] = Visitors(zone, self.schedule(zone), self._stays_of(zone))
        return self._visitors[key]

    def schedule(self, zone: ZoneSettings) -> Schedule:
        """Return when a zone is watched."""
        return Schedule(zone.schedule, self._zone)

    def grounds(self, kind: AnchorKind) -> Grounds:
        """Return where everybody stands to the zones that judge by one kind of anchor."""
        if kind not in self._grounds:
            self._grounds[kind] = Grounds(self._walks, kind)
        return self._grounds[kind]

    def _stays_of(self, zone: ZoneSettings) -> Stays:
        key = _area(zone)
        if key not in self._stays:
            self._stays[key] = Stays(zone, self.grounds(zone.anchor), self._walks)
        return self._stays[key]


def watched(channel: ChannelSettings, has: Callable[[ZoneSettings], bool]) -> Iterator[tuple[ZoneSettings, Writer]]:
    """Give the zones of a channel that are enabled and have a section, each with its writer."""
    for zone in channel.rules:
        if isinstance(zone, ZoneSettings) and zone.enabled and has(zone):
            yield zone, Writer(channel.id, channel.name, zone.id, zone.zone)


def bare(zone: ZoneSettings) -> ZoneSettings:
    """Return a zone without its sections: what all rules of it hang on."""
    return replace(
        zone, motion=None, join_leave=False, loitering=None, crowd=None, abandoned=None, enabled=True, snapshot=True
    )


def _unnamed(zone: ZoneSettings) -> ZoneSettings:
    return replace(bare(zone), id="", zone="-", cooldown_s=0.0)


def _area(zone: ZoneSettings) -> ZoneSettings:
    """Return what tells who is inside, whoever that may be."""
    return ZoneSettings(zone="-", polygon=zone.polygon, anchor=zone.anchor, margin=zone.margin, frames=zone.frames)
