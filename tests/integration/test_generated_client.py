"""A client generated from the served definition by a public generator polls and receives."""

import json
import os
import subprocess
import sys
from pathlib import Path

from openapi_python_client.cli import app as generator

from tests.support.calls import eventually
from tests.support.device import crossing, door_channel
from tests.support.rest import Device, serving

PROGRAM = """
import json, sys
from generated import Client
from generated.api.events import get_channels, get_events, get_totals_by_type
from generated.models import EventType, GetEventsOrder

client = Client(base_url=sys.argv[1])
(channel,) = get_channels.sync(client=client)
cursor = 0
while True:
    events = get_events.sync(client=client, since_id=cursor, order=GetEventsOrder.ASC, timeout=20.0)
    for event in events:
        assert event.type_ is EventType.TRIPWIRECROSSED and event.channel_id == channel.channel_id
        cursor = event.event_id
        print(json.dumps({"event_id": event.event_id, "direction": event.direction.value,
                          "utc": event.time_utc.isoformat(), "login": channel.login}), flush=True)
    if cursor >= 3:
        break
(total,) = get_totals_by_type.sync(client=client)
print(json.dumps({"total": total.type_count}), flush=True)
"""


def test_it_polls_and_receives(tmp_path: Path) -> None:
    with serving(tmp_path / "device", channels=[door_channel()]) as device:
        folder = tmp_path / "client"
        _generate(device, folder)
        device.commit(crossing())
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        words = [sys.executable, "-c", PROGRAM, device.url]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout is not None
            first = json.loads(client.stdout.readline())
            assert (first["event_id"], first["direction"], first["login"]) == (1, "a_to_b", None)
            assert first["utc"].endswith("+00:00")
            eventually(lambda: device.context.log.waiting() == 1)
            device.commit(crossing(), crossing())
            rows = [json.loads(line) for line in client.stdout]
        assert client.returncode == 0
        assert [row.get("event_id") for row in rows] == [2, 3, None]
        assert rows[-1] == {"total": 3}


def _generate(device: Device, folder: Path) -> None:
    """Let the generator fetch the definition from the device."""
    folder.mkdir()
    settings = folder / "settings.yaml"
    settings.write_text("post_hooks: []\ncontent_type_overrides: {image/jpeg: application/octet-stream}\n")
    words = ["generate", "--url", f"{device.url}/openapi.json", "--meta", "none", "--config", str(settings)]
    generator([*words, "--output-path", str(folder / "generated"), "--overwrite"], standalone_mode=False)
