"""A test alarm of a whole device: webhooks, broker and program get it, each is reported, and nothing counts it."""

import json
import time
from pathlib import Path
from typing import Any

from tests.support.appliance import Appliance, appliance, start, until
from tests.support.broker import Broker, Listener
from tests.support.programs import script
from tests.support.receivers import Receiver, answer, hang

CHANNEL = """\
  - name: Gate
    source: {file: {path: none.mp4}}
    disconnect: false
    sabotage: false
    rules:
      - {line: Door, points: [[0.5, 0.1], [0.5, 0.9]], tailgating: {}}
"""
NINE = ["channel_id", "channel_name", "event_name", "event_origin", "event_time", "event_type", "object_id"]
NINE += ["rule_id", "rule_name"]


def ring(running: Appliance, folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Return the command's code, and its report by target."""
    path = folder / "report"
    path.unlink(missing_ok=True)
    with start(["test-alarm", "Door", "--json", "--config", str(running.config), *words], path) as asked:
        code = asked.wait(60)
    report, _ = json.JSONDecoder().raw_decode(path.read_text())
    return code, {row["target"]: row for row in report["targets"]}


def test_each_gets_it_marked_and_is_reported(tmp_path: Path) -> None:
    keeper = script(tmp_path / "keep", f"cat > {tmp_path}/got")
    with (
        Receiver() as well,
        Receiver(answer(500)) as broken,
        Receiver(hang) as stuck,
        Broker(tmp_path / "broker") as broker,
    ):
        urls = [well.url, broken.url, stuck.url]
        more = (
            "webhooks:\n"
            + "".join(f"  - {{url: '{url}'}}\n" for url in urls)
            + f"  - {{url: '{well.url}', events: [Sabotage]}}\n  - {{url: '{well.url}', when: hourly}}\n"
            + f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}\nprograms: [{{command: [{keeper}]}}]\n"
        )
        with appliance(tmp_path, CHANNEL, more=more) as running, Listener(broker, ("edge/#",)) as listener:
            running.serve()
            until("the broker has it", lambda: any(each.payload == b"online" for each in listener.heard()))
            began_s = time.monotonic()
            code, rows = ring(running, tmp_path)
            assert time.monotonic() - began_s < 15
            assert code == 1
            assert {name: row["delivered"] for name, row in rows.items()} == {
                "webhook 1": True,
                "webhook 2": False,
                "webhook 3": False,
                "mqtt": True,
                "program 1": True,
            }
            assert (rows["webhook 1"]["http_status"], rows["webhook 2"]["http_status"]) == (200, 500)
            assert rows["webhook 3"]["seconds"] < 6
            assert "s3cret" not in json.dumps(rows) + running.log.read_text()
            _seen(well, listener, tmp_path)
            code, rows = ring(running, tmp_path, "--url", "1")
            assert (code, list(rows)) == (0, ["webhook 1"])
            assert running.get("/v1/json/events") == []
            assert running.get("/v1/json/events/totals/rule") == []
            assert running.stop() == 0


def _seen(well: Receiver, listener: Listener, folder: Path) -> None:
    (request,) = well.received
    assert list(request.json) == NINE
    assert (request.json["event_type"], request.json["rule_name"], request.json["object_id"]) == (
        "TripwireCrossed",
        "Door",
        -1,
    )
    assert request.headers["x-edge-test"] == "1"
    assert "x-edge-event-id" not in request.headers
    until("subscribers have it", lambda: len([each for each in listener.heard() if b'"test"' in each.payload]) == 2)
    body = json.loads((folder / "got").read_text())
    assert body["test"] is True
    for each in [json.loads(each.payload) for each in listener.heard() if b'"test"' in each.payload]:
        assert {name: value for name, value in each.items() if name != "event_type"} == body
