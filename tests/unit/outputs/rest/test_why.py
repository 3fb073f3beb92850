"""Why something counted, and why something did not, as the API answers it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import Why
from tests.support.calls import call
from tests.support.device import crossing, door_channel
from tests.support.events import suppressed, walked
from tests.support.rest import CHANNEL, Device, serving


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel()]) as made:
        yield made


def test_evidence_of_an_event(device: Device) -> None:
    device.commit(crossing(), replace(crossing(), evidence=walked()))
    answer = call(device.port, "/v1/json/events/2/evidence")
    assert answer.status == 200
    body = answer.json
    assert (body["event_id"], body["place"], body["box"]) == (2, [0.5, 0.4987], [0.45, 0.2, 0.55, 0.5])
    assert body["path"][0] == [3.2, 0.2146, 0.5043]
    assert body["measures"][2:] == [
        {"name": "angle_deg", "value": 71.231, "limit": 5.0},
        {"name": "height_share", "value": 0.3123},
    ]


@pytest.mark.parametrize("event_id", ["0", "1", "2", str(2**63), "9" * 30])
def test_no_evidence(device: Device, event_id: str) -> None:
    device.commit(crossing())
    answer = call(device.port, f"/v1/json/events/{event_id}/evidence")
    assert answer.status == 404
    assert set(answer.json) == {"error", "parameter"}


def test_what_did_not_count_newest_first_and_with_names(device: Device) -> None:
    times = [suppressed(time_us=1_000_000 * second, stream_s=float(second)) for second in range(120)]
    elsewhere = suppressed(Why.COOLDOWN, channel_id="gone", time_us=10**9, evidence=walked())
    device.context.log.suppress([*times, elsewhere])
    body = call(device.port, "/v1/json/suppressed?limit=1000").json
    assert len(body) == 101
    assert (body[0]["channel_id"], body[0]["channel_name"], body[0]["why"]) == ("gone", "", "cooldown")
    assert len(body[0]["evidence"]["path"]) == 40
    assert [each["timestamp"] for each in body[1:]] == [str(second) for second in range(119, 19, -1)]
    own = call(device.port, f"/v1/json/suppressed?channelId={CHANNEL}&limit=2").json
    assert [(each["timestamp"], each["channel_name"], each["why"]) for each in own] == [
        ("119", "Gate", "wrong way"),
        ("118", "Gate", "wrong way"),
    ]
    assert "evidence" not in own[0]
