"""`/v1/json/events/totals/rule` and `/type`: counts over the log."""

from dataclasses import asdict

from bottle import request, response

from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.query import parse_parameters, totals_query
from edge.store.query import TotalsQuery


def routes(context: RestContext) -> list[Route]:
    """Return the two calls for totals."""

    def by_rule() -> bytes:
        return _answer([asdict(row) for row in context.log.totals_by_rule(_query(context))])

    def by_type() -> bytes:
        return _answer([asdict(row) for row in context.log.totals_by_type(_query(context))])

    return [
        Route("GET", "/v1/json/events/totals/rule", by_rule),
        Route("GET", "/v1/json/events/totals/type", by_type),
    ]


def _query(context: RestContext) -> TotalsQuery:
    return totals_query(parse_parameters(request.query_string), zone=context.timezone)


def _answer(rows: list[JsonObject]) -> bytes:
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return json_bytes(rows)
