"""Events as the bytes of a JSON array; an event that a thousand clients take at once is encoded once."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import lru_cache, partial

from edge.model.event import StoredEvent
from edge.outputs.payload import event_bytes

REMEMBERED = 512


class Encoder:
    """Turns events into JSON for one zone, and remembers the last ones."""

    def __init__(self, zone: tzinfo) -> None:
        self.one: Callable[[StoredEvent], bytes] = lru_cache(REMEMBERED)(partial(event_bytes, tz=zone))

    def array(self, events: Sequence[StoredEvent]) -> bytes:
        """Return a JSON array of events in the order given."""
        return b"[" + b",".join(map(self.one, events)) + b"]"
