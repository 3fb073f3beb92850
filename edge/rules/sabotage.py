"""Sabotage: somebody has spoilt the camera's view."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.model.event import Event, EventType, Evidence, Measure
from edge.model.scene import Scene, View, ViewFault
from edge.rules.events import Writer, channel_writer
from edge.rules.rule import Rule, Shared
from edge.settings import ChannelSettings
from edge.settings.channel import SabotageSettings

_GAP_S = 1.6
"""A fault may go for so long and still be the same one: three looks at the picture."""


def rules_of(channel: ChannelSettings, _shared: Shared) -> Iterable[Rule]:
    """Give the one rule of the channel, unless it is turned off."""
    return (Sabotage(channel.sabotage, channel_writer(channel)),) if channel.sabotage else ()


class Sabotage:
    """Tells once an episode that the view has been spoilt for some time; the reason is the fault that held most.

    It does not mind whether the scene is settled: what spoils the view makes the background of no use.
    """

    def __init__(self, settings: SabotageSettings, writer: Writer) -> None:
        self._settings = settings
        self._writer = writer
        self._since_s: float | None = None
        self._fault_s = 0.0
        self._healthy_s: float | None = None
        self._last_s: float | None = None
        self._held: dict[ViewFault, float] = {}
        self._told = False

    @property
    def asked(self) -> object:
        """The settings, and the names in its events."""
        return self._settings, self._writer

    def update(self, scene: Scene) -> Sequence[Event]:
        """Return the event with the scene in which the fault has lasted for long enough."""
        view = scene.observed.view
        passed_s = scene.stream_s - self._last_s if self._last_s is not None else 0.0
        self._last_s = scene.stream_s
        if view is None or not view.settled:
            self._healthy_s = None  # nothing can be said: neither a fault nor health goes on
            return ()
        if view.fault is None:
            self._heal(scene.stream_s)
            return ()
        return self._suffer(scene, view, view.fault, passed_s)

    def close(self, time_us: int, stream_s: float) -> Sequence[Event]:  # noqa: ARG002 - the contract's arguments
        """Return nothing: an episode is told once."""
        return ()

    def _heal(self, stream_s: float) -> None:
        if self._healthy_s is None:
            self._healthy_s = stream_s
        if self._since_s is not None and not self._told and stream_s - self._fault_s > _GAP_S:
            self._since_s = None
        if self._told and stream_s - self._healthy_s >= self._settings.clear_s:
            self._told, self._since_s = False, None

    def _suffer(self, scene: Scene, view: View, fault: ViewFault, passed_s: float) -> Sequence[Event]:
        self._healthy_s, self._fault_s = None, scene.stream_s
        if self._since_s is None:
            self._since_s, self._held, passed_s = scene.stream_s, {}, 0.0
        self._held[fault] = self._held.get(fault, 0.0) + passed_s
        reached_s = self._since_s + self._settings.seconds
        if self._told or scene.stream_s < reached_s:
            return ()
        self._told = True
        return (self._event(scene, view, reached_s),)

    def _event(self, scene: Scene, view: View, reached_s: float) -> Event:
        reason = max(self._held, key=self._held.__getitem__)
        lasted = Measure(
            "lasted_s", round(scene.stream_s - (reached_s - self._settings.seconds), 3), self._settings.seconds
        )
        event = self._writer.of_rule(EventType.SABOTAGE, scene.wall_us(reached_s), reached_s)
        return replace(event, reason=reason.value, evidence=Evidence(measures=(lasted, *view.measures)))
