"""Programs of a running device: real processes, run by a real process."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.support.appliance import Appliance, appliance, start, until, write_config
from tests.support.programs import alive, script

STREET = "  - {name: Street, source: {demo: {}}}\n"


def got(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / name
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


def status_of(running: Appliance, folder: Path) -> str:
    with start(["status", "--config", str(running.config)], folder / "status") as asked:
        asked.wait(30)
    text = (folder / "status").read_text()
    (folder / "status").unlink()
    return text


def test_programs_are_run_beside_one_that_hangs_and_one_that_is_missing(tmp_path: Path) -> None:
    keeper = script(tmp_path / "keep", f"cat >> {tmp_path}/got")
    hangs = script(tmp_path / "hang", f"echo $$ >> {tmp_path}/pids; exec sleep 1000")
    programs = (
        f"programs:\n  - {{command: [{tmp_path}/missing, s3cr3t]}}\n"
        f"  - {{command: [{hangs}], timeout_s: 900}}\n  - {{command: [{keeper}], events: [ObjectAppear]}}\n"
    )
    with appliance(tmp_path, STREET, more=programs) as running:
        running.serve()
        until("an event is handed on", lambda: got(tmp_path, "got"))
        told = {event["event_id"]: event for event in running.get("/v1/json/events?limit=1000")}
        for body in got(tmp_path, "got"):
            assert body["type"] == "ObjectAppear"
            assert body == told[body["event_id"]]
        text = status_of(running, tmp_path)
        assert "fault program 1: missing cannot be started: " in text
        assert "program 3 (keep): " in text
        assert "s3cr3t" not in text + running.log.read_text()
        until("the other hangs", (tmp_path / "pids").exists)
        with start(["test-alarm", "Motion detection", "--config", str(running.config)], tmp_path / "alarm") as asked:
            assert asked.wait(30) == 1
        (hanging, tested) = [int(line) for line in (tmp_path / "pids").read_text().split()]
        assert alive(hanging)
        assert not alive(tested)
        assert running.stop() == 0
    assert not alive(hanging)
    alarm = (tmp_path / "alarm").read_text()
    assert "program 1 (missing): MotionInRegionOn: cannot be started: there is no such file" in alarm
    assert "program 2 (hang): MotionInRegionOn: had not ended after 4.4 s" in alarm
    assert "program 3" not in alarm
    numbers = [body["event_id"] for body in got(tmp_path, "got")]
    assert numbers == sorted(set(numbers))


def test_a_program_comes_and_goes_with_the_settings(tmp_path: Path) -> None:
    keeper = script(tmp_path / "keep", f"cat >> {tmp_path}/got")
    with appliance(tmp_path, STREET) as running:
        running.serve()
        write_config(running.config, STREET, running.port, f"programs: [{{command: [{keeper}]}}]")
        running.process.send_signal(signal.SIGHUP)
        until("it is run", lambda: got(tmp_path, "got"))
        hangs = script(tmp_path / "hang", f"echo $$ >> {tmp_path}/pids; exec sleep 1000")
        both = f"programs: [{{command: [{keeper}]}}, {{command: [{hangs}], timeout_s: 900}}]"
        write_config(running.config, STREET, running.port, both)
        running.process.send_signal(signal.SIGHUP)
        until("the other runs", (tmp_path / "pids").exists)
        assert "program 1 (keep): 0 runs well" not in status_of(running, tmp_path)  # it is not touched
        write_config(running.config, STREET, running.port)
        running.process.send_signal(signal.SIGHUP)
        until("it is forgotten", lambda: "program" not in status_of(running, tmp_path))
        assert not alive(int((tmp_path / "pids").read_text()))
        count = len(got(tmp_path, "got"))
        until("more events", lambda: running.get(f"/v1/json/events?sinceId={count}&timeout=5"))
        assert len(got(tmp_path, "got")) == count
        assert running.stop() == 0
