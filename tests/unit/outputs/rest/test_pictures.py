"""Pictures over real HTTP: of events, the newest of a channel, live."""

import http.client
import socket
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from edge.model.event import Event
from edge.model.scene import Frame, Picture
from edge.outputs.rest.guard import Limits
from edge.outputs.rest.pictures import MAX_VIEWERS, MAX_VIEWERS_A_CHANNEL
from edge.picture.jpeg import encode
from edge.settings import ApiSettings
from tests.support.calls import ask, call, eventually
from tests.support.device import crossing, door_channel, filming, show
from tests.support.pictures import decoded, plain_picture, scene_of
from tests.support.rest import CHANNEL, Device, serving

STILL = f"/v1/channels/{CHANNEL}/snapshot.jpg"
LIVE = f"/v1/mjpeg/{CHANNEL}"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel()]) as made:
        yield made


def commit_with_picture(device: Device, event: Event) -> bytes:
    jpeg = encode(plain_picture(64, 36, (10, 200, 90)), max_width=64, quality=80)
    device.context.log.append([event], device.clock.now_us(), jpeg)
    assert device.context.log.flush(30.0)
    return jpeg


def with_auth_for_all(device: Device) -> dict[str, str]:
    device.settings.append(replace(device.settings[-1], api=ApiSettings(host="127.0.0.1", port=0, auth="all")))
    return {"Authorization": f"Bearer {device.context.tokens.create('viewer')}"}


class Stream:
    """A viewer of the live pictures, part by part."""

    def __init__(self, device: Device, target: str) -> None:
        self._socket = ask(device.port, target)
        self.response = http.client.HTTPResponse(self._socket)
        self.response.begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._socket.close()

    def picture(self) -> bytes:
        """Return the next picture; raise EOFError at the end of the stream."""
        lines = iter(lambda: self.response.readline().strip(), b"end")
        for line in lines:
            if line.startswith(b"Content-Length:"):
                length = int(line.partition(b":")[2])
                self.response.readline()
                return self.response.read(length)
            if not line and self.response.isclosed():
                break
        raise EOFError


def test_an_events_picture_is_kept_for_good(device: Device) -> None:
    jpeg = commit_with_picture(device, crossing())
    (row,) = call(device.port, "/v1/json/events").json
    answer = call(device.port, row["snapshot_path"])
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.body == jpeg
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("number", ["2", "0", "-1", "9223372036854775808", "99999999999999999999999999"])
def test_an_event_without_a_picture(device: Device, number: str) -> None:
    device.commit(crossing(), crossing())
    answer = call(device.port, f"/v1/snapshots/{number}.jpg")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert "picture" in answer.json["detail"]


def test_pictures_need_a_token_where_everything_does(device: Device) -> None:
    commit_with_picture(device, crossing())
    show(device, 0)
    allowed = with_auth_for_all(device)
    for target in ("/v1/snapshots/1.jpg", STILL, LIVE):
        assert call(device.port, target).status == 401
    assert "private" in call(device.port, "/v1/snapshots/1.jpg", headers=allowed).headers["cache-control"]
    assert call(device.port, STILL, headers=allowed).status == 200


def test_the_newest_picture_of_a_channel(device: Device) -> None:
    early = call(device.port, STILL)
    assert (early.status, early.headers["retry-after"]) == (503, "2")
    show(device, 7)
    answer = call(device.port, STILL)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert decoded(answer.body).shape == (360, 640, 3)
    assert decoded(call(device.port, f"{STILL}?width=320").body).shape == (180, 320, 3)


def test_with_boxes_and_lines_drawn_in(device: Device) -> None:
    show(device, 7)
    plain, drawn = decoded(call(device.port, STILL).body), decoded(call(device.port, f"{STILL}?overlay=1").body)
    assert plain.shape == drawn.shape
    assert (plain.max(axis=2) - plain.min(axis=2)).max() < 30
    assert (drawn.max(axis=2) - drawn.min(axis=2)).max() > 60


def test_a_picture_that_has_not_changed_is_not_sent_again(device: Device) -> None:
    show(device, 7)
    tag = call(device.port, STILL).headers["etag"]
    assert call(device.port, STILL, headers={"If-None-Match": tag}).status == 304
    assert call(device.port, f"{STILL}?overlay=1", headers={"If-None-Match": tag}).status == 200
    show(device, 8)
    assert call(device.port, STILL, headers={"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("call_of", ["snapshot", "mjpeg"])
def test_what_cannot_be_answered(device: Device, call_of: str) -> None:
    path = "/v1/channels/{}/snapshot.jpg" if call_of == "snapshot" else "/v1/mjpeg/{}"
    unknown = call(device.port, path.format("nobody"))
    assert (unknown.status, unknown.headers["content-type"]) == (404, "application/problem+json")
    wrong = call(device.port, path.format(CHANNEL) + "?width=wide")
    assert (wrong.status, wrong.json["parameter"]) == (400, "width")
    assert call(device.port, path.format(CHANNEL)).status == 503


def test_live_pictures_come_as_the_camera_gives_them(device: Device) -> None:
    show(device, 0)
    with Stream(device, f"{LIVE}?fps=15&width=320") as viewer:
        assert viewer.response.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=edge-picture"
        assert decoded(viewer.picture()).shape == (180, 320, 3)
        for sequence in (1, 2):
            show(device, sequence)
            assert decoded(viewer.picture()).shape == (180, 320, 3)


def test_no_more_pictures_than_asked_for(device: Device) -> None:
    with filming(device, fps=40.0):
        eventually(lambda: call(device.port, STILL).status == 200)
        before = device.context.clock.monotonic_s()
        with Stream(device, f"{LIVE}?fps=5") as viewer:
            for _ in range(6):
                viewer.picture()
    assert device.context.clock.monotonic_s() - before > 0.8


def test_so_many_viewers_and_a_seat_is_free_again_when_one_leaves(device: Device) -> None:
    assert MAX_VIEWERS == 2 * MAX_VIEWERS_A_CHANNEL
    other = door_channel("Yard", "yard")
    third = door_channel("Shed", "shed")
    device.settings.append(replace(device.settings[-1], channels=(door_channel(), other, third)))
    with filming(device):
        eventually(lambda: call(device.port, "/v1/channels/shed/snapshot.jpg").status == 200)
        viewers = [Stream(device, LIVE) for _ in range(MAX_VIEWERS_A_CHANNEL)]
        full = call(device.port, LIVE)
        assert (full.status, full.headers["retry-after"]) == (503, "10")
        viewers += [Stream(device, "/v1/mjpeg/yard") for _ in range(MAX_VIEWERS_A_CHANNEL)]
        assert call(device.port, "/v1/mjpeg/shed").status == 503
        viewers[0].__exit__()
        eventually(lambda: _can_watch(device, LIVE))
        for viewer in viewers[1:]:
            viewer.__exit__()


def test_a_viewer_that_takes_nothing_loses_its_seat(tmp_path: Path) -> None:
    with serving(tmp_path, channels=[door_channel()], limits=Limits(output_s=1.0)) as device:
        _show_noise(device, 0)
        stalled = [_stalled(device.port, f"{LIVE}?fps=15&width=1920") for _ in range(MAX_VIEWERS_A_CHANNEL)]
        eventually(lambda: not _can_watch(device, LIVE))
        sequence = count(1)

        def seat_is_free() -> bool:
            _show_noise(device, next(sequence))
            return _can_watch(device, LIVE)

        eventually(seat_is_free, within_s=60.0)
        for each in stalled:
            each.close()


def test_live_pictures_end_with_the_server(tmp_path: Path) -> None:
    with serving(tmp_path, channels=[door_channel()]) as device:
        show(device, 0)
        viewer = Stream(device, LIVE)
        viewer.picture()
    with viewer, pytest.raises(EOFError):
        viewer.picture()


def test_live_pictures_end_with_the_channel(device: Device) -> None:
    show(device, 0)
    with Stream(device, LIVE) as viewer:
        viewer.picture()
        device.settings.append(replace(device.settings[-1], channels=()))
        with pytest.raises(EOFError):
            viewer.picture()


def _show_noise(device: Device, sequence: int) -> None:
    """Show a picture that takes much room as JPEG: the kernel's buffers are soon full."""
    planes = [np.random.default_rng(1).integers(0, 255, size, np.uint8) for size in ((1080, 1920), (540, 960))]
    frame = Frame(CHANNEL, sequence, sequence, 0.0, Picture(planes[0], planes[1], planes[1]))
    device.context.board.put(frame, scene_of(frame))


def _can_watch(device: Device, target: str) -> bool:
    with Stream(device, target) as viewer:
        return viewer.response.status == 200


def _stalled(port: int, target: str) -> socket.socket:
    """Ask for a stream and never read of it."""
    asked = socket.socket()
    asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asked.connect(("127.0.0.1", port))
    asked.sendall(f"GET {target} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
    return asked
