"""What may be asked of the device: topic and payload to a command."""

from dataclasses import dataclass

from edge.outputs.mqtt.components import RESTART
from edge.outputs.mqtt.context import Controls
from edge.outputs.mqtt.topics import Topics, slug
from edge.settings import ChannelSettings, RuleSettings, Settings

MOST_SHOWN = 40


class BadCommandError(Exception):
    """A command that means nothing; the text says what would."""


@dataclass(frozen=True, slots=True)
class _Target:
    channel: ChannelSettings
    rule: RuleSettings | None = None


def obey(topic: str, payload: bytes, settings: Settings, topics: Topics, controls: Controls) -> str:
    """Do what a message asks for and return it in words; raises BadCommandError."""
    if topic == topics.command:
        if payload != RESTART.encode():
            raise BadCommandError(f"{_shown(payload)} is no command of the device; it knows {RESTART}")
        controls.restart()
        return "restart"
    match topic.removeprefix(f"{topics.base}/").split("/"):
        case [channel, "enabled", "set"]:
            target = _found(channel, None, settings)
            enabled = _on_or_off(payload)
            controls.enable_channel(target.channel.id, enabled=enabled)
            return f"{target.channel.name}: {'on' if enabled else 'off'}"
        case [channel, "rule", rule, "enabled", "set"]:
            target = _found(channel, rule, settings)
            enabled = _on_or_off(payload)
            controls.enable_rule(target.channel.id, _rule_id(target), enabled=enabled)
            return f"{target.channel.name}: rule {_rule_id(target)} {'on' if enabled else 'off'}"
        case [channel, "rule", rule, "test", "set"]:
            target = _found(channel, rule, settings)
            controls.test_alarm(target.channel.id, _rule_id(target))
            return f"{target.channel.name}: test alarm of rule {_rule_id(target)}"
    raise BadCommandError("there is no such command")


def _found(channel_slug: str, rule_slug: str | None, settings: Settings) -> _Target:
    for channel in settings.channels:
        if slug(channel.id) == channel_slug:
            if rule_slug is None:
                return _Target(channel)
            for rule in channel.rules:
                if slug(rule.id) == rule_slug:
                    return _Target(channel, rule)
            raise BadCommandError(f"{channel.name} has no such rule")
    raise BadCommandError("there is no such channel")


def _rule_id(target: _Target) -> str:
    return "" if target.rule is None else target.rule.id


def _on_or_off(payload: bytes) -> bool:
    match payload.strip().upper():
        case b"ON":
            return True
        case b"OFF":
            return False
    raise BadCommandError(f"{_shown(payload)} is neither ON nor OFF")


def _shown(payload: bytes) -> str:
    """Return a stranger's payload as a log may hold it: short, on one line."""
    return ascii(payload[:MOST_SHOWN].decode("utf-8", "replace"))
