"""The table of rules: a new kind of rule is one file and one row here."""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from edge.rules import appear, disconnect, sabotage, tripwire
from edge.rules.rule import Rule, Shared
from edge.rules.walks import Walks
from edge.settings import ChannelSettings

RULES: tuple[Callable[[ChannelSettings, Shared], Iterable[Rule]], ...] = (
    appear.rules_of,  # channel: objects
    tripwire.rules_of,  # rules: line
    sabotage.rules_of,  # channel: sabotage
    disconnect.rules_of,  # channel: disconnect
)
"""Each row gives its rules for a channel: one for each line, zone or section of the settings that asks for it."""


def make_rules(channel: ChannelSettings, zone: tzinfo) -> tuple[Rule, ...]:
    """Return all rules of a channel, fresh; `zone` is the device's time zone, in which schedules are read."""
    shared = Shared(zone, Walks())
    return tuple(rule for rules_of in RULES for rule in rules_of(channel, shared))
