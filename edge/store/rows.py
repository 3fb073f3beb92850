"""Events as rows and back."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from edge.model.event import NO_RULE, Direction, Event, EventType, StoredEvent
from edge.model.scene import Origin

TYPES = tuple(EventType)
ORIGINS = tuple(Origin)
DIRECTIONS = tuple(Direction)
TYPE_CODES = {kind: code for code, kind in enumerate(TYPES)}
ORIGIN_CODES = {origin: code for code, origin in enumerate(ORIGINS)}
DIRECTION_CODES = {direction: code for code, direction in enumerate(DIRECTIONS)}

SNAPSHOT_PATH = "/v1/snapshots/{}.jpg"

COLUMNS = (
    "event_id, type, channel, rule, time_us, late_us, committed_s, stream_s, object_id, origin, synced, true_time_us, "
    "picture, direction, dwell_seconds, count, reason, confidence, label"
)
INSERT = f"INSERT INTO event ({COLUMNS}, evidence, era) VALUES ({', '.join('?' * 21)})"  # noqa: S608 - constants of this file only
NAMED = (
    f"SELECT {COLUMNS}, c.channel_id, c.name, r.rule_id, r.name FROM event e "  # noqa: S608 - the same
    "LEFT JOIN channel c ON c.id = e.channel LEFT JOIN rule r ON r.id = e.rule "
)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event on its way to the log: `now_us` is its channel's clock at its frame, `picture_id` its snapshot.

    `evidence` is packed, `era` the number of the era that the event is of; both are None in what is read back: who
    wants them asks for them alone.
    """

    stored: StoredEvent
    now_us: int
    committed_s: int
    picture_id: int | None = None
    evidence: bytes | None = None
    era: int | None = None


class Names:
    """The pairs of id and name that rows point at; new ones are written with the first event that has them."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, str], int] = {}
        self._rules: dict[tuple[str, str], int] = {}

    def load(self, connection: sqlite3.Connection) -> None:
        """Read all pairs; also what a rolled back transaction calls for."""
        self._channels = {(a, b): n for n, a, b in connection.execute("SELECT id, channel_id, name FROM channel")}
        self._rules = {(a, b): n for n, a, b in connection.execute("SELECT id, rule_id, name FROM rule")}

    def channel(self, connection: sqlite3.Connection, event: Event) -> int:
        """Return the number of the event's channel and its name."""
        pair = (event.channel_id, event.channel_name)
        if pair not in self._channels:
            cursor = connection.execute("INSERT INTO channel (channel_id, name) VALUES (?, ?)", pair)
            self._channels[pair] = int(cursor.lastrowid or 0)
        return self._channels[pair]

    def rule(self, connection: sqlite3.Connection, event: Event) -> int | None:
        """Return the number of the event's rule and its name, None for an event without a rule."""
        if event.rule_id == NO_RULE and not event.rule_name:
            return None
        pair = (event.rule_id, event.rule_name)
        if pair not in self._rules:
            cursor = connection.execute("INSERT INTO rule (rule_id, name) VALUES (?, ?)", pair)
            self._rules[pair] = int(cursor.lastrowid or 0)
        return self._rules[pair]


def to_row(entry: Entry, channel: int, rule: int | None) -> Row:
    """Return the values of INSERT."""
    stored, event = entry.stored, entry.stored.event
    true_us = event.time_us if stored.true_time_us is None else stored.true_time_us
    return (
        stored.event_id,
        TYPE_CODES[event.type],
        channel,
        rule,
        event.time_us,
        entry.now_us - true_us,
        entry.committed_s,
        event.stream_s,
        event.object_id,
        ORIGIN_CODES[event.origin],
        int(stored.clock_synced),
        stored.true_time_us,
        None if entry.picture_id is None else stored.event_id - entry.picture_id,
        None if event.direction is None else DIRECTION_CODES[event.direction],
        event.dwell_seconds,
        event.count,
        event.reason,
        event.confidence,
        event.label,
        entry.evidence,
        entry.era,
    )


def to_entry(row: Row) -> Entry:
    """Return what a row of NAMED holds."""
    event = Event(
        type=TYPES[row[1]],
        channel_id=f"lost-{row[2]}" if row[19] is None else row[19],
        channel_name=row[20] or "",
        time_us=row[4],
        stream_s=row[7],
        object_id=row[8],
        origin=ORIGINS[row[9]],
        rule_id=_rule_id(row[3], row[21]),
        rule_name=row[22] or "",
        direction=None if row[13] is None else DIRECTIONS[row[13]],
        dwell_seconds=row[14],
        count=row[15],
        reason=row[16],
        confidence=row[17],
        label=row[18],
    )
    true_us = row[4] if row[11] is None else row[11]
    picture_id = None if row[12] is None else row[0] - row[12]
    path = "" if picture_id is None else SNAPSHOT_PATH.format(picture_id)
    return Entry(StoredEvent(row[0], event, path, bool(row[10]), row[11]), row[5] + true_us, row[6], picture_id)


def _rule_id(number: int | None, rule_id: str | None) -> str:
    if number is None:
        return NO_RULE
    return f"lost-{number}" if rule_id is None else rule_id
