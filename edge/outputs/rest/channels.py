"""`/v1/json/channels`: the cameras, with an ETag."""

from hashlib import blake2b

from bottle import HTTPResponse, request, response

from edge.health import ChannelHealth
from edge.outputs.channel_payload import channel_json
from edge.outputs.payload import JsonObject, json_bytes
from edge.outputs.rest.context import RestContext, Route


def routes(context: RestContext) -> list[Route]:
    """Return the call for channels."""

    def answer() -> bytes:
        body = json_bytes(channels(context))
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        headers = {"Content-Type": "application/json", "Cache-Control": "no-cache", "ETag": etag}
        if _matches(request.headers.get("If-None-Match", ""), etag):
            raise HTTPResponse(status=304, headers=headers)
        response.headers.update(headers)
        return body

    return [Route("GET", "/v1/json/channels", answer)]


def channels(context: RestContext) -> list[JsonObject]:
    """Return all channels in the order of the configuration, as the call answers them."""
    health = context.health.snapshot().channels
    unknown, now_s = ChannelHealth(), context.clock.monotonic_s()
    return [channel_json(channel, health.get(channel.id, unknown), now_s) for channel in context.settings().channels]


def _matches(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or "*" in tags
