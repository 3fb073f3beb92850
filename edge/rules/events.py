"""How a rule writes an event."""

from dataclasses import dataclass

from edge.model.event import NO_RULE, Event, EventType
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

    def of_channel(self, kind: EventType, time_us: int, stream_s: float) -> Event:
        """Return an event about no object, at a moment given on both clocks."""
        return Event(
            type=kind,
            channel_id=self.channel_id,
            channel_name=self.channel_name,
            time_us=time_us,
            stream_s=stream_s,
            rule_id=self.rule_id,
            rule_name=self.rule_name,
        )


def channel_writer(channel: ChannelSettings) -> Writer:
    """Return the writer of events that belong to the channel itself."""
    return Writer(channel.id, channel.name)
