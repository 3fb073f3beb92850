"""What MQTT needs of the rest of the program, handed in once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from edge.health import Health
from edge.model.clock import Clock
from edge.outputs.mqtt.alarm import AlarmBell
from edge.picture.board import Board
from edge.settings import MqttSettings, Settings
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox

WORKER = "mqtt"
"""The name of the worker that has the connection."""


class Controls(Protocol):
    """What may be asked of the device over MQTT. Each returns at once; what is asked is done a moment later."""

    def enable_channel(self, channel_id: str, *, enabled: bool) -> None:
        """Look at a channel, or no more."""
        ...

    def enable_rule(self, channel_id: str, rule_id: str, *, enabled: bool) -> None:
        """Watch a rule, or no more."""
        ...

    def restart(self) -> None:
        """End the program, to be started anew."""
        ...

    def test_alarm(self, channel_id: str, rule_id: str) -> None:
        """Send a marked test of a rule to every output."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttContext:
    """The parts that MQTT works with. `settings` gives the settings in force now: they may change while running.

    `broker` is what this connection was made for, `device_name` the name it goes by; another of either is another
    worker. `kept` is the file in which it remembers what it has announced.
    """

    settings: Callable[[], Settings]
    broker: MqttSettings
    device_name: str
    device_id: str
    log: EventLog
    board: Board
    health: Health
    clock: Clock
    timezone: tzinfo
    outbox: Outbox
    controls: Controls
    bell: AlarmBell
    kept: Path
