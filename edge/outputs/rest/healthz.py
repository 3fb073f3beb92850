"""`/healthz`: whether the device is well, for whoever watches it; open, and without details."""

from bottle import response

from edge.outputs.payload import json_bytes
from edge.outputs.rest.context import RestContext, Route


def routes(context: RestContext) -> list[Route]:
    """Return the call."""

    def answer() -> bytes:
        healthy = context.health.snapshot().healthy
        response.status = 200 if healthy else 503
        response.content_type = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return json_bytes({"status": "ok" if healthy else "failing"})

    return [Route("GET", "/healthz", answer, open=True)]
