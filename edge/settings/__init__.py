"""Every setting: one frozen type per block of the YAML file, bounds and defaults beside the name."""

from edge.settings.channel import (
    AnalysisSettings,
    CalibrationRuler,
    ChannelSettings,
    DetectorSettings,
    DisconnectSettings,
    MaskSettings,
    SabotageSettings,
)
from edge.settings.device import (
    ApiSettings,
    DeviceSettings,
    LoggingSettings,
    RetentionSettings,
    TlsSettings,
)
from edge.settings.outputs import MqttSettings, ProgramSettings, WebhookSettings
from edge.settings.root import Settings
from edge.settings.rules import LineSettings, RuleSettings, ZoneSettings
from edge.settings.source import (
    CsiSettings,
    DemoSettings,
    FileSettings,
    HttpSettings,
    HttpTlsSettings,
    OnvifSettings,
    RtspSettings,
    SourceSettings,
    UsbSettings,
)

__all__ = [
    "AnalysisSettings",
    "ApiSettings",
    "CalibrationRuler",
    "ChannelSettings",
    "CsiSettings",
    "DemoSettings",
    "DetectorSettings",
    "DeviceSettings",
    "DisconnectSettings",
    "FileSettings",
    "HttpSettings",
    "HttpTlsSettings",
    "LineSettings",
    "LoggingSettings",
    "MaskSettings",
    "MqttSettings",
    "OnvifSettings",
    "ProgramSettings",
    "RetentionSettings",
    "RtspSettings",
    "RuleSettings",
    "SabotageSettings",
    "Settings",
    "SourceSettings",
    "TlsSettings",
    "UsbSettings",
    "WebhookSettings",
    "ZoneSettings",
]
