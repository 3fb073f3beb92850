"""ObjectAppear and ObjectDisappear: an object comes and goes."""

from collections.abc import Iterable, Sequence

from edge.model.event import Event, EventType
from edge.model.scene import Scene, Track
from edge.rules.events import Writer, channel_writer
from edge.rules.rule import Rule, Shared
from edge.settings import ChannelSettings


def rules_of(channel: ChannelSettings, _shared: Shared) -> Iterable[Rule]:
    """Give the one rule of the channel, unless it is turned off."""
    return (Presence(channel_writer(channel)),) if channel.objects else ()


class Presence:
    """Tells each object's first sighting once and, for each that was told, its last.

    While the scene is not settled it tells nothing: who comes then is told when the scene has settled, if still there;
    so is who goes.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._open: dict[int, Track] = {}
        self._gone: dict[int, Track] = {}

    @property
    def asked(self) -> object:
        """The names in its events."""
        return self._writer

    def update(self, scene: Scene) -> Sequence[Event]:
        """Return who was confirmed and who was lost with this scene."""
        for track in scene.tracks:
            if track.object_id in self._open:
                self._open[track.object_id] = track
        for track in scene.ended:
            if track.object_id in self._open:
                self._gone[track.object_id] = track
        if not scene.settled:
            return ()
        events = [self._disappear(scene, track) for track in self._gone.values()]
        self._gone.clear()
        events += [self._appear(scene, track) for track in scene.tracks if track.object_id not in self._open]
        return events

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:
        """Return the end of everyone who is still there, at the last sighting."""
        last = (self._open | self._gone).values()
        self._open.clear()
        self._gone.clear()
        return [
            self._writer.at(
                EventType.OBJECT_DISAPPEAR,
                track,
                time_us - round((stream_s - track.last_s) * 1e6),
                track.last_s,
            )
            for track in last
        ]

    def _appear(self, scene: Scene, track: Track) -> Event:
        self._open[track.object_id] = track
        return self._writer.of_track(EventType.OBJECT_APPEAR, scene, track, track.first_s)

    def _disappear(self, scene: Scene, track: Track) -> Event:
        del self._open[track.object_id]
        return self._writer.of_track(EventType.OBJECT_DISAPPEAR, scene, track, track.last_s)
