"""How a call is refused: `{"error", "parameter"}` on the compatible calls, a problem document (RFC 9457) on our own."""

from http import HTTPStatus

from bottle import HTTPError, HTTPResponse, request, response

from edge.outputs.payload import JsonObject, json_bytes

COMPATIBLE = "/v1/json/"


def refusal(status: int, text: str, *, parameter: str = "", headers: dict[str, str] | None = None) -> HTTPResponse:
    """Return the answer that refuses the call in hand, to be raised; `text` says what to do."""
    body, media = _body(status, text, parameter)
    return HTTPResponse(body, status, {"Content-Type": media, **(headers or {})})


def error_page(error: HTTPError) -> bytes:
    """Bottle's own errors (no such path, wrong method, a fault of ours) in the same form, without any stack trace."""
    status = error.status_code
    text = {
        404: "No such path; see /docs for those there are",
        405: f"{request.method} is not possible here; see the Allow header",
    }.get(status, "The device could not answer this; its log says why")
    body, media = _body(status, text, "")
    response.content_type = media
    return body


def _body(status: int, text: str, parameter: str) -> tuple[bytes, str]:
    if f"{request.path}/".startswith(COMPATIBLE):
        return json_bytes({"error": text, "parameter": parameter}), "application/json"
    problem: JsonObject = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
    }
    if parameter:
        problem["parameter"] = parameter
    return json_bytes(problem), "application/problem+json"
