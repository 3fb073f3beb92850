from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edge.health import WorkerHealth
from edge.model.event import Direction
from edge.outputs.rest.openapi import definition
from edge.settings import ApiSettings, ZoneSettings
from tests.support.calls import call
from tests.support.device import crossing, door_channel, show
from tests.support.rest import CHANNEL, Device, serving


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel()]) as made:
        yield made


def status(device: Device) -> Any:  # noqa: ANN401 - JSON
    answer = call(device.port, "/v1/status")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.json


def test_a_device_before_anything_has_happened(device: Device) -> None:
    found = status(device)
    assert (found["device_name"], found["healthy"], found["faults"]) == ("edge-6789ab", True, [])
    assert (found["last_event_id"], found["clock_synced"]) == (0, True)
    (channel,) = found["channels"]
    assert (channel["name"], channel["status"], channel["picture"]) == ("Gate", "starting", False)
    assert [(line["a_to_b"], line["b_to_a"]) for line in channel["lines"]] == [(0, 0)]


def test_counts_and_the_channels_state(device: Device) -> None:
    device.commit(crossing(), crossing(), crossing(Direction.B_TO_A))
    device.context.health.set_channel(CHANNEL, status="stalled", detail="no packet for 5 s", fps=0.0)
    show(device, 0)
    found = status(device)
    (channel,) = found["channels"]
    assert [(line["rule_name"], line["a_to_b"], line["b_to_a"]) for line in channel["lines"]] == [("Door", 2, 1)]
    assert (channel["status"], channel["detail"], channel["picture"]) == ("stalled", "no packet for 5 s", True)
    assert found["last_event_id"] == 3


def test_zones_say_who_is_inside_while_there_are_pictures(device: Device) -> None:
    yard = ZoneSettings(zone="Yard", id="yard", polygon=((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    cars = replace(yard, zone="Cars", id="cars", objects=("Vehicle",))
    channel = replace(door_channel(), rules=(*door_channel().rules, yard, cars, replace(yard, enabled=False)))
    device.settings.append(replace(device.settings[-1], channels=(channel,)))
    show(device, 0)
    device.context.health.set_channel(CHANNEL, status="ok", fps=10.0)
    (found,) = status(device)["channels"]
    assert [(zone["rule_name"], zone["inside"]) for zone in found["zones"]] == [("Yard", 1), ("Cars", 0)]
    device.context.health.set_channel(CHANNEL, status="stalled", fps=0.0)
    (found,) = status(device)["channels"]
    assert [zone["inside"] for zone in found["zones"]] == [0, 0]


def test_what_is_wrong_and_what_to_do(device: Device) -> None:
    device.context.health.raise_flag("disk", "the disk is full: free some space")
    device.context.health.set_worker("rtsp", WorkerHealth(running=False, error="rtsp://admin:secret@camera/"))
    found = status(device)
    assert not found["healthy"]
    assert [fault["text"] for fault in found["faults"]] == [
        "the disk is full: free some space",
        "rtsp does not run; the device's log says why",
    ]
    assert "secret" not in str(found)


def test_a_channel_that_is_off(device: Device) -> None:
    off = replace(door_channel(), enabled=False)
    device.settings.append(replace(device.settings[-1], channels=(off,)))
    assert status(device)["channels"][0]["status"] == "disabled"


def test_it_is_as_defined(device: Device) -> None:
    whole: Any = definition("openapi", secured=False)
    schema = {"$ref": "#/components/schemas/Status", "components": whole["components"]}
    Draft202012Validator(schema).validate(status(device))
    assert set(status(device)) == set(whole["components"]["schemas"]["Status"]["properties"])


def test_health_is_open_and_without_details(device: Device) -> None:
    device.settings.append(replace(device.settings[-1], api=ApiSettings(host="127.0.0.1", port=0, auth="all")))
    well = call(device.port, "/healthz")
    assert (well.status, well.body) == (200, b'{"status":"ok"}')
    device.context.health.raise_flag("disk", "free some space")
    unwell = call(device.port, "/healthz")
    assert (unwell.status, unwell.body) == (503, b'{"status":"failing"}')
    device.context.health.clear_flag("disk")
    assert call(device.port, "/healthz").status == 200
