"""How a rule writes an event."""

from dataclasses import dataclass

from edge.model.event import NO_OBJECT, NO_RULE, Direction, Event, EventType, Evidence, Suppressed, Why
from edge.model.origin import Origin
from edge.model.scene import Scene, Track
from edge.settings import ChannelSettings


@dataclass(frozen=True, slots=True)
class Writer:
    """The names that go into every event of one rule of one channel."""

    channel_id: str
    channel_name: str
    rule_id: str = NO_RULE
    rule_name: str = ""

    def of_track(
        self,
        kind: EventType,
        scene: Scene,
        track: Track,
        stream_s: float,
        evidence: Evidence,
        *,
        direction: Direction | None = None,
        dwell_seconds: float | None = None,
    ) -> Event:
        """Return an event about one object that became true at `stream_s`, at or before the scene's own time."""
        return Event(
            type=kind,
            channel_id=self.channel_id,
            channel_name=self.channel_name,
            time_us=scene.wall_us(stream_s),
            stream_s=stream_s,
            object_id=track.object_id,
            origin=track.origin,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            direction=direction,
            dwell_seconds=dwell_seconds,
            confidence=track.confidence if track.label else None,  # only a neural detector knows one
            label=track.label or None,
            evidence=evidence,
        )

    def at(self, kind: EventType, track: Track, time_us: int, stream_s: float) -> Event:
        """Return an event about one object at a moment given on both clocks."""
        return Event(
            type=kind,
            channel_id=self.channel_id,
            channel_name=self.channel_name,
            time_us=time_us,
            stream_s=stream_s,
            object_id=track.object_id,
            origin=track.origin,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            confidence=track.confidence if track.label else None,  # only a neural detector knows one
            label=track.label or None,
        )

    def of_rule(self, kind: EventType, time_us: int, stream_s: float) -> Event:
        """Return an event about no single object, at a moment given on both clocks."""
        return Event(
            type=kind,
            channel_id=self.channel_id,
            channel_name=self.channel_name,
            time_us=time_us,
            stream_s=stream_s,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
        )

    def near_miss(
        self,
        kind: EventType,
        why: Why,
        scene: Scene,
        stream_s: float,
        track: Track | None = None,
        evidence: Evidence | None = None,
    ) -> Suppressed:
        """Return what would have been an event at `stream_s`, about one object or none, and why it is none."""
        return Suppressed(
            type=kind,
            why=why,
            channel_id=self.channel_id,
            time_us=scene.wall_us(stream_s),
            stream_s=stream_s,
            object_id=NO_OBJECT if track is None else track.object_id,
            origin=Origin.UNKNOWN if track is None else track.origin,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            evidence=evidence,
        )


def channel_writer(channel: ChannelSettings) -> Writer:
    """Return the writer of events that belong to the channel itself."""
    return Writer(channel.id, channel.name)
