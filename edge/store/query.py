"""What can be asked of the event log, and what totals look like."""

from dataclasses import dataclass

from edge.model.event import EventType, StoredEvent
from edge.model.scene import Origin


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events, and in which order.

    Ids are exclusive on both sides, `since_us` is inclusive and `until_us` exclusive (microseconds UTC). The oldest
    `limit` events come in the order of their ids; with `newest_first` the newest `limit`, newest first.
    """

    channel_id: str | None = None
    since_id: int | None = None
    until_id: int | None = None
    since_us: int | None = None
    until_us: int | None = None
    limit: int = 100
    newest_first: bool = False

    def matches(self, stored: StoredEvent) -> bool:
        """Tell whether an event is among those asked for, the limit aside."""
        return self._id_fits(stored.event_id) and self._event_fits(stored.event.channel_id, stored.event.time_us)

    def _id_fits(self, event_id: int) -> bool:
        if self.since_id is not None and event_id <= self.since_id:
            return False
        return self.until_id is None or event_id < self.until_id

    def _event_fits(self, channel_id: str, time_us: int) -> bool:
        if self.channel_id is not None and channel_id != self.channel_id:
            return False
        if self.since_us is not None and time_us < self.since_us:
            return False
        return self.until_us is None or time_us < self.until_us


@dataclass(frozen=True, slots=True)
class TotalsQuery:
    """Which events are counted: `since_us` inclusive, `until_us` exclusive (microseconds UTC)."""

    channel_id: str | None = None
    since_us: int | None = None
    until_us: int | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """How many events a rule had; events without a rule stand under rule "-1". The name is the last one."""

    channel_id: str
    rule_id: str
    rule_name: str
    rule_count: int


@dataclass(frozen=True, slots=True)
class TypeTotal:
    """How many events of a type a channel had."""

    channel_id: str
    type: EventType
    type_count: int
