"""`/v1/json/events/{id}/evidence` and `/v1/json/suppressed`: why something counted, and why something did not."""

from bottle import request, response

from edge.outputs.payload import JsonObject, evidence_json, json_bytes, suppressed_json
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.query import MAX_ID, limit_asked, parse_parameters


def routes(context: RestContext) -> list[Route]:
    """Return the two calls."""

    def evidence(event_id: int) -> bytes:
        found = context.log.evidence(event_id) if 0 < event_id <= MAX_ID else None
        if found is None:
            raise refusal(404, "Nothing is kept of what led to this event", headers={"Cache-Control": "no-store"})
        return _answer({"event_id": event_id, **evidence_json(found)})

    def suppressed() -> bytes:
        values = parse_parameters(request.query_string)
        candidates = context.log.suppressed(values.get("channelId"))[: limit_asked(values)]
        names = {channel.id: channel.name for channel in context.settings().channels}
        zone = context.timezone
        return _answer([suppressed_json(each, names.get(each.channel_id, ""), zone) for each in candidates])

    return [
        Route("GET", "/v1/json/events/<event_id:int>/evidence", evidence),
        Route("GET", "/v1/json/suppressed", suppressed),
    ]


def _answer(body: JsonObject | list[JsonObject]) -> bytes:
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return json_bytes(body)
