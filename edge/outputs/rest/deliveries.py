"""`/v1/json/deliveries`: what is on its way out and what was given up; one dead letter sent once more."""

from bottle import request, response

from edge.outputs.delivery_payload import delivery_json, receivers_json
from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.query import MAX_ID, limit_asked, parse_parameters


def routes(context: RestContext) -> list[Route]:
    """Return the two calls."""

    def listing() -> bytes:
        limit = limit_asked(parse_parameters(request.query_string))
        kept = context.deliveries.select(limit)
        outputs = context.health.snapshot().outputs
        return _answer(
            {
                "receivers": list(receivers_json(outputs, context.outbox, context.deliveries)),
                "deliveries": [delivery_json(each, context.timezone) for each in kept],
            }
        )

    def retry(delivery_id: int) -> bytes:
        if not 0 < delivery_id <= MAX_ID or not context.deliveries.retry(delivery_id):
            raise refusal(404, "There is no dead letter of this number; /v1/json/deliveries lists them")
        return _answer({"delivery_id": delivery_id, "state": "waiting"})

    return [
        Route("GET", "/v1/json/deliveries", listing),
        Route("POST", "/v1/json/deliveries/<delivery_id:int>/retry", retry, writes=True),
    ]


def _answer(body: JsonObject) -> bytes:
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return json_bytes(body)
