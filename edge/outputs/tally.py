"""Counting events by reading on where the last count ended: asking often costs only what is new."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Generic, TypeVar

from edge.model.clock import Clock
from edge.model.event import Direction, EventType, StoredEvent
from edge.store.event_log import EventLog
from edge.store.query import EventQuery

_PAGE = 1000
_Key = TypeVar("_Key", bound=Hashable)
LineKey = tuple[str, Direction]
Select = Callable[[EventQuery], list[StoredEvent]]


class Tally(Generic[_Key]):
    """Counts the events that match a query, by a key; an event whose key is None does not count."""

    def __init__(
        self,
        select: Select,
        query: EventQuery,
        key: Callable[[StoredEvent], _Key | None],
    ) -> None:
        self._select = select
        self._query = replace(query, limit=_PAGE, newest_first=False)
        self._key = key
        self._lock = threading.Lock()
        self._counts: Counter[_Key] = Counter()

    def counts(self) -> Mapping[_Key, int]:
        """Return the counts up to the newest committed event."""
        with self._lock:
            while events := self._select(self._query):
                self._counts.update(key for key in map(self._key, events) if key is not None)
                self._query = replace(self._query, since_id=events[-1].event_id)
                if len(events) < _PAGE:
                    break
            return dict(self._counts)


class LineCounts:
    """How often each line was crossed either way since the device's midnight."""

    def __init__(self, log: EventLog, clock: Clock, timezone: tzinfo) -> None:
        self._log = log
        self._clock = clock
        self._timezone = timezone
        self._lock = threading.Lock()
        self._begun = (-1, 0)
        self._tally: Tally[LineKey] | None = None

    def today(self) -> Mapping[LineKey, int]:
        """Return crossings by rule id and direction."""
        return self.since_midnight()[0]

    def since_midnight(self) -> tuple[Mapping[LineKey, int], datetime]:
        """Return the same, with the midnight since when they are counted."""
        midnight = self._midnight()
        begun = int(midnight.timestamp()) * 1_000_000, self._log.restamps
        with self._lock:
            if self._tally is None or begun != self._begun:
                self._tally = Tally(self._log.select, EventQuery(since_us=begun[0]), _line)
                self._begun = begun
            tally = self._tally
        return tally.counts(), midnight

    def _midnight(self) -> datetime:
        now = datetime.fromtimestamp(self._clock.now_us() / 1e6, self._timezone)
        return now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _line(stored: StoredEvent) -> LineKey | None:
    event = stored.event
    if event.type is not EventType.TRIPWIRE_CROSSED or event.direction is None:
        return None
    return event.rule_id, event.direction
