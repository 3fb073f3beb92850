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
BACK_S = 3.0
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
        if same_s < self._settings.seconds:
            if self._told_s is not None and scene.stream_s - same_s - self._told_s >= BACK_S:
                self._told_s = None
            return ()
        before, self._told_s = self._told_s, scene.stream_s
        if before is not None:
            return ()
        reached_s = scene.stream_s - same_s + self._settings.seconds
        event = self._writer.of_rule(EventType.DISCONNECTED, scene.wall_us(reached_s), reached_s)
        lasted = Measure("same_s", round(same_s, 3), self._settings.seconds)
        return (replace(event, reason=FROZEN, evidence=Evidence(measures=(lasted,))),)

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: an outage is told once."""
        return ()


class Outage:
    """One channel's outages over all its connections, on the monotonic clock; told at most once each.

    It begins as an outage: until the first picture the camera is not there. An outage is over when pictures have come
    for some seconds and have changed in that time; so a camera that comes back with the same frozen picture, or with
    one picture only, is in the same outage still.
    """

    def __init__(self, seconds: float | None, now_s: float) -> None:
        self._seconds = seconds
        self._last_s = now_s
        self._since_s: float | None = None
        self._told = False
        self._ended = False

    def picture(self, now_s: float, same_s: float) -> None:
        """Take note of a picture, and of how long it has been the same."""
        self._ended = False
        self._last_s = now_s
        if self._since_s is None or (self._seconds is not None and same_s >= self._seconds):
            self._since_s = now_s
        if now_s - same_s - self._since_s >= BACK_S:
            self._told = False

    def lost(self) -> None:
        """Take note that the connection is lost."""
        self._since_s = None

    def excused(self, now_s: float) -> None:
        """Take note that the camera cannot give pictures yet, and that this is as it should be."""
        self._last_s = now_s

    def ended(self) -> None:
        """Take note that a file has come to its end: that is no outage."""
        self._ended = True

    def tell(self) -> bool:
        """Take note that the outage is told; return False where it was before."""
        before, self._told = self._told, True
        return not before

    def silent_s(self, now_s: float) -> float:
        """Return for how many seconds no picture has come."""
        return now_s - self._last_s

    def reached_s(self, now_s: float) -> float | None:
        """Return when pictures had not come for long enough, on the monotonic clock; None where that is not so."""
        if self._seconds is None or self._ended or now_s - self._last_s < self._seconds:
            return None
        self._since_s = None
        return self._last_s + self._seconds
