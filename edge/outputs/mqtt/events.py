"""Events as messages."""

from datetime import tzinfo

from edge.model.event import NO_RULE, Event, StoredEvent
from edge.outputs.alarm.body import alarm_json
from edge.outputs.mqtt.message import Message
from edge.outputs.mqtt.topics import Topics
from edge.outputs.payload import event_json, json_bytes

KEPT_S = 24 * 3600
"""For so long a broker keeps an event for a subscriber that is away."""
FRESH_S = 60
"""An event that is older when it is sent is for those who want all of them, not for those who act at once."""


def event_messages(stored: StoredEvent, topics: Topics, tz: tzinfo, now_us: int) -> list[Message]:
    """Return an event for all who want every event and, while it is fresh, for those who act on its rule."""
    event = stored.event
    body = event_json(stored, tz)
    messages = [Message(topics.channel(event.channel_id, "event"), json_bytes(body), expires_s=KEPT_S)]
    if event.rule_id != NO_RULE and now_us - event.time_us <= FRESH_S * 1_000_000:
        topic = topics.rule(event.channel_id, event.rule_id, "event")
        messages.append(Message(topic, json_bytes({"event_type": event.type.value, **body}), expires_s=FRESH_S))
    return messages


def alarm_messages(event: Event, topics: Topics, tz: tzinfo) -> list[Message]:
    """Return a test alarm: an event without an id, marked as a test, for the same two."""
    body = alarm_json(event, tz)
    messages = [Message(topics.channel(event.channel_id, "event"), json_bytes(body), expires_s=FRESH_S)]
    if event.rule_id != NO_RULE:
        topic = topics.rule(event.channel_id, event.rule_id, "event")
        messages.append(Message(topic, json_bytes({"event_type": event.type.value, **body}), expires_s=FRESH_S))
    return messages
