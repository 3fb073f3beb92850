"""The whole device where there is no network at its start. Run by tests/integration/test_no_network.py."""

import json
import socket
import subprocess
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from edge.settings.ids import channel_id
from tests.support.appliance import Appliance, listening, start, until
from tests.support.broker import Broker, Listener, unavailable
from tests.support.receivers import Receiver

PORT, HOOK, BROKER = 48462, 48463, 48464
STREET, GATE = channel_id("Street"), channel_id("Gate")
SETTINGS = f"""
state_dir: STATE
device: {{name: front-door, clock_wait_s: 0}}
api: {{port: {PORT}}}
webhooks:
  - url: http://127.0.0.1:{HOOK}/hook
mqtt: {{host: 127.0.0.1, port: {BROKER}}}
channels:
  - name: Street
    source: {{demo: {{scene: street}}}}
    rules:
      - line: Pavement
        points: [[0.5, 0.3], [0.5, 1.0]]
      - zone: All
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        motion: {{}}
  - name: Gate
    source: {{rtsp: {{url: "rtsp://127.0.0.1:48465/stream"}}}}
"""


def ask(state: Path) -> dict[str, Any]:
    """What the device says of itself, where there is no network to ask it over."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(state / "control.sock"))
        line.sendall(b'{"call": "status"}\n')
        with line.makefile("rb") as answer:
            return dict(json.loads(answer.readline()))


def test_it_starts_says_what_is_missing_and_loses_nothing(tmp_path: Path) -> None:
    assert b"UP" not in subprocess.run(["ip", "link", "show", "lo"], check=True, capture_output=True).stdout
    state, config = tmp_path / "state", tmp_path / "edge.yaml"
    config.write_text(SETTINGS.replace("STATE", str(state)))
    words: list[str] = []
    with ExitStack() as stack:
        notify = stack.enter_context(listening(tmp_path / "notify", words))
        process = stack.enter_context(start(["run", "--config", str(config)], tmp_path / "log", notify=notify))
        device = Appliance(config, PORT, process, tmp_path / "log", words)
        device.hear("READY=1")
        until("the camera that needs no network works", lambda: ask(state)["channels"][0]["status"] == "ok")
        until("events are counted", lambda: ask(state)["last_event_id"] >= 2)
        until("MQTT says what it waits for", lambda: "the interface lo) is down" in ask(state)["mqtt"]["detail"])
        alone = ask(state)
        assert alone["workers"] == {}, "none has failed"
        assert alone["mqtt"]["connected"] is False
        assert alone["channels"][1]["status"] not in {"ok", "starting"}, "the one in the network is told as lost"

        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        device.serve()
        hook = stack.enter_context(Receiver(port=HOOK))
        if unavailable():
            listener = None
        else:
            broker = stack.enter_context(Broker(tmp_path / "broker", port=BROKER))
            listener = stack.enter_context(Listener(broker))
        before = [each["event_id"] for each in device.get("/v1/json/events?limit=1000")]
        assert before[0] == 1
        until("each is delivered", lambda: set(before) <= set(hook.event_ids()))
        until("each but once", lambda: len(hook.event_ids()) == len(set(hook.event_ids())))
        if listener is not None:
            until("the broker has them all", partial(all_told, listener, set(before)))
        assert ask(state)["workers"] == {}
        said = device.log.read_text()
        assert "failed and will be started again" not in said
        assert said.count("(the interface lo) is down") == 1, "told once, not at each try"
        assert device.stop() == 0


def all_told(listener: Listener, wanted: set[int]) -> bool:
    """Tell whether the broker has been given all of these."""
    told = {
        json.loads(payload)["event_id"]
        for channel in (STREET, GATE)
        for payload in listener.payloads(f"edge/front-door/{channel}/event")
    }
    return wanted <= told
