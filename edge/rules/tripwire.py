"""TripwireCrossed: someone crosses a line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.model.event import Direction, Event, EventType
from edge.model.scene import Scene
from edge.rules.crossing import Crossing, LineCrossings
from edge.rules.events import Writer
from edge.rules.filters import Cooldown, counts
from edge.rules.rule import Rule, Shared
from edge.settings import ChannelSettings, LineSettings


def rules_of(channel: ChannelSettings, _shared: Shared) -> Iterable[Rule]:
    """Give one tripwire for each line of the channel."""
    return (
        Tripwire(line, Writer(channel.id, channel.name, line.id, line.line))
        for line in channel.rules
        if isinstance(line, LineSettings) and line.enabled
    )


class Tripwire:
    """Tells each crossing of one line that its options let through."""

    def __init__(self, line: LineSettings, writer: Writer) -> None:
        self._line = line
        self._writer = writer
        self._crossings = LineCrossings(line)
        self._cooldown = Cooldown(line.cooldown_s)
        self._told: set[tuple[int, Direction]] = set()

    @property
    def asked(self) -> object:
        """The line and the names in its events."""
        return self._line, self._writer

    def update(self, scene: Scene) -> Sequence[Event]:
        """Return the crossings that became certain with this scene."""
        events = [self._event(scene, crossing) for crossing in self._crossings.update(scene) if self._tells(crossing)]
        self._forget(scene)
        return events

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: a crossing leaves nothing open."""
        return ()

    def _tells(self, crossing: Crossing) -> bool:
        key = (crossing.track.object_id, crossing.direction)
        if self._line.direction not in ("any", crossing.direction.value) or not counts(self._line, crossing.track):
            return False
        if (self._line.count_once and key in self._told) or not self._cooldown.allows(crossing.stream_s):
            return False
        if self._line.count_once:
            self._told.add(key)
        return True

    def _event(self, scene: Scene, crossing: Crossing) -> Event:
        event = self._writer.of_track(EventType.TRIPWIRE_CROSSED, scene, crossing.track, crossing.stream_s)
        return replace(event, direction=crossing.direction)

    def _forget(self, scene: Scene) -> None:
        if self._told and scene.ended:
            gone = {track.object_id for track in scene.ended}
            self._told = {key for key in self._told if key[0] not in gone}
