"""Stays, crowds and motion that are cut short in every way end once: kill -9, a reload, an orderly stop."""

import signal
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.appliance import Appliance, appliance, until, write_config
from tests.support.walkers import write_visit

CLOSED_BY = {
    "RegionJoin": "RegionLeave",
    "CrowdOn": "CrowdOff",
    "MotionInRegionOn": "MotionInRegionOff",
    "ObjectAppear": "ObjectDisappear",
}
ORDER = list(CLOSED_BY.values())
YARD = """
      - zone: Yard
        polygon: [[0.2, 0.0], [0.9, 0.0], [0.9, 1.0], [0.2, 1.0]]
        join_leave: true
        motion: {}
        crowd: {size: 2, on_s: 0.2}
"""
CHANNEL = """
  - name: Cam
    source: {file: {path: CLIP, loop: true, realtime: true}}
    rules:RULES
"""


def everything(device: Appliance) -> list[Any]:
    events: list[Any] = []
    while page := device.get(f"/v1/json/events?sinceId={events[-1]['event_id'] if events else 0}&limit=1000"):
        events += page
    return events


def open_now(events: list[Any]) -> Counter[tuple[str, str, str]]:
    """Return what is open: the opening type, the rule and, unless it is a zone's episode, the object."""
    opened_by = {closing: opening for opening, closing in CLOSED_BY.items()}
    counts: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        opening = opened_by.get(event["type"], event["type"])
        if opening in CLOSED_BY:
            of_one = opening in ("RegionJoin", "ObjectAppear")
            counts[opening, event["rule_id"], event["object_id"] if of_one else ""] += (
                1 if event["type"] == opening else -1
            )
    return Counter({key: count for key, count in counts.items() if count})


def until_all_is_open(device: Appliance) -> list[Any]:
    """Wait until somebody stays, moves and is in a crowd; return all events up to then."""

    def asked() -> list[Any] | None:
        events = everything(device)
        return events if {opening for opening, _, _ in open_now(events)} == set(CLOSED_BY) else None

    found: list[Any] = until("a stay, a crowd and motion are open", asked)
    return found


def check_totals(device: Appliance, events: list[Any]) -> None:
    by_type, by_rule = (device.get(f"/v1/json/events/totals/{kind}") for kind in ("type", "rule"))
    assert {row["type"]: row["type_count"] for row in by_type} == Counter(event["type"] for event in events)
    assert sum(row["rule_count"] for row in by_rule) == len(events)


def check_order(closers: list[Any]) -> None:
    ranks = [ORDER.index(each["type"]) for each in closers]
    assert ranks == sorted(ranks)


def check_dwell(leave: Any, events: list[Any]) -> None:  # noqa: ANN401 - JSON
    who = (leave["rule_id"], leave["object_id"])
    joins = [each for each in events if each["type"] == "RegionJoin" and (each["rule_id"], each["object_id"]) == who]
    stayed = moment(leave) - moment(joins[-1])
    assert leave["dwell_seconds"] == pytest.approx(stayed.total_seconds(), abs=0.002)


def moment(event: Any) -> datetime:  # noqa: ANN401 - JSON
    return datetime.fromisoformat(event.get("true_time", event["time"])[:26])


@pytest.fixture
def channel(tmp_path: Path) -> str:
    clip = tmp_path / "visit.mp4"
    write_visit(clip, 60)
    return CHANNEL.replace("CLIP", str(clip))


def test_kill_9_in_the_middle_of_a_stay_a_crowd_and_motion(tmp_path: Path, channel: str) -> None:
    with appliance(tmp_path, channel.replace("RULES", YARD)) as device:
        device.serve()
        before = until_all_is_open(device)
        device.stop(signal.SIGKILL)
    for _ in range(2):
        with appliance(tmp_path, "  []\n") as device:
            device.serve()
            events = everything(device)
            assert events[: len(before)] == before
            assert open_now(events) == {}
            check_totals(device, events)
            assert device.stop() == 0
    crashed = next(n for n in range(len(before), len(events)) if open_now(events[:n]).total() == len(events) - n)
    closers = events[crashed:]
    check_order(closers)
    assert {each["type"] for each in closers} == set(ORDER)
    for each in closers:
        if each["type"] == "RegionLeave":
            check_dwell(each, events)


def test_a_zone_taken_away_or_moved_and_an_orderly_stop(tmp_path: Path, channel: str) -> None:
    with appliance(tmp_path, channel.replace("RULES", YARD)) as device:
        device.serve()
        reload_closes(device, channel.replace("RULES", " []"))
        write_config(device.config, channel.replace("RULES", YARD), device.port)
        device.process.send_signal(signal.SIGHUP)
        reload_closes(device, channel.replace("RULES", YARD.replace("0.9", "0.95")))
        until_all_is_open(device)
        assert device.stop() == 0
    with appliance(tmp_path, "  []\n") as device:
        device.serve()
        events = everything(device)
        assert open_now(events) == {}
        check_totals(device, events)


def reload_closes(device: Appliance, channels: str) -> None:
    """Put other rules in force while the zone holds all kinds open, and wait until it has closed them."""
    before = until_all_is_open(device)
    held = {CLOSED_BY[opening] for opening, _, _ in open_now(before)} - {"ObjectDisappear"}
    write_config(device.config, channels, device.port)
    device.process.send_signal(signal.SIGHUP)

    def asked() -> list[Any] | None:
        told = everything(device)[len(before) :]
        return told if held <= {each["type"] for each in told} else None

    told = until("the zone has closed what it held", asked)
    check_order([each for each in told if each["type"] in held])
