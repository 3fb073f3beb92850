"""TripwireCrossed: someone crosses a line. Where the line asks for it, Tailgating: someone follows."""

from collections.abc import Iterable, Iterator, Sequence

from edge.model.event import Direction, Event, EventType, Evidence, Measure, Told, Why
from edge.model.scene import Scene
from edge.rules.crossing import LineCrossings
from edge.rules.events import Writer
from edge.rules.filters import Cooldown, why_not
from edge.rules.passage import Crossing
from edge.rules.rule import Rule, Shared
from edge.rules.schedule import Schedule
from edge.rules.sieve import Sieve
from edge.rules.tailgating import Followers, Following
from edge.settings import ChannelSettings, LineSettings


def rules_of(channel: ChannelSettings, shared: Shared) -> Iterable[Rule]:
    """Give one tripwire for each line of the channel."""
    sieve = Sieve(shared.walks)
    return (
        Tripwire(line, Writer(channel.id, channel.name, line.id, line.line), shared, sieve)
        for line in channel.rules
        if isinstance(line, LineSettings) and line.enabled
    )


class Tripwire:
    """Tells each crossing of one line that its options let through, and who follows whom over it.

    A crossing that the options do not let through is suppressed, and neither follows another nor leads one. The quiet
    time is that of each kind of event by itself; a crossing in the quiet time of TripwireCrossed, or of one who was
    counted before, may follow and lead.
    """

    def __init__(self, line: LineSettings, writer: Writer, shared: Shared, sieve: Sieve) -> None:
        self._line = line
        self._writer = writer
        self._zone = shared.zone
        self._walks = shared.walks
        self._schedule = Schedule(line.schedule, shared.zone)
        self._crossings = LineCrossings(line, sieve)
        self._followers = Followers(line.tailgating, shared.walks) if line.tailgating else None
        self._cooldown = Cooldown(line.cooldown_s)
        self._quiet_followers = Cooldown(line.cooldown_s)
        self._counted: set[tuple[int, Direction]] = set()

    @property
    def asked(self) -> object:
        """The line, the names in its events and the clock its schedule is read on."""
        return self._line, self._writer, self._zone

    def update(self, scene: Scene) -> Sequence[Told]:
        """Return the crossings that became certain with this scene, and what nearly was one."""
        told = [each for crossing in self._crossings.update(scene) for each in self._tell(scene, crossing)]
        self._forget(scene)
        return told

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: a crossing leaves nothing open."""
        return ()

    def _tell(self, scene: Scene, crossing: Crossing) -> Iterator[Told]:
        refused = self._refusal(scene, crossing)
        if crossing.why is not None:
            if refused is None:
                yield self._told(scene, EventType.TRIPWIRE_CROSSED, crossing, crossing.measures, crossing.why)
            return
        if refused is not None:
            why, measures = refused
            yield self._told(scene, EventType.TRIPWIRE_CROSSED, crossing, measures or crossing.measures, why)
            return
        repeated = self._repetition(crossing)
        yield self._told(scene, EventType.TRIPWIRE_CROSSED, crossing, crossing.measures, repeated)
        if self._followers is not None:
            for following in self._followers.add(crossing, scene.stream_s):
                yield self._follow(scene, following)

    def _refusal(self, scene: Scene, crossing: Crossing) -> tuple[Why, tuple[Measure, ...]] | None:
        """Return which option does not let a crossing count, and what was measured; None: all do."""
        line, track = self._line, crossing.track
        if line.direction not in ("any", crossing.direction.value):
            return Why.WRONG_WAY, ()
        why, height = why_not(line, track), track.box.height
        if why is not None:
            limit = line.min_size if height < line.min_size else line.max_size
            return why, (Measure("height_share", height, limit),) if why is Why.OTHER_SIZE else ()
        if not self._schedule.open_at(scene.wall_us(crossing.stream_s)):
            return Why.OUTSIDE_SCHEDULE, ()
        return None

    def _repetition(self, crossing: Crossing) -> Why | None:
        """Return why a crossing that counts is one too many; if it is not, it is remembered as told.

        Who was counted before starts no quiet time, and who comes in the quiet time has not been counted.
        """
        key = (crossing.track.object_id, crossing.direction)
        if self._line.count_once and key in self._counted:
            return Why.COUNTED_BEFORE
        if not self._cooldown.allows(crossing.stream_s):
            return Why.COOLDOWN
        if self._line.count_once:
            self._counted.add(key)
        return None

    def _follow(self, scene: Scene, following: Following) -> Told:
        why = following.why
        if why is None and not self._quiet_followers.allows(following.crossing.stream_s):
            why = Why.COOLDOWN
        return self._told(scene, EventType.TAILGATING, following.crossing, following.measures, why)

    def _told(
        self, scene: Scene, kind: EventType, crossing: Crossing, measures: tuple[Measure, ...], why: Why | None
    ) -> Told:
        """Return a crossing as it is told: an event, or with a reason as a suppressed one."""
        path = self._walks.path(crossing.track.object_id, self._line.anchor)
        evidence = Evidence(path, crossing.place, crossing.box, measures)
        if why is not None:
            return self._writer.near_miss(kind, why, scene, crossing.stream_s, crossing.track, evidence)
        return self._writer.of_track(
            kind, scene, crossing.track, crossing.stream_s, evidence, direction=crossing.direction
        )

    def _forget(self, scene: Scene) -> None:
        if self._counted and scene.ended:
            gone = {track.object_id for track in scene.ended}
            self._counted = {key for key in self._counted if key[0] not in gone}
