"""ObjectAppear and ObjectDisappear: an object comes and goes."""

from collections.abc import Iterable, Sequence

from edge.model.event import Event, EventType, Evidence, Measure, Suppressed, Told, Waypoint, Why
from edge.model.geometry import Point
from edge.model.scene import Scene, Track
from edge.rules.events import Writer, channel_writer
from edge.rules.rule import Rule, Shared
from edge.rules.walks import Walks
from edge.settings import ChannelSettings


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give the one rule of the channel, unless it is turned off."""
    return (Presence(channel_writer(channel), shared.walks),) if channel.objects else ()


class Presence:
    """Tells each object's first sighting once and, for each that was told, its last.

    While the scene is not settled it tells nothing: who comes then is told when the scene has settled, if still there;
    so is who goes. Who came and was lost while it was not is suppressed.
    """

    def __init__(self, writer: Writer, walks: Walks) -> None:
        self._writer = writer
        self._walks = walks
        self._open: dict[int, Track] = {}
        self._gone: dict[int, Track] = {}

    @property
    def asked(self) -> object:
        """The names in its events."""
        return self._writer

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return who was confirmed and who was lost with this scene."""
        for track in scene.tracks:
            if track.object_id in self._open:
                self._open[track.object_id] = track
        for track in scene.ended:
            if track.object_id in self._open:
                self._gone[track.object_id] = track
        if not scene.settled:
            return [self._doubted(scene, track) for track in scene.ended if track.object_id not in self._open]
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
        return self._writer.of_track(EventType.OBJECT_APPEAR, scene, track, track.first_s, _arrival(track))

    def _doubted(self, scene: Scene, track: Track) -> Suppressed:
        kind, why = EventType.OBJECT_APPEAR, Why.LIGHT_CHANGE
        return self._writer.near_miss(kind, why, scene, track.first_s, track, _arrival(track))

    def _disappear(self, scene: Scene, track: Track) -> Event:
        del self._open[track.object_id]
        measures = (
            Measure("unseen_s", scene.stream_s - track.last_s),
            Measure("there_s", track.last_s - track.first_s),
        )
        path = self._walks.path(track.object_id, "bottom_center")
        evidence = Evidence(path, track.box.bottom_center, track.box, measures)
        return self._writer.of_track(EventType.OBJECT_DISAPPEAR, scene, track, track.last_s, evidence)


def _arrival(track: Track) -> Evidence:
    """Return what there is to see of someone who was confirmed: the sightings until then."""
    path = tuple(Waypoint(each.stream_s, each.box.bottom_center.x, each.box.bottom) for each in track.new)
    if not path:
        return Evidence(box=track.box)
    measures = (Measure("sightings", float(len(path))), Measure("age_s", path[-1].stream_s - track.first_s))
    return Evidence(path, Point(path[0].x, path[0].y), track.box, measures)
