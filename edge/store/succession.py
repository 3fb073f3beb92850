"""A reader takes another's place: its cursor, what waits for it, its dead letters and its summed windows."""

import logging
import sqlite3
from dataclasses import replace

from edge.store.outbox import Outbox
from edge.store.outbox_file import ReaderState

LOG = logging.getLogger("edge.store")


def readers_in_force(outbox: Outbox, prefix: str) -> list[str]:
    """Return the readers that the settings had last and whose names begin so, by name. Raises StoreError."""
    sql = "SELECT name FROM reader WHERE gone_s IS NULL ORDER BY name"
    names = outbox.read(lambda file: [str(name) for (name,) in file.execute(sql)])
    return [name for name in names if name.startswith(prefix)]


def succeed(outbox: Outbox, old: str, new: str) -> None:
    """Let `new` go on where `old` is, with all that is kept for it; never fails."""
    state = replace(outbox.state(old), gone_s=None)

    def move(file: sqlite3.Connection) -> None:
        file.execute("UPDATE delivery SET reader = ? WHERE reader = ?", (new, old))
        file.execute("DELETE FROM window WHERE reader = ?", (new,))
        file.execute("UPDATE window SET reader = ? WHERE reader = ?", (new, old))

    given_up = max(0, state.given_up - outbox.state(new).given_up)
    if not outbox.change(new, state, move, given_up=given_up):
        LOG.warning("%s goes on where %s was; dead letters and sums of that cannot be moved now", new, old)
        outbox.put(new, state, given_up=given_up)


def begin_at_earliest(outbox: Outbox, olds: list[str], new: str) -> None:
    """Let `new` begin where the slowest of others is: some events may come again, none is left out. Never fails."""
    outbox.put(new, ReaderState(event_id=min(outbox.state(old).event_id for old in olds)))
