"""The table of rules: a new kind of rule is one file and one row here."""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from edge.rules import abandoned, appear, refused, tripwire
from edge.rules.rule import Rule, Shared
from edge.rules.walks import Walks
from edge.settings import ChannelSettings

RULES: tuple[Callable[[ChannelSettings, Shared], Iterable[Rule]], ...] = (
    appear.rules_of,  # channel: objects
    refused.rules_of,  # the same: who was never confirmed, and why
    tripwire.rules_of,  # rules: line
    abandoned.rules_of,  # zones: abandoned
)
"""Each row gives its rules for a channel: one for each line, zone or section of the settings that asks for it."""


def make_rules(channel: ChannelSettings, zone: tzinfo) -> tuple[Rule, ...]:
    """Return all rules of a channel, fresh; `zone` is the device's time zone, in which schedules are read."""
    shared = Shared(zone, Walks())
    return tuple(rule for rules_of in RULES for rule in rules_of(channel, shared))
