"""`/v1/csv/events`: the log as a file for spreadsheets, all that is asked for, written page by page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bottle import request, response

from edge.outputs import csv_rows
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.events import wait_for
from edge.outputs.rest.pages import device_name
from edge.outputs.rest.query import BadParameter, EventsCall, file_call, parse_parameters
from edge.outputs.rest.seats import Seats
from edge.store.errors import StoreError
from edge.store.pages import pages
from edge.store.query import EventQuery

MAX_DOWNLOADS = 8


class BrokenOff(OSError):  # noqa: N818 - named for what happened
    """The file does not become whole: the server closes the connection without the end, so that the client knows."""


def routes(context: RestContext) -> list[Route]:
    """Return the call."""
    seats = Seats(lambda: MAX_DOWNLOADS)

    def answer() -> Iterator[bytes]:
        values = parse_parameters(request.query_string)
        call = file_call(values, zone=context.timezone, max_wait_s=context.settings().api.max_wait_s)
        marked = _marked(values)
        gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
        heads_only = request.method == "HEAD"
        if not heads_only and not seats.take():
            text = f"Already {MAX_DOWNLOADS} files are being sent; try again in a few seconds"
            raise refusal(503, text, headers={"Retry-After": "5"})
        response.headers["Content-Type"] = csv_rows.MEDIA
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(context)}"'
        response.headers["Cache-Control"] = "no-store"
        return iter(()) if heads_only else _file(context, call, seats, gone, marked=marked)

    return [Route("GET", "/v1/csv/events", answer)]


def _file(
    context: RestContext, call: EventsCall, seats: Seats, gone: Callable[[], bool], *, marked: bool
) -> Iterator[bytes]:
    try:
        if call.wait_s > 0:
            wait_for(context, replace(call, query=replace(call.query, limit=1)), gone)
        query = _up_to_now(context, call.query)  # before anything is sent: who reads on has what was there at the call
        yield (csv_rows.BOM if marked else b"") + csv_rows.header()
        for page in pages(context.log.select, query):
            if gone() or context.closing.is_set():
                raise BrokenOff("the client is gone, or the device stops")
            yield csv_rows.rows(page, context.timezone)
    except StoreError as error:
        raise BrokenOff(str(error)) from error
    finally:
        seats.leave()


def _up_to_now(context: RestContext, query: EventQuery) -> EventQuery:
    """Return the same without what is committed from now on: the file has an end, whatever happens meanwhile."""
    end_id = context.log.last_event_id() + 1
    return replace(query, until_id=end_id if query.until_id is None else min(query.until_id, end_id))


def _marked(values: Mapping[str, str]) -> bool:
    """Tell whether the file is to begin with the mark by which Excel knows UTF-8."""
    text = values.get("bom", "0")
    if text not in ("0", "1"):
        raise BadParameter("bom", "must be 0 or 1")
    return text == "1"


def _file_name(context: RestContext) -> str:
    """Return a name that every system takes: the device's, a host name, and the local time of the call."""
    now = datetime.fromtimestamp(context.clock.now_us() / 1e6, context.timezone)
    return f"events-{device_name(context)}-{now:%Y%m%d-%H%M%S}.csv"
