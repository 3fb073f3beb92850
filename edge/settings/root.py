"""The whole file."""

from dataclasses import dataclass, field
from typing import Annotated

from edge.settings.channel import ChannelSettings
from edge.settings.device import ApiSettings, DeviceSettings, LoggingSettings, RetentionSettings
from edge.settings.marks import Doc, Length
from edge.settings.outputs import MqttSettings, ProgramSettings, WebhookSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """edge.yaml, whole. Everything has a default."""

    device: Annotated[DeviceSettings, Doc("the device itself")] = field(default_factory=DeviceSettings)
    state_dir: Annotated[str, Doc("database, snapshots, last good configuration"), Length(1)] = "/var/lib/edge"
    api: Annotated[ApiSettings, Doc("REST API and pages")] = field(default_factory=ApiSettings)
    channels: Annotated[tuple[ChannelSettings, ...], Doc("cameras"), Length(0, 100)] = ()
    webhooks: Annotated[tuple[WebhookSettings, ...], Doc("URLs that receive events")] = ()
    mqtt: Annotated[MqttSettings | None, Doc("MQTT broker")] = None
    programs: Annotated[tuple[ProgramSettings, ...], Doc("programs run for events")] = ()
    retention: Annotated[RetentionSettings, Doc("how long things are kept")] = field(default_factory=RetentionSettings)
    logging: Annotated[LoggingSettings, Doc("the program's own log")] = field(default_factory=LoggingSettings)
