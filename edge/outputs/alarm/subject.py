"""What is tested: a rule or a channel by its name, and the events that it can give."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.model.event import NO_RULE, Direction, Event, EventType
from edge.model.scene import Origin
from edge.settings import ChannelSettings, LineSettings, RuleSettings, Settings, ZoneSettings


class AlarmRefused(Exception):  # noqa: N818 - named for what was done
    """No test alarm is sent; `text` says what to do, `parameter` names what was wrong, empty for nothing."""

    def __init__(self, text: str, parameter: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.parameter = parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One rule of a channel; or the channel's own events, where `rule` is None."""

    channel: ChannelSettings
    rule: RuleSettings | None

    @property
    def rule_id(self) -> str:
        """The rule's id, "-1" for a channel."""
        return NO_RULE if self.rule is None else self.rule.id

    @property
    def rule_name(self) -> str:
        """The rule's name, empty for a channel."""
        return "" if self.rule is None else rule_name(self.rule)

    def events(self, time_us: int) -> list[Event]:
        """Return one event of each type that it can give, as if at this time (microseconds UTC)."""
        kinds = _of_channel(self.channel) if self.rule is None else _of_rule(self.rule)
        return [self._event(kind, time_us) for kind in kinds]

    def _event(self, kind: EventType, time_us: int) -> Event:
        return Event(
            type=kind,
            channel_id=self.channel.id,
            channel_name=self.channel.name,
            time_us=time_us,
            stream_s=0.0,
            origin=Origin.UNKNOWN if self.rule is None else Origin(self.rule.objects[0]),
            rule_id=self.rule_id,
            rule_name=self.rule_name,
            direction=_direction(self.rule) if isinstance(self.rule, LineSettings) else None,
        )


def rule_name(rule: RuleSettings) -> str:
    """Return the name that people gave the line or zone."""
    return rule.line if isinstance(rule, LineSettings) else rule.zone


def find_subject(settings: Settings, rule: str, channel: str = "") -> Subject:
    """Return the rule of this id or name, else the channel of it; `channel` narrows to one, by id or name.

    Raises AlarmRefused where there is none, or more than one.
    """
    channels = [each for each in settings.channels if channel in ("", each.id, each.name)]
    if not channels:
        raise AlarmRefused(f"there is no channel {channel!r}; there are: {_names(settings)}", "channel")
    rules = [(each, own) for each in channels for own in each.rules]
    found = [Subject(channel=each, rule=own) for each, own in rules if own.id == rule]
    found = found or [Subject(channel=each, rule=own) for each, own in rules if rule_name(own) == rule]
    found = found or [Subject(channel=each, rule=None) for each in channels if rule in (each.id, each.name)]
    if not found:
        known = ", ".join(f"{rule_name(own)!r}" for _, own in rules) or "none"
        raise AlarmRefused(f"there is no rule and no channel {rule!r}; rules are: {known}", "rule")
    if len(found) > 1:
        where = ", ".join(repr(each.channel.name) for each in found)
        raise AlarmRefused(f"{rule!r} is on more than one channel ({where}); name the channel too", "channel")
    return found[0]


def _names(settings: Settings) -> str:
    return ", ".join(repr(each.name) for each in settings.channels) or "none"


def _direction(line: LineSettings) -> Direction:
    return Direction.A_TO_B if line.direction == "any" else Direction(line.direction)


def _of_channel(channel: ChannelSettings) -> Iterator[EventType]:
    if channel.sabotage is not None:
        yield EventType.SABOTAGE
    if channel.disconnect is not None:
        yield EventType.DISCONNECTED
    if channel.objects:
        yield from (EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR)


def _of_rule(rule: RuleSettings) -> Iterator[EventType]:
    if isinstance(rule, ZoneSettings):
        yield from _of_zone(rule)
        return
    yield EventType.TRIPWIRE_CROSSED
    if rule.tailgating is not None:
        yield EventType.TAILGATING


def _of_zone(zone: ZoneSettings) -> Iterator[EventType]:
    if zone.join_leave:
        yield from (EventType.REGION_JOIN, EventType.REGION_LEAVE)
    if zone.motion is not None:
        yield from (EventType.MOTION_ON, EventType.MOTION_OFF)
    if zone.loitering is not None:
        yield EventType.LOITERING
    if zone.crowd is not None:
        yield from (EventType.CROWD_ON, EventType.CROWD_OFF)
    if zone.abandoned is not None:
        yield EventType.ABANDONED
