"""Cameras that serve pictures over HTTP: a real server, well-behaved and otherwise."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from edge.capture.source import CameraStatus, CaptureError
from edge.capture.web.source import HttpSource
from edge.model.scene import Frame
from edge.settings import AnalysisSettings, ChannelSettings, HttpSettings, HttpTlsSettings, SourceSettings
from tests.support.appliance import appliance, until
from tests.support.cameras import RealClock, Running
from tests.support.crossing import crossed, crossing
from tests.support.picture_server import LOGIN_PAGE, Handler, PictureServer, certificate, jpeg, stream, usual_still
from tests.support.ports import free_port

PASSWORD = "se:cret/p@ss"


@pytest.fixture(autouse=True)
def no_password_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text


def settings(server: PictureServer, path: str = "/still.jpg", **more: object) -> HttpSettings:
    return HttpSettings(url=server.url(path), **{"fps": 20, "timeout_s": 1.0, **more})  # type: ignore[arg-type]


def source(wanted: HttpSettings) -> HttpSource:
    return HttpSource("cam", wanted, RealClock())


def frames(wanted: HttpSettings, count: int = 3) -> list[Frame]:
    playing = source(wanted)
    found: list[Frame] = []
    end_s = time.monotonic() + 20
    try:
        playing.open()
        while len(found) < count and time.monotonic() < end_s:
            keep(playing, found)
    finally:
        playing.close()
    return found


def fault(wanted: HttpSettings) -> CaptureError:
    with pytest.raises(CaptureError) as caught:
        frames(wanted)
    assert PASSWORD not in str(caught.value)
    return caught.value


def numbers(found: list[Frame]) -> list[int]:
    """Where the bright bar of each picture is."""
    return [int(frame.picture.y.mean(axis=0).argmax()) // 16 for frame in found]


@pytest.mark.parametrize("auth", ["none", "basic", "digest"])
@pytest.mark.parametrize("path", ["/still.jpg?channel=1", "/stream"])
@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"])
def test_pictures_come_in_order_with_and_without_a_login(auth: str, path: str, protocol: str) -> None:
    with PictureServer(auth=auth, password=PASSWORD, protocol=protocol) as server:
        found = frames(settings(server, path, username="viewer", password=PASSWORD), 5)
        kept = server.connections
        asked = len(server.requests)
    assert [frame.picture.y.shape for frame in found] == [(240, 320)] * 5
    assert all(0 < b - a < 3 for a, b in pairwise(numbers(found)))
    assert all(b.stream_s > a.stream_s and b.sequence == a.sequence + 1 for a, b in pairwise(found))
    assert abs(found[-1].time_us - time.time_ns() // 1000) < 5_000_000
    if protocol == "HTTP/1.1" and path != "/stream":
        assert kept == 1
        assert asked <= 7  # a digest is answered with a count, not asked for anew


def test_a_digest_that_has_aged_is_renewed() -> None:
    with PictureServer(auth="digest", password=PASSWORD) as server:
        playing = source(settings(server, username="viewer", password=PASSWORD))
        playing.open()
        until("a picture", lambda: isinstance(playing.read(), Frame))
        server.nonce = "another"
        until("three more", lambda: isinstance(playing.read(), Frame) and server.number > 3)
        playing.close()


def page(handler: Handler) -> None:
    handler.reply(200, LOGIN_PAGE, "text/html")


def png(handler: Handler) -> None:
    handler.reply(200, b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png")


def elsewhere(handler: Handler) -> None:
    handler.reply(302, b"", headers={"Location": "http://192.0.2.9/still.jpg"})


def in_circles(handler: Handler) -> None:
    handler.reply(301, b"", headers={"Location": handler.path})


def busy(handler: Handler) -> None:
    handler.reply(503, b"")


def broken(handler: Handler) -> None:
    handler.reply(500, b"")


def endless(handler: Handler) -> None:
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "image/jpeg")
    handler.end_headers()
    handler.wfile.write(b"\xff\xd8")
    while handler.pause(0):
        handler.wfile.write(bytes(1_000_000))


def silent(handler: Handler) -> None:
    while handler.pause(0.1):
        pass


def dripping(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while handler.pause(0.3):
        handler.wfile.write(b"\xff")


@pytest.mark.parametrize(
    ("still", "status", "text"),
    [
        (page, CameraStatus.NO_SUCH_STREAM, "answers with a web page"),
        (png, CameraStatus.NO_SUCH_STREAM, "sends no JPEG picture (image/png)"),
        (elsewhere, CameraStatus.NO_SUCH_STREAM, "sends on to another place"),
        (in_circles, CameraStatus.NO_SUCH_STREAM, "sends on in circles"),
        (busy, CameraStatus.BUSY, "is busy"),
        (broken, CameraStatus.BROKEN, "HTTP 500"),
        (endless, CameraStatus.NO_SUCH_STREAM, "sends more than 16 MB"),
        (silent, CameraStatus.STALLED, "says nothing"),
        (dripping, CameraStatus.STALLED, "takes more than 3 s for a picture"),
    ],
)
def test_what_is_no_picture_is_told(still: Callable[[Handler], None], status: CameraStatus, text: str) -> None:
    with PictureServer(still=still, auth="basic", password=PASSWORD) as server:
        told = fault(settings(server, "/still.jpg?pwd=hidden", username="viewer", password=PASSWORD))
        assert told.status is status
        assert text in str(told)
        assert "hidden" not in str(told)
        assert all(said.startswith("Basic ") for said in server.logins)


def test_refusals_are_told_apart(tmp_path: Path) -> None:
    with PictureServer(auth="digest", password=PASSWORD) as server:
        wrong = fault(settings(server, username="viewer", password=PASSWORD + "!"))
        assert len(server.logins) == 1
        nobody = fault(settings(server))
        missing = fault(settings(server, "/other.jpg", username="viewer", password=PASSWORD))
        no_file = fault(settings(server, username="viewer", password_file=str(tmp_path / "none")))
    refused = fault(HttpSettings(url=f"http://127.0.0.1:{free_port()}/x.jpg"))
    unknown = fault(HttpSettings(url="http://camera.invalid/x.jpg"))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        foreign_url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        mute_one = fault(HttpSettings(url=foreign_url, timeout_s=0.5))
    told = [(each.status.value, str(each).partition(" ")[2]) for each in (wrong, nobody, missing, refused, unknown)]
    assert [status for status, _ in told] == [
        "wrong password",
        "wrong password",
        "no such stream",
        "connection refused",
        "unreachable",
    ]
    assert [text.partition(";")[0] for _, text in told[:3]] == [
        "refuses the user name or password",
        "wants a user name and a password",
        "has no such picture",
    ]
    assert "cannot be read" in str(no_file)
    assert mute_one.status is CameraStatus.STALLED


def test_what_speaks_no_http_is_told() -> None:
    def other(handler: Handler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        handler.close_connection = True

    with PictureServer(still=other) as server:
        assert "but not by HTTP" in str(fault(settings(server)))


def moved_within(handler: Handler) -> None:
    if handler.path == "/still.jpg":
        handler.reply(302, b"moved", headers={"Location": "/still/now.jpg"})
    else:
        usual_still(handler)


def chunked(handler: Handler) -> None:
    body = handler.camera.picture()
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for part in (body[:100], body[100:]):
        handler.wfile.write(b"%x;ext=1\r\n%s\r\n" % (len(part), part))
    handler.wfile.write(b"0\r\nTrailer: 1\r\n\r\n")


def bare(handler: Handler) -> None:
    """As the smallest servers do: lines that end in LF only, no length, a wrong type, CRLF before the picture."""
    handler.close_connection = True
    body = handler.camera.picture()
    handler.wfile.write(b"HTTP/1.0 200\nContent-Type: application/octet-stream\n\n\r\n" + body)


def closes_each_time(handler: Handler) -> None:
    """Says that it keeps the connection, and does not."""
    usual_still(handler)
    handler.close_connection = True


@pytest.mark.parametrize("still", [moved_within, chunked, bare, closes_each_time])
def test_odd_servers_simply_work(still: Callable[[Handler], None]) -> None:
    with PictureServer(still=still, auth="digest", password=PASSWORD) as server:
        found = frames(settings(server, username="viewer", password=PASSWORD), 4)
    assert [frame.picture.y.shape for frame in found] == [(240, 320)] * 4


def without_length(handler: Handler) -> None:
    stream(handler, "--myboundary", lambda _body: b"--myboundary\r\nContent-Type: image/jpeg\r\n\r\n")


def wrong_boundary(handler: Handler) -> None:
    stream(handler, '"a b"', lambda _body: b"\r\n--other\r\n\r\n", b"")


def wrong_length(handler: Handler) -> None:
    stream(handler, "x", lambda _body: b"--x\r\nContent-Length: 7\r\n\r\n")


def without_any(handler: Handler) -> None:
    stream(handler, "", lambda _body: b"", b"")


@pytest.mark.parametrize("parts", [without_length, wrong_boundary, wrong_length, without_any])
def test_odd_streams_simply_work(parts: Callable[[Handler], None]) -> None:
    with PictureServer(parts=parts) as server:
        found = frames(settings(server, "/stream"), 5)
    assert all(0 < b - a < 4 for a, b in pairwise(numbers(found)))


def every_other_cut(handler: Handler) -> None:
    handler.camera.number += 1
    body = jpeg(handler.camera.number)
    handler.reply(200, body[: len(body) // 2] if handler.camera.number % 2 else body)


def every_other_part_cut(handler: Handler) -> None:
    stream(handler, "x", lambda body: b"--x\r\n\r\n" + body[: len(body) // 2] + b"\r\n--x\r\n\r\n")


def too_many_pixels(handler: Handler) -> None:
    handler.camera.number += 1
    body = jpeg(handler.camera.number)
    at = body.index(b"\xff\xc0") + 5
    bomb = body[:at] + b"\xff\xff\xff\xff" + body[at + 4 :]
    handler.reply(200, bomb if handler.camera.number % 2 else body)


@pytest.mark.parametrize(
    ("path", "spoilt"),
    [("/still.jpg", every_other_cut), ("/still.jpg", too_many_pixels), ("/stream", every_other_part_cut)],
)
def test_damaged_pictures_are_left_out_and_counted(path: str, spoilt: Callable[[Handler], None]) -> None:
    with PictureServer(still=spoilt, parts=spoilt) as server:
        playing = source(settings(server, path))
        playing.open()
        found: list[Frame] = []
        until("four are damaged", lambda: keep(playing, found) and playing.decode_errors >= 4)
        playing.close()
    assert playing.counts.errors >= 4
    assert playing.counts.bytes > 1000
    assert len(found) > 1
    assert all(frame.picture.y[-1].mean() < 120 for frame in found)  # the grey of what is missing is 128


def keep(playing: HttpSource, found: list[Frame]) -> bool:
    frame = playing.read()
    found += [frame] if isinstance(frame, Frame) else []
    return True


@pytest.mark.parametrize("etag", [True, False])
def test_the_same_picture_again_is_handed_on_once_a_second(etag: bool) -> None:  # noqa: FBT001
    with PictureServer(moving=False, etag=etag) as server:
        found = frames(settings(server), 3)
        asked = len(server.requests)
    steps = [b.stream_s - a.stream_s for a, b in pairwise(found)]
    assert all(0.9 < step < 2.0 for step in steps)
    assert asked > 10
    assert found[0].picture is found[2].picture


@pytest.mark.parametrize("path", ["/still.jpg", "/stream"])
def test_at_rest_one_a_second_is_asked_for_or_decoded(path: str) -> None:
    found: list[Frame] = []
    with PictureServer() as server:
        playing = source(settings(server, path, timeout_s=5.0))
        playing.keys_only = True
        playing.open()
        while len(found) < 3:
            keep(playing, found)
        asked = len(server.requests)
        playing.keys_only = False
        while len(found) < 13:
            keep(playing, found)
        playing.close()
    assert min(after.stream_s - before.stream_s for before, after in pairwise(found[:3])) > 0.5
    assert asked <= (3 if path == "/still.jpg" else 1)
    assert max(after.stream_s - before.stream_s for before, after in pairwise(found[5:])) < 0.8


def channel(wanted: HttpSettings) -> ChannelSettings:
    return ChannelSettings(
        id="cam", name="Camera", source=SourceSettings(http=wanted), analysis=AnalysisSettings(fps=30)
    )


@pytest.mark.parametrize("path", ["/still.jpg", "/stream"])
def test_killed_and_back(path: str) -> None:
    with PictureServer() as server, Running(channel(settings(server, path))) as running:
        assert running.has_frames(3)
        server.kill()
        assert running.has_status("connection refused", 10)
        server.start()
        assert running.has_status("ok", 10)
        assert running.has_frames(3)
        assert len(running.lost) == 1


def test_a_stream_that_stalls_is_told_in_time() -> None:
    def pauses(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
        handler.end_headers()
        for _ in range(3):
            handler.wfile.write(handler.camera.picture())
        silent(handler)

    with PictureServer(parts=pauses) as server, Running(channel(settings(server, "/stream"))) as running:
        assert running.has_frames(1)
        assert running.has_status("stalled", 5)
        server.parts = None
        assert running.has_status("ok", 10)


def padded(handler: Handler) -> None:
    stream(handler, "x", lambda _body: b"--x\r\n\r\n", bytes(20_000))


def test_of_what_has_queued_up_only_the_newest_is_looked_at() -> None:
    with PictureServer(parts=padded) as server:
        playing = source(settings(server, "/stream", timeout_s=10.0))
        playing.open()
        found: list[Frame] = []
        until("pictures come", lambda: keep(playing, found) and found)
        begun = server.number
        until("thirty wait unread", lambda: server.number >= begun + 30)
        found.clear()
        until("the next", lambda: keep(playing, found) and found)
        newest = server.number
        playing.close()
    assert (
        newest - numbers(found)[0]
    ) % 20 <= 6  # bars come again every 20 pictures: the oldest would be 10 and more off


def test_https_checks_the_certificate_unless_told_otherwise(tmp_path: Path) -> None:
    pair = certificate(tmp_path)
    with PictureServer(tls=pair, auth="basic", password=PASSWORD) as server:
        login = {"username": "viewer", "password": PASSWORD}
        refused = fault(settings(server, **login))
        assert not server.logins
        assert len(frames(settings(server, tls=HttpTlsSettings(ca_file=str(pair[0])), **login))) == 3
        assert len(frames(settings(server, "/stream", tls=HttpTlsSettings(insecure=True), **login))) == 3
        no_file = fault(settings(server, tls=HttpTlsSettings(ca_file="/missing.pem"), **login))
    assert "certificate that is not trusted" in str(refused)
    assert "tls.ca_file" in str(no_file)
    with PictureServer() as plain:
        wrong = HttpSettings(url=plain.url().replace("http", "https"))
        assert "does not speak TLS" in str(fault(wrong))


def walk(handler: Handler) -> None:
    done, body = cv2.imencode(".jpg", crossing()[int(time.monotonic() * 10) % len(crossing())])
    handler.reply(200 if done else 500, body.tobytes())


def test_the_whole_program_counts_who_walks_by(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    with PictureServer(still=walk, auth="digest", password=PASSWORD) as server:
        login = f"username: viewer, password_file: {secret}"
        rules = "{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}"
        http = f'{{http: {{url: "{server.url()}?pwd=hidden", {login}, fps: 10}}}}'
        with appliance(tmp_path, f"  - {{name: Door, source: {http}, rules: [{rules}]}}\n") as running:
            running.serve()
            found = until("somebody has crossed", lambda: crossed(running))
            assert {(event["rule_name"], event["direction"]) for event in found} == {("Middle", "b_to_a")}
            (told,) = running.get("/v1/json/channels")
            assert (told["status"], told["type"]) == ("ok", "Http")
            assert running.stop() == 0
        assert PASSWORD not in running.log.read_text() + str(told)
        assert "hidden" not in running.log.read_text() + str(told)
