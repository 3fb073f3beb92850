"""`/v1/status`: what the status page shows, in one answer."""

from collections.abc import Mapping

from bottle import response

from edge import __version__
from edge.health import ChannelHealth, DiskHealth
from edge.model.event import Direction
from edge.outputs.channel_payload import channel_health_json, channel_state
from edge.outputs.delivery_payload import receivers_json
from edge.outputs.payload import JsonObject, JsonValue, json_bytes, local_time
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.pages import device_name
from edge.outputs.rest.update import rolled_back, update_json
from edge.outputs.tally import LineCounts, LineKey
from edge.picture.board import View
from edge.picture.occupancy import inside
from edge.settings import ChannelSettings, LineSettings, ZoneSettings


def routes(context: RestContext) -> list[Route]:
    """Return the call."""
    counts = LineCounts(context.log, context.clock, context.timezone)

    def answer() -> bytes:
        response.content_type = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return json_bytes(status(context, counts.today()))

    return [Route("GET", "/v1/status", answer)]


def status(context: RestContext, crossings: Mapping[LineKey, int]) -> JsonObject:
    """Return the state of the device and its channels."""
    health = context.health.snapshot()
    update = context.updates.status()
    faults = dict(health.flags) | {
        name: f"{name} does not run; the device's log says why"
        for name, worker in health.workers.items()
        if not worker.running
    }
    return {
        "device_name": device_name(context),
        "version": __version__,
        "time": local_time(context.clock.now_us(), context.timezone),
        "clock_synced": context.clock.synced(),
        "healthy": health.healthy,
        "faults": [{"name": name, "text": text} for name, text in faults.items()],
        "notices": [{"name": name, "text": text} for name, text in {**health.notices, **rolled_back(update)}.items()],
        "update": update_json(update),
        "receivers": list(receivers_json(health.outputs, context.outbox, context.deliveries)),
        "disk": _disk(health.disk or DiskHealth()),
        "last_event_id": context.log.last_event_id(),
        "channels": [
            _channel(context, channel, health.channels.get(channel.id, ChannelHealth()), crossings)
            for channel in context.settings().channels
        ],
    }


def _disk(disk: DiskHealth) -> JsonObject:
    return {
        "name": disk.name,
        "size_bytes": disk.size_bytes,
        "written_a_day": disk.written_a_day,
        "written_last_day": disk.written_last_day,
        "own_last_day": disk.own_last_day,
        "lasts_years": disk.lasts_years,
    }


def _channel(
    context: RestContext, channel: ChannelSettings, health: ChannelHealth, crossings: Mapping[LineKey, int]
) -> JsonObject:
    view = context.board.latest(channel.id)
    status, detail = channel_state(channel, health)
    return {
        "channel_id": channel.id,
        "name": channel.name,
        "enabled": channel.enabled,
        "status": status,
        "detail": detail,
        "picture": view is not None,
        "width": health.width,
        "height": health.height,
        "fps": round(health.fps, 1),
        "analysed_fps": round(health.analysed_fps, 1),
        "health": channel_health_json(channel, health, context.clock.monotonic_s()),
        "lines": _lines(channel, crossings),
        "zones": _zones(channel, view if health.fps > 0 else None),
    }


def _lines(channel: ChannelSettings, crossings: Mapping[LineKey, int]) -> list[JsonValue]:
    return [
        {
            "rule_id": rule.id,
            "rule_name": rule.line,
            "a_to_b": crossings.get((rule.id, Direction.A_TO_B), 0),
            "b_to_a": crossings.get((rule.id, Direction.B_TO_A), 0),
        }
        for rule in channel.rules
        if isinstance(rule, LineSettings) and rule.enabled
    ]


def _zones(channel: ChannelSettings, view: View | None) -> list[JsonValue]:
    """Return the zones with who is inside; nobody where the camera gives no pictures at this moment."""
    return [
        {
            "rule_id": rule.id,
            "rule_name": rule.zone,
            "inside": 0 if view is None else inside(view.scene, rule),
        }
        for rule in channel.rules
        if isinstance(rule, ZoneSettings) and rule.enabled
    ]
