"""CameraDisconnected: the camera gives no new picture, or the same one again and again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.model.event import Event, EventType, Evidence, Measure
from edge.model.scene import Scene
from edge.rules.events import Writer, channel_writer
from edge.rules.rule import Rule, Shared
from edge.settings import ChannelSettings
from edge.settings.channel import DisconnectSettings

FROZEN = "frozen"
"""The reason of an outage in which pictures come, but always the same."""
_BACK_S = 3.0
"""A camera that gives pictures for less than this and is lost again was not back."""


def rules_of(channel: ChannelSettings, _shared: Shared) -> Iterable[Rule]:
    """Give the rule for a frozen picture, unless it is turned off; `Outage` is for no picture at all."""
    return (Frozen(channel.disconnect, channel_writer(channel)),) if channel.disconnect else ()


class Frozen:
    """Tells once that the picture has stood still for some time; once more only after it has been alive."""

    def __init__(self, settings: DisconnectSettings, writer: Writer) -> None:
        self._settings = settings
        self._writer = writer
        self._told_s: float | None = None

    @property
    def asked(self) -> object:
        """The settings, and the names in its events."""
        return self._settings, self._writer

    def update(self, scene: Scene) -> Sequence[Event]:
        """Return the event with the scene in which the picture has been the same for long enough."""
        same_s = scene.observed.same_s
        since_s = scene.stream_s - same_s
        if self._told_s is not None and since_s > self._told_s:
            self._told_s = None
        if self._told_s is not None or same_s < self._settings.seconds:
            return ()
        self._told_s = reached_s = since_s + self._settings.seconds
        event = self._writer.of_rule(EventType.DISCONNECTED, scene.wall_us(reached_s), reached_s)
        lasted = Measure("same_s", round(same_s, 3), self._settings.seconds)
        return (replace(event, reason=FROZEN, evidence=Evidence(measures=(lasted,))),)

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: an outage is told once."""
        return ()


class Outage:
    """One channel's outages over its connections, on the monotonic clock: pictures that come, or do not.

    Begins as an outage: until the first picture the camera is not there. An outage is told at most once, whether no
    pictures come in it or always the same one. It is over when pictures that differ have come for some seconds.
    """

    def __init__(self, settings: DisconnectSettings | None, now_s: float) -> None:
        self._settings = settings
        self._silent_s = now_s
        self._alive_s: float | None = None
        self._told = False
        self._ended = False

    def picture(self, now_s: float, *, alive: bool) -> None:
        """Take note of a picture; `alive` tells whether it is not the same for long already."""
        self._ended = False
        if not alive:
            self._alive_s = None
        elif self._alive_s is None or now_s - self._silent_s > _BACK_S:
            self._alive_s = now_s
        self._silent_s = now_s
        if self._alive_s is not None and now_s - self._alive_s >= _BACK_S:
            self._told = False

    def lost(self) -> None:
        """Take note that the connection is lost: pictures have to come for some seconds again."""
        self._alive_s = None

    def ended(self) -> None:
        """Take note that a file has come to its end: that is no outage."""
        self._ended = True

    def told(self) -> bool:
        """Take note that this outage is told now; return whether it was told before."""
        before, self._told = self._told, True
        return before

    def due_s(self, now_s: float) -> float | None:
        """Return when on the monotonic clock the outage reached its time, once, with the call that finds it; or None."""
        if self._settings is None or self._ended or self._told:
            return None
        reached_s = self._silent_s + self._settings.seconds
        if now_s < reached_s:
            return None
        self._told = True
        return reached_s
