"""The device's state in words: for `edge status` and systemd."""

from dataclasses import asdict

from edge import __version__
from edge.app.identity import default_name
from edge.health import ChannelHealth
from edge.outputs.channel_payload import channel_health_json, channel_state
from edge.outputs.delivery_payload import receivers_json
from edge.outputs.rest.context import RestContext
from edge.settings import ChannelSettings

WELL = frozenset({"ok", "ended", "disabled"})


def status_document(context: RestContext) -> dict[str, object]:
    """Return health as a JSON object; `healthy` is what the exit code of `edge status` says."""
    settings = context.settings()
    snapshot = context.health.snapshot()
    update = context.updates.status()
    now_s = context.clock.monotonic_s()
    channels = [
        _channel(channel, snapshot.channels.get(channel.id, ChannelHealth()), now_s) for channel in settings.channels
    ]
    return {
        "name": settings.device.name or default_name(context.device_id),
        "device_id": context.device_id,
        "version": __version__,
        "healthy": snapshot.healthy and all(channel["status"] in WELL for channel in channels),
        "channels": channels,
        "workers": {name: worker.error for name, worker in snapshot.workers.items() if worker.error},
        "faults": dict(snapshot.flags),
        "notices": dict(snapshot.notices),
        "update": update.text() if update.supported else "",
        "programs": [{"number": number, **asdict(each)} for number, each in sorted(snapshot.programs.items())],
        "receivers": receivers_json(snapshot.outputs, context.outbox, context.deliveries),
        "disk": None if snapshot.disk is None else asdict(snapshot.disk),
        "mqtt": None if snapshot.broker is None else asdict(snapshot.broker),
        "https": None if snapshot.https is None else asdict(snapshot.https),
        "last_event_id": context.log.last_event_id(),
        "waiting": context.log.waiting(),
    }


def _channel(channel: ChannelSettings, health: ChannelHealth, now_s: float) -> dict[str, object]:
    status, detail = channel_state(channel, health)
    return {
        "id": channel.id,
        "name": channel.name,
        "status": status,
        "detail": detail,
        "fps": health.fps,
        **channel_health_json(channel, health, now_s),
    }


def status_line(context: RestContext) -> str:
    """Return one line: how many cameras are well, and what is wrong."""
    document = context.health.snapshot()
    channels = [channel for channel in context.settings().channels if channel.enabled]
    names = {channel.id: channel.name for channel in channels}
    wrong = [
        f"{names[channel_id]}: {health.status}"
        for channel_id, health in document.channels.items()
        if channel_id in names and health.status not in WELL
    ]
    analysed = sum(
        document.channels[channel.id].analysed_fps for channel in channels if channel.id in document.channels
    )
    parts = ["no camera configured"]
    if names:
        parts = [
            f"{len(names) - len(wrong)} of {len(names)} cameras well",
            f"{analysed:.0f} pictures a second analysed",
        ]
    parts += wrong
    parts += [f"{name} restarts ({worker.error})" for name, worker in document.workers.items() if worker.error]
    parts += [*document.flags.values(), *document.notices.values()]
    return "; ".join(parts)
