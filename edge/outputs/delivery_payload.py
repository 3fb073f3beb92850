"""The wire form of what is on its way out: how each receiver is, and what waits or was given up."""

from collections.abc import Mapping
from datetime import tzinfo

from edge.health import OutputHealth
from edge.outputs.payload import JsonObject, local_time
from edge.store.deliveries import Counts, Deliveries, Delivery, DeliveryState
from edge.store.errors import StoreError
from edge.store.outbox import Outbox

_SECOND_US = 1_000_000
_STATES = {DeliveryState.DUE: "waiting", DeliveryState.AGAIN: "waiting", DeliveryState.DEAD: "dead"}


def receivers_json(outputs: Mapping[str, OutputHealth], outbox: Outbox, deliveries: Deliveries) -> list[JsonObject]:
    """Return how each receiver is, with what it was given since the start, what waits and what was given up."""
    try:
        counts = deliveries.counts()
    except StoreError:  # the flags say so
        counts = {}
    return [_receiver(name, output, outbox, counts.get(name, Counts())) for name, output in sorted(outputs.items())]


def _receiver(name: str, output: OutputHealth, outbox: Outbox, counts: Counts) -> JsonObject:
    state = outbox.state(name)
    return {
        "name": name,
        "address": output.address,
        "status": output.status,
        "detail": output.detail,
        "delivered": output.delivered,
        "failed_attempts": output.failed,
        "last_event_id": state.event_id,
        "waiting": counts.waiting,
        "dead": counts.dead,
        "given_up": state.given_up,
    }


def delivery_json(delivery: Delivery, zone: tzinfo) -> JsonObject:
    """Return one delivery of the outbox; `event_id` is -1 for sums."""
    return {
        "delivery_id": delivery.id,
        "receiver": delivery.reader,
        "state": _STATES[delivery.state],
        "title": delivery.title,
        "event_id": delivery.event_id,
        "time": local_time(delivery.made_s * _SECOND_US, zone),
        "attempts": delivery.attempts,
        "problem": delivery.problem,
    }
