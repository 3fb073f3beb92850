"""How a rule writes an event."""

from dataclasses import dataclass

from edge.model.event import NO_RULE, Event, EventType, Evidence, Suppressed, Why
from edge.model.scene import Scene, Track
from edge.settings import ChannelSettings


@dataclass(frozen=True, slots=True)
class Writer:
    """The names that go into every event of one rule of one channel."""

    channel_id: str
    channel_name: str
    rule_id: str = NO_RULE
    rule_name: str = ""

    def of_track(self, kind: EventType, scene: Scene, track: Track, stream_s: float) -> Event:
        """Return an event about one object that became true at `stream_s`, at or before the scene's own time."""
        return self.at(kind, track, scene.wall_us(stream_s), stream_s)

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

    def suppressed(self, event: Event, why: Why, evidence: Evidence | None) -> Suppressed:
        """Return what is left of an event of this rule that does not count."""
        return Suppressed(
            type=event.type,
            why=why,
            channel_id=self.channel_id,
            time_us=event.time_us,
            stream_s=event.stream_s,
            object_id=event.object_id,
            origin=event.origin,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            evidence=evidence,
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
        time_us = scene.wall_us(stream_s)
        event = self.of_rule(kind, time_us, stream_s) if track is None else self.at(kind, track, time_us, stream_s)
        return self.suppressed(event, why, evidence)


def channel_writer(channel: ChannelSettings) -> Writer:
    """Return the writer of events that belong to the channel itself."""
    return Writer(channel.id, channel.name)
