"""`/v1/sse/events`: the same events as a stream of server-sent events, resumed after the last one a client has."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from bottle import request, response

from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.encoded import Encoder
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.query import MAX_ID, MAX_LIMIT, events_query, parse_parameters
from edge.outputs.rest.seats import Seats
from edge.store.query import EventQuery

MAX_VIEWERS = 16
SLICE_S = 2.0
KEEP_ALIVE_S = 15.0


def routes(context: RestContext) -> list[Route]:
    """Return the call for the stream."""
    seats = Seats(lambda: MAX_VIEWERS)
    encoder = Encoder(context.timezone)

    def answer() -> Iterator[bytes]:
        query = _query(context)
        gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
        heads_only = request.method == "HEAD"
        if not heads_only and not seats.take():
            raise refusal(
                503, f"Already {MAX_VIEWERS} streams are open; try again later", headers={"Retry-After": "10"}
            )
        response.headers["Content-Type"] = "text/event-stream"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return iter(()) if heads_only else _stream(context, query, encoder, seats, gone)

    return [Route("GET", "/v1/sse/events", answer)]


def _query(context: RestContext) -> EventQuery:
    """Return where the stream starts: after `Last-Event-ID`, else after `sinceId` or times asked for, else now."""
    values = dict(parse_parameters(request.query_string))
    last = request.headers.get("Last-Event-ID", "").strip()
    if last.isdecimal() and last.isascii():
        values["sinceId"] = last
    query = replace(events_query(values, zone=context.timezone), limit=MAX_LIMIT, newest_first=False)
    if query.since_id is None and query.since_us is None:
        return replace(query, since_id=context.log.last_event_id())
    return query


def _stream(
    context: RestContext, query: EventQuery, encoder: Encoder, seats: Seats, gone: Callable[[], bool]
) -> Iterator[bytes]:
    try:
        yield b"retry: 2000\n\n"
        said = time.monotonic()
        while not gone() and not context.closing.is_set():
            events = context.log.wait(query, SLICE_S)
            if events:
                query = replace(query, since_id=min(events[-1].event_id, MAX_ID))
                yield b"".join(b"id: %d\ndata: %b\n\n" % (event.event_id, encoder.one(event)) for event in events)
                said = time.monotonic()
            elif time.monotonic() - said >= KEEP_ALIVE_S:
                yield b": keep-alive\n\n"
                said = time.monotonic()
    finally:
        seats.leave()
