"""`/v1/json/events`: the log from a cursor on, and the wait for what comes next."""

import time
from collections.abc import Callable, Sequence

from bottle import request, response

from edge.model.event import StoredEvent
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.encoded import Encoder
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.query import EventsCall, events_call, parse_parameters
from edge.outputs.rest.seats import Seats

SLICE_S = 6.0
"""A waiting thread looks so often whether its client is still there."""


def routes(context: RestContext) -> list[Route]:
    """Return the call for events."""
    seats = Seats(lambda: context.settings().api.max_waiting)
    encoder = Encoder(context.timezone)

    def answer() -> bytes:
        values = parse_parameters(request.query_string)
        max_wait_s = context.settings().api.max_wait_s
        call = events_call(values, zone=context.timezone, max_wait_s=max_wait_s)
        gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", _never)
        events = find(context, seats, call, gone)
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return encoder.array(events)

    return [Route("GET", "/v1/json/events", answer)]


def find(context: RestContext, seats: Seats, call: EventsCall, gone: Callable[[], bool]) -> Sequence[StoredEvent]:
    """Return what is asked for, after a wait where nothing is there yet; refuse where too many wait already."""
    if call.wait_s <= 0:
        return context.log.select(call.query)
    if not seats.take():
        events = context.log.select(call.query)
        if events:
            return events
        raise refusal(503, "Too many clients wait for events; try again in a second", headers={"Retry-After": "1"})
    try:
        return wait_for(context, call, gone)
    finally:
        seats.leave()


def wait_for(context: RestContext, call: EventsCall, gone: Callable[[], bool]) -> Sequence[StoredEvent]:
    """Wait for what is asked for, in slices, so that the thread of a client that went away is soon free again."""
    deadline = time.monotonic() + call.wait_s
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or gone() or context.closing.is_set():
            return ()
        events = context.log.wait(call.query, min(left, SLICE_S))
        if events:
            return events


def _never() -> bool:
    return False
