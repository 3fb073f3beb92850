"""Identities that stay the same over restarts and devices, made from names where the file gives none."""

import uuid
from dataclasses import replace

from edge.settings.channel import ChannelSettings
from edge.settings.root import Settings
from edge.settings.rules import LineSettings, MotionSettings, RuleSettings, ZoneSettings

NAMESPACE = uuid.UUID("5d0f3b0e-6a39-5f5c-9a53-8d5f0f4b7c21")
"""Never to be changed: recorded events carry what is made from it."""


WHOLE_FRAME = ZoneSettings(
    zone="Motion detection",
    polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    motion=MotionSettings(),
)
"""What a channel without rules watches."""


def channel_id(name: str) -> str:
    """Return the id of a channel that has none of its own."""
    return str(uuid.uuid5(NAMESPACE, f"channel:{name}"))


def rule_id(channel: str, kind: str, name: str) -> str:
    """Return the id of a rule that has none of its own; `channel` is its channel's id, `kind` is line or zone."""
    return str(uuid.uuid5(NAMESPACE, f"rule:{channel}:{kind}:{name}"))


def with_ids(settings: Settings) -> Settings:
    """Return the same settings, every channel and rule with its id; a channel without rules gets WHOLE_FRAME."""
    return replace(settings, channels=tuple(_channel(channel) for channel in settings.channels))


def _channel(channel: ChannelSettings) -> ChannelSettings:
    own = channel.id or channel_id(channel.name)
    return replace(channel, id=own, rules=tuple(_rule(rule, own) for rule in channel.rules or (WHOLE_FRAME,)))


def _rule(rule: RuleSettings, channel: str) -> RuleSettings:
    kind, name = ("line", rule.line) if isinstance(rule, LineSettings) else ("zone", rule.zone)
    return replace(rule, id=rule.id or rule_id(channel, kind, name))
