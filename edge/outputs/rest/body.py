"""The JSON that a call takes: bytes from anywhere -> an object, or a refusal that says what would be right."""

import json
from collections.abc import Mapping

from bottle import request

from edge.outputs.rest.errors import refusal

MOST_BYTES = 65_536


def json_object() -> Mapping[str, object]:
    """Return the JSON object that the call in hand brings; raises the refusal otherwise.

    Its type must be said: a browser then asks first before it sends one from a page of another origin.
    """
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise refusal(415, "This call takes JSON: send it with `Content-Type: application/json`")
    raw = request.body.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise refusal(413, f"The body must be at most {MOST_BYTES} bytes")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refusal(400, "The body is not JSON") from error
    if not isinstance(body, dict):
        raise refusal(400, "The body must be a JSON object")
    return body


def text_of(body: Mapping[str, object], name: str, *, required: bool = False) -> str:
    """Return a text of the object, empty where it is absent and may be; raises the refusal otherwise."""
    if required and name not in body:
        raise refusal(400, f"{name} is missing", parameter=name)
    value = body.get(name, "")
    if not isinstance(value, str):
        raise refusal(400, f"{name} must be a text", parameter=name)
    return value
