from pathlib import Path

from edge.model.event import EventType
from tests.support.appliance import until
from tests.support.calls import call
from tests.support.rest import event, serving

EVENTS = 3000
ALL = "/v1/json/events?sinceId=0&limit=1000"


def test_a_damaged_log_is_answered_with_when_to_try_again_and_then_repaired(tmp_path: Path) -> None:
    with serving(tmp_path) as device:
        device.commit(*(event(EventType.TRIPWIRE_CROSSED, object_id=number) for number in range(EVENTS)))
    with serving(tmp_path) as device:
        log = tmp_path / "events.db"
        with log.open("r+b") as file:
            file.seek(log.stat().st_size // 2 // 1024 * 1024)
            file.write(bytes(range(256)) * 16)
        refused = call(device.port, "/v1/json/events/totals/rule")
        assert (refused.status, refused.headers.get("retry-after")) == (503, "60")
        assert refused.json == {"error": "the event log cannot be read now: try again in a minute", "parameter": ""}
        until("the log is repaired", lambda: "event_log_repaired" in device.context.health.snapshot().flags)
        assert len(call(device.port, ALL).json) > 0
        assert call(device.port, "/v1/json/events/totals/rule").status == 200
