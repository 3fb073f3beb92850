"""Pictures: of events, the newest of each channel, and live as MJPEG."""

import time
from collections.abc import Callable, Iterator

from bottle import HTTPResponse, request, response

from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal
from edge.outputs.rest.look import Look, Looks, fps_asked, look_asked
from edge.outputs.rest.query import MAX_ID, parse_parameters
from edge.outputs.rest.viewers import Viewers
from edge.picture.board import View
from edge.settings import ChannelSettings

MAX_VIEWERS = 8
MAX_VIEWERS_A_CHANNEL = 4
SLICE_S = 1.0
"""A viewer's thread looks so often whether its client is still there."""
REST_S = 0.01
"""The least pause between two looks: where nobody may wait for pictures any more, this loop does not spin."""
BOUNDARY = "edge-picture"


def routes(context: RestContext) -> list[Route]:
    """Return the three calls for pictures."""
    looks = Looks(context)
    viewers = Viewers(MAX_VIEWERS, MAX_VIEWERS_A_CHANNEL)
    return [
        Route("GET", "/v1/snapshots/<event_id:int>.jpg", _event_picture(context)),
        Route("GET", "/v1/channels/<channel_id>/snapshot.jpg", _channel_picture(context, looks)),
        Route("GET", "/v1/mjpeg/<channel_id>", _live(context, looks, viewers)),
    ]


def _event_picture(context: RestContext) -> Callable[..., bytes]:
    def answer(event_id: int) -> bytes:
        jpeg = context.log.snapshot(event_id) if 0 < event_id <= MAX_ID else None
        if jpeg is None:
            raise refusal(404, "This event has no picture, or it is gone", headers={"Cache-Control": "no-store"})
        whose = "private" if context.settings().api.auth == "all" else "public"
        response.content_type = "image/jpeg"
        response.headers["Cache-Control"] = f"{whose}, max-age=31536000, immutable"
        return jpeg

    return answer


def _channel_picture(context: RestContext, looks: Looks) -> Callable[..., bytes]:
    def answer(channel_id: str) -> bytes:
        look = look_asked(parse_parameters(request.query_string))
        _channel(context, channel_id)
        view = context.board.latest(channel_id)
        if view is None:
            raise _none_yet()
        etag = f'"{view.frame.time_us:x}-{view.frame.sequence:x}-{look.width}-{look.overlay:d}"'
        headers = {"Content-Type": "image/jpeg", "Cache-Control": "no-cache", "ETag": etag}
        if request.headers.get("If-None-Match", "") == etag:
            raise HTTPResponse(status=304, headers=headers)
        response.headers.update(headers)
        return looks.jpeg(view, look)

    return answer


def _live(context: RestContext, looks: Looks, viewers: Viewers) -> Callable[..., Iterator[bytes]]:
    def answer(channel_id: str) -> Iterator[bytes]:
        values = parse_parameters(request.query_string)
        look, fps = look_asked(values), fps_asked(values)
        channel = _channel(context, channel_id)
        if context.board.latest(channel_id) is None:
            raise _none_yet()
        gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
        heads_only = request.method == "HEAD"
        if not heads_only and not viewers.take(channel_id):
            text = f"Already {MAX_VIEWERS_A_CHANNEL} watch this channel, or {MAX_VIEWERS} in all; try again later"
            raise refusal(503, text, headers={"Retry-After": "10"})
        response.content_type = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        if heads_only:
            return iter(())
        return _parts(_views(context, channel, 1.0 / fps, gone), looks, look, lambda: viewers.leave(channel_id))

    return answer


def _parts(views: Iterator[View], looks: Looks, look: Look, leave: Callable[[], None]) -> Iterator[bytes]:
    """Give each picture with the boundary that follows it: browsers show a picture once its end is there."""
    try:
        yield b"--%b\r\n" % BOUNDARY.encode()
        for view in views:
            jpeg = looks.jpeg(view, look)
            head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            yield head + jpeg + b"\r\n--%b\r\n" % BOUNDARY.encode()
    finally:
        leave()


def _views(context: RestContext, channel: ChannelSettings, every_s: float, gone: Callable[[], bool]) -> Iterator[View]:
    """Give the channel's newest views, one every `every_s` at most, until nobody looks or there is nothing to see."""
    sequence = -1
    due_s = time.monotonic()
    while not gone() and channel.id in (each.id for each in context.settings().channels if each.enabled):
        if context.closing.wait(max(REST_S, due_s - time.monotonic())):
            return
        view = context.board.wait_newer(channel.id, sequence, SLICE_S)
        if view is not None:
            sequence = view.frame.sequence
            due_s = max(due_s + every_s, time.monotonic())
            yield view


def _channel(context: RestContext, channel_id: str) -> ChannelSettings:
    for channel in context.settings().channels:
        if channel.id == channel_id:
            return channel
    raise refusal(404, "There is no such channel; see /v1/json/channels for those there are")


def _none_yet() -> HTTPResponse:
    return refusal(503, "This channel has given no picture yet; see its status", headers={"Retry-After": "2"})
