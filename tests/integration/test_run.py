import re
import signal
import threading
from pathlib import Path
from typing import Any

from tests.support.appliance import Appliance, appliance, start, until, write_config
from tests.support.ports import free_port

STREET = """
  - name: Street
    source: {demo: {scene: street, fps: 10}}
    rules: [{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}]
"""
YARD = """
  - name: Yard
    source: {demo: {scene: street, seed: 2}}
"""
NAMED_OTHERWISE = STREET.replace("line: Middle", "line: Centre")


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def balanced(events: list[dict[str, Any]]) -> bool:
    appear = [(e["channel_id"], e["object_id"]) for e in events if e["type"] == "ObjectAppear"]
    gone = [(e["channel_id"], e["object_id"]) for e in events if e["type"] == "ObjectDisappear"]
    return sorted(appear) == sorted(gone) and len(set(appear)) == len(appear)


def status_of(running: Appliance, name: str) -> str:
    channels = running.get("/v1/json/channels") or []
    return next((str(channel["status"]) for channel in channels if channel["name"] == name), "")


def test_it_serves_events_tells_systemd_and_stops_in_balance(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        running.hear("READY=1")
        running.hear("WATCHDOG=1")
        well = re.compile(r"STATUS=1 of 1 cameras well; [1-9]\d* pictures a second analysed(; nothing has set the .*)?")
        until("systemd hears how it is", lambda: any(map(well.fullmatch, running.words)))
        until("an object appears", lambda: running.get("/v1/json/events?limit=1&timeout=5"))
        assert running.stop() == 0
        running.hear("STOPPING=1")
    with appliance(tmp_path, YARD, port=free_port()) as again:
        again.serve()
        events = again.get("/v1/json/events?limit=1000")
        street = [event for event in events if event["channel_name"] == "Street"]
        assert street
        assert balanced(street)


def test_sigterm_answers_a_waiting_client_at_once(tmp_path: Path) -> None:
    with appliance(tmp_path, "  []\n") as running:
        running.serve()
        answers: list[object] = []
        client = threading.Thread(target=lambda: answers.append(running.get("/v1/json/events?timeout=50&sinceId=99")))
        client.start()
        until("the client waits", lambda: "edge_waiting_clients 1" in running.text("/metrics"))
        assert running.stop() == 0
        client.join(20)
        assert answers == [[]]


def test_sighup_adds_changes_and_removes_channels_and_loses_nothing(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        until("the street is seen", lambda: status_of(running, "Street") == "ok")
        before = until("an event", lambda: running.get("/v1/json/events?limit=1000&timeout=5"))
        write_config(running.config, STREET + YARD, running.port)
        running.process.send_signal(signal.SIGHUP)
        until("the yard is seen", lambda: status_of(running, "Yard") == "ok")
        write_config(running.config, NAMED_OTHERWISE, running.port)
        running.process.send_signal(signal.SIGHUP)
        until("the yard is gone", lambda: status_of(running, "Yard") == "")
        channels = running.get("/v1/json/channels")
        assert [rule["rule_name"] for rule in channels[0]["rules"]] == ["Centre"]
        after = running.get("/v1/json/events?limit=1000")
        assert after[: len(before)] == before
        yard = [event for event in after if event["channel_name"] == "Yard"]
        assert balanced(yard)
        assert running.stop() == 0


def test_a_channel_kept_alive_shows_its_picture_and_nothing_else_and_the_same_camera_goes_on(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        until("an object appears", lambda: running.get("/v1/json/events?limit=1&timeout=5"))
        write_config(running.config, STREET + "    enabled: false\n    keep_alive: true\n", running.port)
        running.process.send_signal(signal.SIGHUP)
        until("it rests", lambda: status_of(running, "Street") == "disabled")
        until("it is still connected", lambda: running.get("/v1/status")["channels"][0]["detail"].startswith("conn"))
        until("its picture is there", lambda: running.get("/v1/status")["channels"][0]["picture"])
        until("what was open is closed", lambda: balanced(running.get("/v1/json/events?limit=1000")))
        told = running.get("/v1/json/events?limit=1000")
        assert running.get("/v1/json/events?limit=1000") == told
        write_config(running.config, STREET, running.port)
        running.process.send_signal(signal.SIGHUP)
        until("it is looked at again", lambda: status_of(running, "Street") == "ok")
        until("an object appears", lambda: len(running.get("/v1/json/events?limit=1000")) > len(told))
        assert running.log.read_text().count("Street: video of") == 1
        assert running.stop() == 0


def test_sighup_with_two_names_swapped_keeps_both_cameras(tmp_path: Path) -> None:
    both = """
  - {name: FIRST, id: aaaaaaaa-0000-4000-8000-000000000001, source: {demo: {seed: 1}}}
  - {name: SECOND, id: bbbbbbbb-0000-4000-8000-000000000002, source: {demo: {seed: 2}}}
"""
    with appliance(tmp_path, both) as running:
        running.serve()
        until("both are seen", lambda: status_of(running, "FIRST") == status_of(running, "SECOND") == "ok")
        swapped = both.replace("FIRST", "x").replace("SECOND", "FIRST").replace("x", "SECOND")
        write_config(running.config, swapped, running.port)
        running.process.send_signal(signal.SIGHUP)
        until("the names are new", lambda: running.get("/v1/json/channels")[0]["name"] == "SECOND")
        until("both are seen again", lambda: status_of(running, "FIRST") == status_of(running, "SECOND") == "ok")


def test_sighup_with_a_broken_file_keeps_running_and_says_so(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        running.config.write_text("chanels: []\n")
        running.process.send_signal(signal.SIGHUP)
        until("the mistake is told", lambda: "did you mean" in running.log.read_text())
        assert [channel["name"] for channel in running.get("/v1/json/channels")] == ["Street"]
        state = tmp_path / "state"
        with start(["status", "--state", str(state)], tmp_path / "status") as asked:
            assert asked.wait(30) == 1
        assert "fault configuration" in (tmp_path / "status").read_text()


def test_sighup_moves_the_api_to_another_port_and_long_polls_go_on(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        running.port = free_port()
        write_config(running.config, STREET, running.port)
        running.process.send_signal(signal.SIGHUP)
        running.serve()
        last = until("an event", lambda: running.get("/v1/json/events?limit=1&order=DESC&timeout=10"))[0]["event_id"]
        found = until("a later event", lambda: running.get(f"/v1/json/events?sinceId={last}&timeout=20"))
        assert found[0]["event_id"] > last


def test_sighup_with_less_room_for_pictures_removes_them(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        assert 'edge_worker_running{worker="store-check"} 1' in running.text("/metrics")
        until("a picture is kept", lambda: list((tmp_path / "state" / "snapshots").glob("*/*.jpg")))
        write_config(running.config, STREET, running.port, "retention: {snapshots_mb: 0}")
        running.process.send_signal(signal.SIGHUP)
        until("the pictures are gone", lambda: not list((tmp_path / "state" / "snapshots").glob("*/*.jpg")))
        assert running.stop() == 0


def test_a_taken_port_is_told_and_served_once_it_is_free(tmp_path: Path) -> None:
    port = free_port()
    demo = ["demo", "--port", str(port), "--state", str(tmp_path / "first")]
    with start(demo, tmp_path / "first-log") as first:
        until("the demo has the port", lambda: "listening" in (tmp_path / "first-log").read_text())
        with appliance(tmp_path, "  []\n", port=port) as running:
            until("the fault is told", lambda: f"port {port}" in running.log.read_text())
            assert running.process.poll() is None
            first.terminate()
            first.wait(30)
            until("it listens", lambda: running.get("/v1/json/channels") == [])


def test_a_second_demo_ends_with_one_line(tmp_path: Path) -> None:
    port = free_port()
    with start(["demo", "--port", str(port), "--state", str(tmp_path / "first")], tmp_path / "first-log"):
        until("the demo has the port", lambda: "listening" in (tmp_path / "first-log").read_text())
        with start(["demo", "--port", str(port), "--state", str(tmp_path / "second")], tmp_path / "log") as second:
            assert second.wait(60) == 1
    assert (
        tmp_path / "log"
    ).read_text() == f"edge: port {port} is taken by another program; name another with --port\n"


def test_status_is_healthy_only_while_it_runs_well(tmp_path: Path) -> None:
    with appliance(tmp_path, STREET) as running:
        running.serve()
        until("the street is seen", lambda: status_of(running, "Street") == "ok")
        with start(["status", "--config", str(running.config)], tmp_path / "well") as asked:
            assert asked.wait(30) == 0
        running.stop()
        with start(["status", "--config", str(running.config)], tmp_path / "gone") as asked:
            assert asked.wait(30) == 1
    assert "healthy" in (tmp_path / "well").read_text()
    assert "edge: no device is running here" in (tmp_path / "gone").read_text()
