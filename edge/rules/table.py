"""The table of rules: a new kind of rule is one file and one row here."""

from collections.abc import Callable, Iterable

from edge.rules import appear, tripwire
from edge.rules.rule import Rule
from edge.settings import ChannelSettings

RULES: tuple[Callable[[ChannelSettings], Iterable[Rule]], ...] = (
    appear.rules_of,  # channel: objects
    tripwire.rules_of,  # rules: line
)
"""Each row gives its rules for a channel: one for each line, zone or section of the settings that asks for it."""


def make_rules(channel: ChannelSettings) -> tuple[Rule, ...]:
    """Return all rules of a channel, fresh."""
    return tuple(rule for rules_of in RULES for rule in rules_of(channel))
