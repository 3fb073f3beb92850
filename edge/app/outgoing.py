"""What is on its way out, for `edge deliveries`."""

from edge.outputs.delivery_payload import delivery_json, receivers_json
from edge.outputs.rest.context import RestContext

MOST_LISTED = 200


def deliveries_document(context: RestContext) -> dict[str, object]:
    """Return how each receiver is, and the newest deliveries that wait or were given up; raises StoreError."""
    outputs = context.health.snapshot().outputs
    return {
        "receivers": receivers_json(outputs, context.outbox, context.deliveries),
        "deliveries": [delivery_json(each, context.timezone) for each in context.deliveries.select(MOST_LISTED)],
    }


def retry(context: RestContext, delivery_id: object) -> dict[str, object]:
    """Have one dead letter sent again, or with None all; the reply says how many. Raises StoreError."""
    if delivery_id is not None and not isinstance(delivery_id, int):
        return {"error": "id must be a number, or null for all dead letters"}
    return {"count": context.deliveries.retry(delivery_id)}
