"""Calls of the API's application itself, without a server between."""

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

from tests.support.calls import Answer


def get(app: Callable[..., Any], path: str, parameters: Mapping[str, str]) -> Answer:
    """Return the whole answer to a GET; it must be a 200."""
    environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": urlencode(parameters)}
    setup_testing_defaults(environ)
    environ["wsgi.errors"] = io.StringIO()
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _problem: object = None) -> None:
        said.append((status, headers))

    parts = app(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = said[-1]
    assert status.startswith("200"), (status, body)
    return Answer(200, {name.lower(): value for name, value in headers}, body)
