"""The table of rules: a new kind of rule is one file and one row here."""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from edge.rules import (
    abandoned,
    appear,
    crowd,
    disconnect,
    join_leave,
    loitering,
    motion,
    refused,
    sabotage,
    tripwire,
)
from edge.rules.rule import Rule, Shared
from edge.rules.walks import Walks
from edge.rules.zones import Zones
from edge.settings import ChannelSettings

RULES: tuple[Callable[[ChannelSettings, Shared], Iterable[Rule]], ...] = (
    appear.rules_of,  # channel: objects
    refused.rules_of,  # the same: who was never confirmed, and why
    join_leave.rules_of,  # zones: join_leave
    motion.rules_of,  # zones: motion
    tripwire.rules_of,  # rules: line
    loitering.rules_of,  # zones: loitering
    crowd.rules_of,  # zones: crowd
    abandoned.rules_of,  # zones: abandoned
    sabotage.rules_of,  # channel: sabotage
    disconnect.rules_of,  # channel: disconnect
)
"""Each row gives its rules for a channel: one for each line, zone or section of the settings that asks for it."""


def make_rules(channel: ChannelSettings, zone: tzinfo) -> tuple[Rule, ...]:
    """Return all rules of a channel, fresh; `zone` is the device's time zone, in which schedules are read."""
    walks = Walks()
    shared = Shared(zone, walks, Zones(walks, zone))
    return tuple(rule for rules_of in RULES for rule in rules_of(channel, shared))
