"""The JSON of a test alarm: an event as REST tells it, without an id, marked."""

from datetime import tzinfo

from edge.model.event import Event, StoredEvent
from edge.outputs.payload import JsonObject, event_json


def alarm_json(event: Event, tz: tzinfo) -> JsonObject:
    """Return the event in its REST form, with `test` in place of `event_id`, which a test has not."""
    body = event_json(StoredEvent(0, event), tz)
    del body["event_id"]
    return {"test": True, **body}
