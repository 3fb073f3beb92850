"""The whole program while something else fills its disk: it lives, counts, says so; with room all is as before."""

import os
from pathlib import Path
from typing import Any

from tests.support.appliance import Appliance, appliance, until
from tests.support.disks import hog, mounted

STREET = "  - {name: Street, source: {demo: {scene: street}}, detector: {kind: motion}}\n"


def events(device: Appliance) -> list[dict[str, Any]]:
    return device.get("/v1/json/events?limit=1000&sinceId=0") or []


def notices(device: Appliance) -> list[str]:
    return [each["name"] for each in (device.get("/v1/status") or {"notices": []})["notices"]]


def pictures(state: Path) -> int:
    return sum(1 for _ in (state / "snapshots").glob("*/*.jpg"))


def test_a_disk_that_is_filled_costs_pictures_and_no_event(tmp_path: Path) -> None:
    with mounted(tmp_path / "state") as state, appliance(tmp_path, STREET) as device:
        device.serve()
        until("some events with a picture", lambda: len(events(device)) >= 2 and pictures(state))
        before = {each["event_id"]: each["type"] for each in events(device)}
        big = hog(state)
        until("it is told", lambda: "disk_full" in notices(device))
        until("no picture is in the way", lambda: pictures(state) == 0)
        until("counting goes on", lambda: len(events(device)) > len(before))
        assert {each["event_id"]: each["type"] for each in events(device)}.items() >= before.items()
        big.unlink()
        until("it is over", lambda: "disk_full" not in notices(device))
        assert device.process.poll() is None
        assert device.stop() == 0
        assert "Traceback" not in device.log.read_text()


def test_it_starts_where_not_a_byte_is_free_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "state") as state:
        with appliance(tmp_path, STREET) as device:
            device.serve()
            until("some events with a picture", lambda: len(events(device)) >= 2 and pictures(state))
            assert device.stop() == 0
        big = hog(state)
        assert os.statvfs(state).f_bavail == 0
        with appliance(tmp_path, STREET) as device:
            device.serve()
            device.hear("READY=1")
            before = {each["event_id"]: each["type"] for each in events(device)}
            assert len(before) >= 2
            until("it is told", lambda: "disk_full" in notices(device))
            until("counting goes on", lambda: len(events(device)) > len(before))
            big.unlink()
            until("it is over", lambda: "disk_full" not in notices(device))
            after = {each["event_id"]: each["type"] for each in events(device)}
            assert after.items() >= before.items()
            assert device.process.poll() is None
            assert device.stop() == 0
        with appliance(tmp_path, STREET) as device:
            device.serve()
            kept = {each["event_id"]: each["type"] for each in events(device)}
            assert kept.items() >= after.items(), "what was told while it was full is in the log"
            assert device.stop() == 0
        assert "Traceback" not in device.log.read_text()
