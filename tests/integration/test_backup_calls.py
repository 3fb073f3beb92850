"""`/v1/backup` and `/v1/restore` over real sockets: who may, what is kept of an upload, what comes of it."""

import io
import os
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.backup.folder import RestoreFolder
from edge.settings import ApiSettings
from tests.support.appliance import Appliance, appliance, start, until
from tests.support.backups import Site, backed_up, edge
from tests.support.calls import Answer, call
from tests.support.disks import hog, mounted
from tests.support.rest import Device, event, serving
from tests.support.walkers import write_walk


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path / "device", api=ApiSettings(host="127.0.0.1", port=0, auth="none")) as made:
        yield made


@pytest.fixture
def token(device: Device) -> str:
    return device.context.tokens.create("admin")


@pytest.fixture
def north(tmp_path: Path) -> Path:
    """A backup of another device."""
    return backed_up(Site(tmp_path / "north").set_up("north", "aaaaaaaaaaaa", 9), tmp_path / "north.backup")


FILE = {"Content-Type": "application/octet-stream"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post(device: Device, target: str, token: str = "", body: bytes | None = None) -> Answer:
    headers = {**(bearer(token) if token else {}), **({} if body is None else FILE)}
    return call(device.port, target, method="POST", headers=headers, body=body, timeout_s=60)


def test_each_call_needs_a_token_also_where_nothing_else_does(device: Device, token: str, north: Path) -> None:
    assert call(device.port, "/v1/status").status == 200
    for headers in ({}, bearer("edge_wrong"), {"Authorization": token}):
        assert call(device.port, "/v1/backup", headers=headers).status == 401
    for target in ("/v1/restore", "/v1/restore/begin", "/v1/restore/cancel"):
        assert post(device, target, "edge_wrong", north.read_bytes()).status == 401
    assert not (device.context.desk.state_dir / "restore").exists()  # type: ignore[union-attr] # it is there


def test_pages_of_other_origins_get_nothing(device: Device, token: str) -> None:
    answer = call(device.port, "/v1/backup", headers={**bearer(token), "Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" in call(device.port, "/v1/status").headers


def test_a_backup_is_a_file_to_keep(device: Device, token: str) -> None:
    device.commit(event(), event())
    answer = call(device.port, "/v1/backup", headers=bearer(token))
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="edge-6789ab-')
    with tarfile.open(fileobj=io.BytesIO(answer.body)) as file:
        assert {"backup.json", "config/edge.yaml", "state/events.db", "manifest.json"} <= set(file.getnames())
        assert "state/tokens.json" in file.getnames()
    plain = call(device.port, "/v1/backup?secrets=0&pictures=0", headers=bearer(token))
    with tarfile.open(fileobj=io.BytesIO(plain.body)) as file:
        assert "state/tokens.json" not in file.getnames()
    assert call(device.port, "/v1/backup?pictures=yes", headers=bearer(token)).json["parameter"] == "pictures"
    head = call(device.port, "/v1/backup", method="HEAD", headers=bearer(token))
    assert (head.status, head.body) == (200, b"")


def test_one_backup_at_a_time_and_one_that_is_left_gives_its_place_back(device: Device, token: str) -> None:
    """The first has pictures that do not shrink, more than the buffers between take."""
    folder = device.context.desk.state_dir / "snapshots" / "000000"  # type: ignore[union-attr] # it is there
    folder.mkdir(parents=True)
    device.commit(event())
    noise = os.urandom(8 * 2**20)
    (folder / "1.jpg").write_bytes(noise)
    with socket.create_connection(("127.0.0.1", device.port)) as slow:
        slow.sendall(f"GET /v1/backup HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        busy = call(device.port, "/v1/backup", headers=bearer(token))
        assert (busy.status, busy.headers["retry-after"]) == (503, "60")
    again = until(
        "the place is free", lambda: (a := call(device.port, "/v1/backup", headers=bearer(token))).status == 200 and a
    )
    assert len(again.body) > len(noise)


def test_a_backup_is_taken_in_checked_and_restored_at_the_next_start(device: Device, token: str, north: Path) -> None:
    told = post(device, "/v1/restore", token, north.read_bytes()).json
    assert (told["device_id"], told["events"], told["begun"]) == ("aaaaaaaaaaaa", 9, False)
    assert not told["same_device"]
    assert "keeps its id" in told["keep"]
    assert "becomes edge-aaaaaa" in told["replace"]
    assert not device.restarted.is_set()
    begun = post(device, "/v1/restore/begin?identity=replace", token)
    assert (begun.status, begun.json) == (200, {"begun": True, "becomes": "replace"})
    assert device.restarted.is_set()
    order = RestoreFolder(device.context.desk.state_dir).pending()  # type: ignore[union-attr] # it is there
    assert order is not None
    assert order.choice == "replace"
    assert post(device, "/v1/restore/begin", token).status == 409
    assert "on its way" in post(device, "/v1/restore", token, north.read_bytes()).json["detail"]


def test_what_was_taken_in_can_be_let_go_of(device: Device, token: str, north: Path) -> None:
    assert post(device, "/v1/restore", token, north.read_bytes()).status == 200
    assert post(device, "/v1/restore/cancel", token).json == {"begun": False, "becomes": ""}
    assert post(device, "/v1/restore/begin", token).status == 409
    folder = device.context.desk.state_dir / "restore"  # type: ignore[union-attr] # it is there
    assert list(folder.iterdir()) == []


def test_a_file_that_is_none_is_refused_and_nothing_of_it_stays(device: Device, token: str, north: Path) -> None:
    for body in (b"hello", north.read_bytes()[:-100], bytes(3 * 2**20)):
        answer = post(device, "/v1/restore", token, body)
        assert answer.status == 400
        assert "backup" in answer.json["detail"]
    assert post(device, "/v1/restore", token, b"").status == 400
    assert post(device, "/v1/restore?identity=both", token, north.read_bytes()).json["parameter"] == "identity"


def test_what_is_not_said_to_be_a_file_is_refused(device: Device, token: str, north: Path) -> None:
    headers = {**bearer(token), "Content-Type": "multipart/form-data; boundary=x"}
    answer = call(device.port, "/v1/restore", method="POST", headers=headers, body=north.read_bytes())
    assert answer.status == 415
    assert "application/octet-stream" in answer.json["detail"]


def test_an_upload_that_breaks_off_leaves_nothing(device: Device, token: str, north: Path) -> None:
    folder = device.context.desk.state_dir / "restore"  # type: ignore[union-attr] # it is there
    with socket.create_connection(("127.0.0.1", device.port), timeout=30) as line:
        head = ("POST /v1/restore HTTP/1.1", "Host: edge", f"Authorization: Bearer {token}", "Content-Length: 9999999")
        line.sendall("\r\n".join((*head, "Content-Type: application/octet-stream", "", "")).encode())
        line.sendall(north.read_bytes()[:300])
        until("it is begun", folder.exists)
    until("nothing is left", lambda: not list(folder.iterdir()))
    assert post(device, "/v1/restore", token, north.read_bytes()).status == 200


def test_where_there_is_no_room_it_says_so(tmp_path: Path, north: Path) -> None:
    with mounted(tmp_path / "disk") as disk, serving(disk / "device") as device:
        token = device.context.tokens.create("admin")
        full = hog(disk)
        answer = post(device, "/v1/restore", token, north.read_bytes())
        assert answer.status == 507
        assert "no room" in answer.json["detail"]
        answer = call(device.port, "/v1/backup", headers=bearer(token))
        assert answer.status == 503
        assert "MB of room" in answer.json["detail"]
        full.unlink()


def test_a_running_device_restarts_as_what_was_uploaded(tmp_path: Path) -> None:
    """The one that is restored has the other's settings, id and events, serves, and counts on."""
    write_walk(tmp_path / "walk.mp4", there_and_back=True)
    gate = (
        f"  - name: Gate\n    source: {{file: {{path: {tmp_path}/walk.mp4, loop: true, realtime: false}}}}\n"
        "    rules: [{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}]\n"
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with appliance(tmp_path / "a", gate) as first:
        first.serve()
        until("there are events", lambda: first.get("/v1/status")["last_event_id"] > 20)
        made = edge("token", "create", "x", "--config", first.config)
        file = call(first.port, "/v1/backup", headers=bearer(made.out.strip())).body
        first.stop()
    idle = "  - {name: Lane, enabled: false, source: {demo: {scene: street}}}\n"
    with appliance(tmp_path / "b", idle) as second:
        second.serve()
        made = edge("token", "create", "y", "--config", second.config)
        answer = call(
            second.port,
            "/v1/restore?identity=replace",
            method="POST",
            headers=bearer(made.out.strip()) | FILE,
            body=file,
        )
        assert (answer.status, answer.json["begun"], answer.json["becomes"]) == (200, True, "replace")
        assert second.process.wait(60) == 1
        last = answer.json["last_event_id"]
        with start(["run", "--config", str(second.config)], second.log) as process:
            again = Appliance(second.config, first.port, process, second.log)  # the port is in the settings
            again.serve()
            assert [each["name"] for each in again.get("/v1/json/channels")] == ["Gate"]
            kept = again.get(f"/v1/json/events?untilId={last + 1}&limit=1000")
            assert {each["event_id"] for each in kept} >= set(range(1, min(last, 20)))
            until("it counts on", lambda: again.get(f"/v1/json/events?sinceId={last + 10**6}&limit=1"))
            assert again.stop() == 0
    assert (tmp_path / "b/state/device-id").read_text() == (tmp_path / "a/state/device-id").read_text()
