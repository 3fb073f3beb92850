"""A long answer of the log, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from edge.model.event import StoredEvent
from edge.store.query import EventQuery

PAGE = 500
"""Events in memory at a time."""

Select = Callable[[EventQuery], list[StoredEvent]]


def pages(select: Select, query: EventQuery) -> Iterator[list[StoredEvent]]:
    """Yield the events asked for, in the order asked for, PAGE at a time; none is empty.

    Each page is a question of its own: between two of them the log is free. Raises what `select` raises.
    """
    left = query.limit
    while left > 0:
        size = min(PAGE, left)
        page = select(replace(query, limit=size))
        if page:
            yield page
        if len(page) < size:
            return
        left -= size
        last_id = page[-1].event_id
        query = replace(query, until_id=last_id) if query.newest_first else replace(query, since_id=last_id)
