"""The device's state in words: for `edge status` and systemd."""

from dataclasses import asdict

from edge import __version__
from edge.app.identity import default_name
from edge.outputs.delivery_payload import receivers_json
from edge.outputs.rest.context import RestContext

WELL = frozenset({"ok", "ended", "disabled"})


def status_document(context: RestContext) -> dict[str, object]:
    """Return health as a JSON object; `healthy` is what the exit code of `edge status` says."""
    settings = context.settings()
    snapshot = context.health.snapshot()
    channels = [
        {
            "id": channel.id,
            "name": channel.name,
            "status": snapshot.channels[channel.id].status if channel.id in snapshot.channels else "starting",
            "detail": snapshot.channels[channel.id].detail if channel.id in snapshot.channels else "",
            "fps": snapshot.channels[channel.id].fps if channel.id in snapshot.channels else 0.0,
        }
        for channel in settings.channels
    ]
    return {
        "name": settings.device.name or default_name(context.device_id),
        "device_id": context.device_id,
        "version": __version__,
        "healthy": snapshot.healthy and all(channel["status"] in WELL for channel in channels),
        "channels": channels,
        "workers": {name: worker.error for name, worker in snapshot.workers.items() if worker.error},
        "faults": dict(snapshot.flags),
        "programs": [{"number": number, **asdict(each)} for number, each in sorted(snapshot.programs.items())],
        "receivers": receivers_json(snapshot.outputs, context.outbox, context.deliveries),
        "mqtt": None if snapshot.broker is None else asdict(snapshot.broker),
        "last_event_id": context.log.last_event_id(),
        "waiting": context.log.waiting(),
    }


def status_line(context: RestContext) -> str:
    """Return one line: how many cameras are well, and what is wrong."""
    document = context.health.snapshot()
    names = {channel.id: channel.name for channel in context.settings().channels if channel.enabled}
    wrong = [
        f"{names[channel_id]}: {health.status}"
        for channel_id, health in document.channels.items()
        if channel_id in names and health.status not in WELL
    ]
    parts = [f"{len(names) - len(wrong)} of {len(names)} cameras well" if names else "no camera configured"]
    parts += wrong
    parts += [f"{name} restarts ({worker.error})" for name, worker in document.workers.items() if worker.error]
    parts += document.flags.values()
    return "; ".join(parts)
