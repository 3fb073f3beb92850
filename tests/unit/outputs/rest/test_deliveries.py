"""`/v1/json/deliveries`: what is listed, and who may have something sent again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.health import OutputHealth
from edge.store.deliveries import Delivery, DeliveryState
from edge.store.outbox_file import ReaderState
from tests.support.calls import call
from tests.support.rest import Device, serving

READER = "webhook:example.org-5ad0c1b2"
LETTER = Delivery(
    reader=READER,
    message_id="cb06-72",
    title="Line crossed, Gate",
    body=b"{}",
    made_s=1_780_000_000,
    event_id=72,
    attempts=1,
    problem="HTTP 404",
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path) as device:
        context = device.context
        context.health.set_output(READER, OutputHealth(address="https://example.org", delivered=3))
        assert context.deliveries.bury(LETTER, ReaderState(event_id=72), given_up=1)
        yield device


def test_receivers_and_dead_letters_are_listed(served: Device) -> None:
    answer = call(served.port, "/v1/json/deliveries")
    assert answer.json == {
        "receivers": [
            {
                "name": READER,
                "address": "https://example.org",
                "status": "ok",
                "detail": "",
                "delivered": 3,
                "failed_attempts": 0,
                "last_event_id": 72,
                "waiting": 0,
                "dead": 1,
                "given_up": 1,
            }
        ],
        "deliveries": [
            {
                "delivery_id": 1,
                "receiver": READER,
                "state": "dead",
                "title": "Line crossed, Gate",
                "event_id": 72,
                "time": "2026-05-28T20:26:40.0000000",
                "attempts": 1,
                "problem": "HTTP 404",
            }
        ],
    }


def test_figures_are_in_metrics_and_status(served: Device) -> None:
    text = call(served.port, "/metrics").body.decode()
    assert f'edge_deliveries_dead{{receiver="{READER}"}} 1' in text
    assert f'edge_deliveries_total{{receiver="{READER}"}} 3' in text
    assert call(served.port, "/v1/status").json["receivers"][0]["dead"] == 1


def test_a_dead_letter_is_sent_again_with_a_token_only(served: Device) -> None:
    target = "/v1/json/deliveries/1/retry"
    assert call(served.port, target, method="POST").status == 401
    token = {"Authorization": f"Bearer {served.context.tokens.create('desk')}"}
    answer = call(served.port, target, method="POST", headers=token)
    assert (answer.status, answer.json) == (200, {"delivery_id": 1, "state": "waiting"})
    assert [each.state for each in served.context.deliveries.select(5)] == [DeliveryState.AGAIN]
    for gone in ("1", "0", "99", "9" * 30):
        refused = call(served.port, f"/v1/json/deliveries/{gone}/retry", method="POST", headers=token)
        assert refused.status == 404
    assert call(served.port, target, headers=token).status == 405
