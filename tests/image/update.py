"""One good update of the started image, end to end: `make test-image`. The rest is in tests/image/long/updates.py.

The bundle is the image's own system under the next version, signed with the key of the build (EDGE_UPDATE_KEY).
"""

from pathlib import Path

import pytest

from tests.image.bundles import next_version
from tests.image.device import BOOT_S, IMAGE, failed_units, slots, types_of_events
from tests.image.machine import Machine

UPLOAD_S = 900.0

pytestmark = pytest.mark.timeout(1800)


def test_an_upload_is_installed_tried_and_committed_and_all_that_is_the_owner_s_stays(
    device: Machine, tmp_path: Path
) -> None:
    running, other = slots(device)
    assert device.get("/v1/update")["supported"] is True
    device.run("echo '# kept' >>/etc/edge/edge.yaml")
    device.wait_for("some events", lambda: len(types_of_events(device)) >= 3, BOOT_S * 2)
    before = types_of_events(device)
    identity = device.run("cat /etc/machine-id /var/lib/edge/device-id")

    status, answer = device.upload("/v1/update", next_version(IMAGE, tmp_path, "9.0.0"), UPLOAD_S)
    assert (status, answer.get("slot")) == (200, other), answer
    device.wait_for("it has gone down", lambda: device.get("/healthz", 5.0) is None, 300.0)
    device.reconnect()
    device.wait_for("it is up again", lambda: device.get("/v1/update"), BOOT_S * 2)
    assert device.get("/v1/update")["version"].startswith("9.0.0")
    assert f"edge: starting slot {other}" in device.console()

    committed = f"slot {other} is running; good {other}"
    device.wait_for("committed by itself", lambda: device.run("edge-slot show") == committed, BOOT_S + 300.0)
    device.wait_for("told", lambda: device.get("/v1/update")["last_result"] == "good", 120.0)
    assert device.get("/v1/update")["text"] == f"updated to {device.get('/v1/update')['version']} (slot {other})"
    on_card = "grep -o 'updated to 9.0.0.*' /boot/firmware/edge-status.txt"
    device.wait_for("told on the card too", lambda: device.ask(on_card)[0] == 0, 180.0)
    kept = types_of_events(device)
    assert {event_id: kept.get(event_id) for event_id in before} == before
    assert device.run("cat /etc/machine-id /var/lib/edge/device-id") == identity
    assert device.run("tail -n 1 /etc/edge/edge.yaml") == "# kept"
    assert failed_units(device) == ""
    assert slots(device) == (other, running)
