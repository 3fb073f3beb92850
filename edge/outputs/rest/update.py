"""`/v1/update`: how the device stands with updates; a bundle that is sent, or fetched from a URL."""

from bottle import request, response

from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.rest.body import json_object, text_of
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.inflow import MEDIA
from edge.outputs.rest.query import parse_parameters
from edge.update.errors import Kind, UpdateError
from edge.update.status import UpdateStatus

STATUS: dict[Kind, int] = {"refused": 422, "done": 422, "busy": 409, "unsupported": 404, "failed": 500}
PATH = "/v1/update"


def routes(context: RestContext) -> list[Route]:
    """Return both calls."""

    def state() -> bytes:
        return _answer(update_json(context.updates.status()))

    def take() -> bytes:
        media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        try:
            return _install(context) if media == MEDIA else _fetch(context)
        except UpdateError as error:
            raise refusal(STATUS[error.kind], str(error)) from error

    return [Route("GET", PATH, state), Route("POST", PATH, take, writes=True)]


def update_json(status: UpdateStatus) -> JsonObject:
    """Return the wire form of how a device stands with updates."""
    last = status.last
    return {
        "supported": status.supported,
        "board": status.board,
        "version": status.version,
        "slot": status.slot,
        "phase": status.progress.phase,
        "percent": status.progress.percent,
        "error": status.progress.error,
        "last_version": "" if last is None else last.version,
        "last_result": "" if last is None else last.stage,
        "text": status.text(),
    }


def rolled_back(status: UpdateStatus) -> dict[str, str]:
    """Return a notice where the newest update did not do well; nothing else is worth one."""
    last = status.last
    return {"update": last.text()} if last is not None and last.stage == "rolled back" else {}


def _install(context: RestContext) -> bytes:
    """Hand on what comes, as it comes."""
    restart = _restart(parse_parameters(request.query_string).get("restart", "now"))
    context.updates.require_supported()
    if not request.content_length > 0:
        raise refusal(411, "The bundle's length must be said: send `Content-Length`")
    stream = request.environ["wsgi.input"]
    try:
        done = context.updates.install(stream, f"upload from {request.remote_addr}", restart=restart)
    except TimeoutError as error:
        raise refusal(408, f"The update was broken off: {error}") from error
    return _answer({"text": done.text, "version": done.version, "slot": done.slot, "restart": _word(done.restart)})


def _fetch(context: RestContext) -> bytes:
    """Begin to fetch a bundle; the answer comes at once."""
    body = json_object()
    restart = _restart(text_of(body, "restart") or "now")
    url = text_of(body, "url", required=True)
    context.updates.fetch(url, restart=restart)
    response.status = 202
    return _answer({"text": f"being fetched; GET {PATH} tells how it goes", "restart": _word(restart)})


def _restart(word: str) -> bool:
    if word not in {"now", "later"}:
        raise refusal(400, "restart must be now or later", parameter="restart")
    return word == "now"


def _word(restart: bool) -> str:  # noqa: FBT001 - a value, no switch
    return "now" if restart else "later"


def _answer(body: JsonObject) -> bytes:
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return json_bytes(body)
