"""`/v1/backup`, `/v1/restore`: a device in one file, made and taken back over the network. Always with a token."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from bottle import request, response

from edge.backup.desk import Desk, Offer
from edge.backup.errors import BackupError, NoRoom
from edge.backup.make import Backup, Wanted
from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.csv_events import BrokenOff
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.inflow import MEDIA
from edge.outputs.rest.pages import device_name
from edge.outputs.rest.query import BadParameter, parse_parameters
from edge.outputs.rest.seats import Seats

MAX_BACKUPS = 1
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def routes(context: RestContext) -> list[Route]:
    """Return the calls."""
    return [
        Route("GET", "/v1/backup", _backup(context), secret=True),
        Route("POST", "/v1/restore", _take(context), writes=True, secret=True),
        Route("POST", "/v1/restore/begin", _begin(context), writes=True, secret=True),
        Route("POST", "/v1/restore/cancel", _cancel(context), writes=True, secret=True),
    ]


def _desk(context: RestContext) -> Desk:
    if context.desk is None:
        raise refusal(503, "This device has no settings file of its own to back up, as a demo has none")
    return context.desk


def _backup(context: RestContext) -> Callable[[], Iterator[bytes]]:
    seats = Seats(lambda: MAX_BACKUPS)

    def answer() -> Iterator[bytes]:
        values = parse_parameters(request.query_string)
        wanted = Wanted(secrets=_switch(values, "secrets"), pictures=_switch(values, "pictures"))
        desk = _desk(context)
        ends = _ends(context)
        response.headers["Content-Type"] = "application/octet-stream"
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(context)}"'
        response.headers["Cache-Control"] = "no-store"
        if request.method == "HEAD":
            return iter(())
        if not seats.take():
            raise refusal(503, "Another backup is being made; try again in a minute", headers={"Retry-After": "60"})
        try:
            made = desk.backup(wanted, lambda: not ends())
        except BackupError as error:
            seats.leave()
            raise refusal(503, str(error), headers={"Retry-After": "60"}) from error
        except BaseException:
            seats.leave()
            raise
        return _pieces(made, ends, seats)

    return answer


def _ends(context: RestContext) -> Callable[[], bool]:
    """Return what tells whether nobody waits for the answer in hand any more."""
    gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
    return lambda: gone() or context.closing.is_set()


def _pieces(made: Backup, ends: Callable[[], bool], seats: Seats) -> Iterator[bytes]:
    """Yield the bytes; who reads on has the device as it was at the call."""
    try:
        for piece in made.pieces:
            if ends():
                raise BrokenOff("the client is gone, or the device stops")
            yield piece
    except (BackupError, OSError) as error:
        raise BrokenOff(str(error)) from error
    finally:
        seats.leave()


def _take(context: RestContext) -> Callable[[], bytes]:
    def answer() -> bytes:
        values = parse_parameters(request.query_string)
        desk = _desk(context)
        replace_it = _identity(values) if "identity" in values else None
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != MEDIA:
            raise refusal(415, f"This call takes a backup: send it with `Content-Type: {MEDIA}`")
        try:
            offer = desk.take(request.environ["wsgi.input"])
            chosen = None if replace_it is None else desk.restore(replace_it=replace_it, offer=offer)
        except NoRoom as error:
            raise refusal(507, str(error)) from error
        except BackupError as error:
            raise refusal(400, str(error)) from error
        except TimeoutError as error:
            raise refusal(408, f"The upload was broken off: {error}") from error
        return _json({**_offer(offer), "begun": chosen is not None, "becomes": "" if chosen is None else chosen.value})

    return answer


def _begin(context: RestContext) -> Callable[[], bytes]:
    def answer() -> bytes:
        replace_it = _identity(parse_parameters(request.query_string))
        try:
            chosen = _desk(context).restore(replace_it=replace_it)
        except BackupError as error:
            raise refusal(409, str(error)) from error
        return _json({"begun": True, "becomes": chosen.value})

    return answer


def _cancel(context: RestContext) -> Callable[[], bytes]:
    def answer() -> bytes:
        _desk(context).forget()
        return _json({"begun": False, "becomes": ""})

    return answer


def _offer(offer: Offer) -> JsonObject:
    head = offer.unpacked.head
    return {
        "device_id": head.device_id,
        "device_name": head.device_name,
        "version": head.version,
        "time_utc": f"{datetime.fromtimestamp(head.time_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "events": head.events,
        "last_event_id": head.last_event_id,
        "pictures": offer.unpacked.pictures,
        "same_device": offer.same_device,
        "keep": offer.keep,
        "replace": offer.replace,
        "notes": list(offer.unpacked.notes),
    }


def _json(body: JsonObject) -> bytes:
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return json_bytes(body)


def _switch(values: Mapping[str, str], name: str) -> bool:
    text = values.get(name, "1")
    if text not in ("0", "1"):
        raise BadParameter(name, "must be 0 or 1")
    return text == "1"


def _identity(values: Mapping[str, str]) -> bool:
    text = values.get("identity", "keep")
    if text not in ("keep", "replace"):
        raise BadParameter("identity", "must be keep or replace")
    return text == "replace"


def _file_name(context: RestContext) -> str:
    now = datetime.fromtimestamp(context.clock.now_us() / 1e6, context.timezone)
    return f"{_UNFIT.sub('-', device_name(context))}-{now:%Y%m%d-%H%M}.backup"
