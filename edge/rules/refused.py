"""Candidates that never became objects: each is told once, with the reason."""

from collections.abc import Iterable, Sequence

from edge.model.event import Event, EventType, Evidence, Suppressed, Waypoint, Why
from edge.model.scene import Refused, Scene
from edge.rules.events import Writer, channel_writer
from edge.rules.rule import Rule, Shared
from edge.settings import ChannelSettings

_LONGEST_PATH = 50
_SHOWN = 2
"""Every second place of the last fifty is told."""


def rules_of(channel: ChannelSettings, _shared: Shared) -> Iterable[Rule]:
    """Give the one rule of the channel, unless its objects are not told either."""
    return (Refusals(channel_writer(channel)),) if channel.objects else ()


class Refusals:
    """Tells why there was no ObjectAppear; it never makes an event."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @property
    def asked(self) -> object:
        """The names in what it tells."""
        return self._writer

    def update(self, scene: Scene) -> Sequence[Suppressed]:
        """Return whom this scene says to have been lost unconfirmed."""
        return [self._suppressed(scene, each) for each in scene.refused]

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract of a rule
        """Return nothing: nothing is open."""
        return ()

    def _suppressed(self, scene: Scene, refused: Refused) -> Suppressed:
        first, last = refused.seen[0], refused.seen[-1]
        return Suppressed(
            type=EventType.OBJECT_APPEAR,
            why=refused.why if scene.settled else Why.LIGHT_CHANGE,
            channel_id=self._writer.channel_id,
            time_us=scene.wall_us(first.stream_s),
            stream_s=first.stream_s,
            origin=refused.origin,
            evidence=Evidence(path=_path(refused), box=last.box, measures=refused.measures),
        )


def _path(refused: Refused) -> tuple[Waypoint, ...]:
    """Return where it stood of late, with the last place."""
    shown = refused.seen[-_LONGEST_PATH:][::-1][::_SHOWN][::-1]
    places = [(each.stream_s, each.box.bottom_center) for each in shown]
    return tuple(Waypoint(stream_s, foot.x, foot.y) for stream_s, foot in places)
