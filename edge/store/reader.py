"""Questions to the log's file: events and totals."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.model.event import NO_RULE, Evidence, StoredEvent
from edge.store.eras import Base
from edge.store.evidence import unpack
from edge.store.query import EventQuery, RuleTotal, TotalsQuery, TypeTotal
from edge.store.rows import NAMED, ORIGIN_CODES, TYPES, Entry, to_entry
from edge.store.schema import BLOCK_BITS

NO_LIMIT = 2**62
COUNTED = (
    "SELECT e.channel, e.rule, e.type, count(*) AS number, max(e.event_id) AS newest FROM event e "
    "WHERE e.event_id BETWEEN ? AND ? {where} GROUP BY e.channel"
)
CHANNEL = "coalesce(c.channel_id, 'lost-' || e.channel)"
RULE = "coalesce(r.rule_id, 'lost-' || e.rule)"


@dataclass(frozen=True, slots=True)
class IdRange:
    """Ids from `low` to `high`, both included."""

    low: int
    high: int


def select(connection: sqlite3.Connection, query: EventQuery) -> list[StoredEvent]:
    """Return the events asked for, in the order asked for."""
    where, values = _where(connection, query.channel_id, query.since_us, query.until_us)
    order = "DESC" if query.newest_first else "ASC"
    found: list[StoredEvent] = []
    for ids in _ranges(connection, query):
        rows = connection.execute(
            f"{NAMED} WHERE e.event_id BETWEEN ? AND ? {where} ORDER BY e.event_id {order} LIMIT ?",
            (ids.low, ids.high, *values, query.limit - len(found)),
        )
        found += [to_entry(row).stored for row in rows]
        if len(found) >= query.limit:
            break
    return found


def entry(connection: sqlite3.Connection, event_id: int) -> Entry | None:
    """Return one event with what belongs to it, None where it is not kept."""
    row = connection.execute(f"{NAMED} WHERE e.event_id = ?", (event_id,)).fetchone()
    return None if row is None else to_entry(row)


def newest_base(connection: sqlite3.Connection) -> Base:
    """Return by which clock the newest event was told, as it stands; the right one where there is none."""
    row = connection.execute("SELECT synced, era FROM event ORDER BY event_id DESC LIMIT 1").fetchone()
    return Base() if row is None else Base(era=row[1], sure=bool(row[0]))


def newest_commit(connection: sqlite3.Connection) -> int | None:
    """Return when the newest event was committed, in seconds since 1970, as its age is counted; None for no event."""
    row = connection.execute("SELECT committed_s FROM event ORDER BY event_id DESC LIMIT 1").fetchone()
    return None if row is None else int(row[0])


def evidence(connection: sqlite3.Connection, event_id: int) -> Evidence | None:
    """Return what led to an event, None where nothing is kept of it or it cannot be understood."""
    row = connection.execute("SELECT evidence FROM event WHERE event_id = ?", (event_id,)).fetchone()
    try:
        return None if row is None or row[0] is None else unpack(row[0])
    except ValueError:
        return None


def last_id(connection: sqlite3.Connection) -> int:
    """Return the highest id that is kept, 0 for none."""
    return int(connection.execute("SELECT coalesce(max(event_id), 0) FROM event").fetchone()[0])


def first_id(connection: sqlite3.Connection) -> int:
    """Return the lowest id that is kept, 0 for none."""
    return int(connection.execute("SELECT coalesce(min(event_id), 0) FROM event").fetchone()[0])


def last_object_ids(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the highest object id of each channel's kept events."""
    sql = "SELECT c.channel_id, max(object_id) FROM event e JOIN channel c ON c.id = e.channel GROUP BY c.channel_id"
    return [(str(channel_id), max(0, int(object_id))) for channel_id, object_id in connection.execute(sql)]


def totals_by_type(connection: sqlite3.Connection, query: TotalsQuery) -> list[TypeTotal]:
    """Count by channel and type."""
    counts: Counter[tuple[str, int]] = Counter()
    sql = (
        f"SELECT {CHANNEL}, e.type, e.number FROM ({COUNTED}, e.type) e "  # noqa: S608 - constants
        "LEFT JOIN channel c ON c.id = e.channel"
    )
    for channel_id, code, count in _counted(connection, query, sql):
        counts[channel_id, code] += count
    return [TypeTotal(channel_id, TYPES[code], count) for (channel_id, code), count in sorted(counts.items())]


def totals_by_rule(connection: sqlite3.Connection, query: TotalsQuery) -> list[RuleTotal]:
    """Count by channel and rule; a rule that was renamed has one row, with its last name."""
    counts: Counter[tuple[str, str]] = Counter()
    names: dict[tuple[str, str], tuple[int, str]] = {}
    sql = (
        f"SELECT {CHANNEL}, {RULE}, r.name, e.number, e.newest FROM ({COUNTED}, e.rule) e "  # noqa: S608 - constants
        "LEFT JOIN channel c ON c.id = e.channel LEFT JOIN rule r ON r.id = e.rule"
    )
    for channel_id, rule_id, name, count, newest in _counted(connection, query, sql):
        key = (channel_id, NO_RULE if rule_id is None else rule_id)
        counts[key] += count
        names[key] = max(names.get(key, (0, "")), (newest, name or ""))
    return [RuleTotal(*key, names[key][1], count) for key, count in sorted(counts.items())]


def _counted(connection: sqlite3.Connection, query: TotalsQuery, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `sql`, whose {where} is filled in, for each run of ids that may hold what is counted."""
    where, values = _where(connection, query.channel_id, query.since_us, query.until_us)
    if query.origin is not None:
        where += f" AND e.origin = {ORIGIN_CODES[query.origin]}"
    for ids in _ranges(connection, EventQuery(since_us=query.since_us, until_us=query.until_us)):
        yield from connection.execute(sql.replace("{where}", where), (ids.low, ids.high, *values))


def _where(
    connection: sqlite3.Connection, channel_id: str | None, since_us: int | None, until_us: int | None
) -> tuple[str, list[int]]:
    """Return further conditions on `e` and their values."""
    where, values = "", []
    if channel_id is not None:
        numbers = connection.execute("SELECT id FROM channel WHERE channel_id = ?", (channel_id,)).fetchall()
        where += f" AND e.channel IN ({', '.join(str(number) for (number,) in numbers)})"
    if since_us is not None:
        where += " AND e.time_us >= ?"
        values.append(since_us)
    if until_us is not None:
        where += " AND e.time_us < ?"
        values.append(until_us)
    return where, values


def _ranges(connection: sqlite3.Connection, query: EventQuery) -> list[IdRange]:
    """Return the runs of ids that may hold events asked for, in the order asked for; they do not overlap."""
    low = 0 if query.since_id is None else query.since_id + 1
    high = NO_LIMIT if query.until_id is None else query.until_id - 1
    runs = [IdRange(0, NO_LIMIT)]
    if query.since_us is not None or query.until_us is not None:
        runs = _runs_in_time(connection, query.since_us, query.until_us, low)
    cut = [IdRange(max(run.low, low), min(run.high, high)) for run in runs]
    kept = [run for run in cut if run.low <= run.high]
    return kept[::-1] if query.newest_first else kept


def _runs_in_time(
    connection: sqlite3.Connection, since_us: int | None, until_us: int | None, low: int
) -> list[IdRange]:
    """Return runs of blocks whose span of times meets the one asked for, and what comes after the last block."""
    blocks = connection.execute(
        "SELECT block FROM block WHERE block >= ? AND max_us >= ? AND min_us < ? ORDER BY block",
        (low >> BLOCK_BITS, -NO_LIMIT if since_us is None else since_us, NO_LIMIT if until_us is None else until_us),
    )
    runs: list[IdRange] = []
    for (block,) in blocks:
        first, last = block << BLOCK_BITS, (block + 1 << BLOCK_BITS) - 1
        if runs and runs[-1].high + 1 == first:
            runs[-1] = IdRange(runs[-1].low, last)
        else:
            runs.append(IdRange(first, last))
    newest = connection.execute("SELECT coalesce(max(block), -1) FROM block").fetchone()[0]
    return [*runs, IdRange(newest + 1 << BLOCK_BITS, NO_LIMIT)]
