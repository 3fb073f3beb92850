"""Network cameras against a real RTSP server."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import pytest

from edge.capture.rtsp import RtspSource
from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.model.scene import Frame
from edge.settings import RtspSettings
from tests.support.bad_network import BadNetwork
from tests.support.cameras import RealClock, Running, rtsp_channel, wait_until
from tests.support.clips import write_clip
from tests.support.rtsp_server import RtspServer, audio_only, clip, clock, h265, live, shown_ms

Transport = Literal["tcp", "udp"]


def first_frame(source: RtspSource) -> Frame:
    source.open()
    while True:
        frame = source.read()
        if isinstance(frame, Frame):
            return frame
        assert frame is Pause.PAUSE


def failure(settings: RtspSettings) -> CaptureError:
    source = RtspSource("cam", settings, RealClock())
    try:
        with pytest.raises(CaptureError) as caught:
            first_frame(source)
    finally:
        source.close()
    return caught.value


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_frames_come_in_order_with_their_time(transport: Transport) -> None:
    with (
        RtspServer(mounts={"/live": live(gop=100)}) as server,
        Running(rtsp_channel(RtspSettings(url=server.url(), transport=transport))) as camera,
    ):
        assert camera.has_frames(20)
        assert camera.state.status == "ok"
        assert (camera.state.width, camera.state.height) == (320, 240)
        assert camera.last is not None
        assert abs(camera.last.time_us - time.time_ns() // 1000) < 30_000_000
    assert camera.places[0] < 2.0
    assert all(before < after for before, after in pairwise(camera.places))
    assert all(before < after for before, after in pairwise(camera.sequences))


@pytest.mark.parametrize("auth", ["basic", "digest"])
@pytest.mark.parametrize("password", ["plain", "p@ss:w/o?r#d%20&x y", "Grüße-пароль"])
def test_any_password_works(auth: Literal["basic", "digest"], password: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{password}\nsecond line\n", encoding="utf-8")
    with RtspServer(auth=auth, username="vi@wer", password=password) as server:
        settings = RtspSettings(url=server.url(), username="vi@wer", password_file=str(secret))
        source = RtspSource("cam", settings, RealClock())
        assert first_frame(source).picture.width == 320
        source.close()


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_every_login_with_every_codec_over_every_transport(auth: Literal["basic", "digest"]) -> None:
    mounts, widths = {"/h264": live(320, 240), "/h265": h265()}, {"/h264": 320, "/h265": 640}
    with RtspServer(mounts=mounts, auth=auth, password="p@ss:w/o?r#d") as server:
        for path, width in widths.items():
            url = server.url(path)
            settings = RtspSettings(url=url, username="viewer", password="p@ss:w/o?r#d")
            for transport in ("tcp", "udp"):
                source = RtspSource("cam", replace(settings, transport=transport), RealClock())
                assert first_frame(source).picture.width == width, (path, transport)
                source.close()
            assert failure(replace(settings, transport="udp", password="wrong")).status is CameraStatus.WRONG_PASSWORD


def test_what_is_wrong_is_told_apart(tmp_path: Path) -> None:
    with RtspServer(auth="digest") as server:
        cases = {
            CameraStatus.WRONG_PASSWORD: RtspSettings(url=server.url(), username="viewer", password="wrong"),
            CameraStatus.NO_SUCH_STREAM: RtspSettings(url=server.url("/nothing"), username="viewer", password="secret"),
            CameraStatus.UNREACHABLE: RtspSettings(url="rtsp://camera.invalid/live"),
        }
        for status, settings in cases.items():
            assert failure(settings).status is status
        assert failure(RtspSettings(url=server.url())).status is CameraStatus.WRONG_PASSWORD
        url = server.url()
    assert failure(RtspSettings(url=url)).status is CameraStatus.REFUSED
    missing = failure(RtspSettings(url=url, username="viewer", password_file=str(tmp_path / "none")))
    assert "password file" in str(missing)
    assert missing.status is CameraStatus.WRONG_PASSWORD


def test_sound_without_picture_is_broken() -> None:
    with RtspServer(mounts={"/sound": audio_only()}) as server:
        assert failure(RtspSettings(url=server.url("/sound"))).status is CameraStatus.BROKEN


def test_what_is_no_camera_is_broken_and_what_says_nothing_is_stalled() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(4096)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + b"\0" * 4000)

        talker = threading.Thread(target=talk)
        talker.start()
        url = f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x"
        assert failure(RtspSettings(url=url)).status is CameraStatus.BROKEN
        talker.join()
        assert failure(RtspSettings(url=url, timeout_s=1.0)).status is CameraStatus.STALLED


def test_an_address_that_swallows_everything_is_unreachable() -> None:
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # the queue is full then, and the kernel drops further requests without a word
            waiting = held.enter_context(socket.socket())
            waiting.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        url = f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x"
        assert failure(RtspSettings(url=url, timeout_s=1.0)).status is CameraStatus.UNREACHABLE


def test_no_trace_of_the_password(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    password = "Tr0ub4dor&3:@x"
    traces = {password, quote(password, safe=""), quote(password)}
    seen: list[str] = []
    with RtspServer(auth="basic", password=password) as server, caplog.at_level(logging.DEBUG):
        wrong = RtspSettings(url=server.url(), username="other", password=password)
        lost = RtspSettings(url=server.url("/nothing"), username="viewer", password=password)
        for settings in (wrong, lost):
            with Running(rtsp_channel(settings)) as camera:
                assert wait_until(lambda: camera.lost)
                seen += [repr(camera.state), *told(camera.lost[0])]
        server.kill()
        seen += told(failure(lost))
    seen += [record.getMessage() + str(record.exc_text) for record in caplog.records]
    seen += list(capfd.readouterr())
    assert caplog.records
    assert not [text for text in seen for trace in traces if trace in text]


def told(error: BaseException) -> list[str]:
    """All texts of an error and of what it came from."""
    texts = [str(error), repr(error), repr(vars(error))]
    for other in (error.__cause__, error.__context__):
        if other is not None:
            texts += told(other)
    return texts


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_stalled_camera_is_noticed_and_comes_back(transport: Transport) -> None:
    with RtspServer() as server:
        settings = RtspSettings(url=server.url(), transport=transport, timeout_s=2.0)
        with Running(rtsp_channel(settings)) as camera:
            assert camera.has_frames(5)
            server.stall()
            stalled_s = time.monotonic()
            assert camera.has_status("stalled")
            assert wait_until(lambda: camera.lost)  # told once its last frame is done with
            assert camera.lost[0].status is CameraStatus.STALLED
            assert time.monotonic() - stalled_s > 1.5
            server.go_on()
            assert camera.has_status("ok")
            assert camera.has_frames(3)
            assert [error.status for error in camera.lost] == [CameraStatus.STALLED]
            assert camera.state.reconnects == 1
    assert all(before < after for before, after in pairwise(camera.places))


def test_a_stall_is_told_after_the_configured_seconds_not_a_read_later() -> None:
    with RtspServer() as server, Running(rtsp_channel(RtspSettings(url=server.url(), timeout_s=6.0))) as camera:
        assert camera.has_frames(5)
        server.stall()
        stalled_s = time.monotonic()
        assert camera.has_status("stalled")
        assert 5.5 < time.monotonic() - stalled_s < 7.8


def test_a_clip_over_the_network_at_half_the_rate_gives_every_second_frame(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, 40, fps=10, gop=10)
    with (
        RtspServer(mounts={"/clip": clip(path)}) as server,
        Running(rtsp_channel(RtspSettings(url=server.url("/clip")), fps=5)) as camera,
    ):
        assert wait_until(lambda: camera.lost)
    assert camera.lost[0].status is CameraStatus.BROKEN
    settled = camera.sequences[3:]  # the first frames come at once, and the newest replaces the rest
    assert len(settled) >= 10
    assert all((after - before) % 2 == 0 for before, after in pairwise(settled))


def test_a_frame_is_here_soon_after_its_light_and_knows_when_that_was() -> None:
    lags_ms: list[int] = []
    errors_ms: list[int] = []
    with RtspServer(mounts={"/clock": clock()}) as server:
        source = RtspSource("cam", RtspSettings(url=server.url("/clock")), RealClock())
        frame: Frame | Pause | None = first_frame(source)
        while len(lags_ms) < 60:
            if isinstance(frame, Frame):
                light_ms = shown_ms(frame.picture)
                lags_ms.append((time.time_ns() // 1_000_000 - light_ms) % (1 << 20))
                errors_ms.append((frame.time_us // 1000 - light_ms) % (1 << 20))
            frame = source.read()
        source.close()
    assert min(lags_ms[30:]) < 1000
    assert min(errors_ms[30:]) < min(lags_ms[30:])  # the frame's time leaves the wait for the next frame out


def test_who_decodes_too_slowly_sees_nothing_old_and_goes_on_from_key_frame_to_key_frame() -> None:
    ages_ms: list[int] = []
    with RtspServer(mounts={"/clock": clock()}) as server:
        source = RtspSource("cam", RtspSettings(url=server.url("/clock")), RealClock())
        frame: Frame | Pause | None = first_frame(source)
        until_s = time.monotonic() + 10.0
        while time.monotonic() < until_s:
            if isinstance(frame, Frame):
                ages_ms.append((time.time_ns() // 1_000_000 - shown_ms(frame.picture)) % (1 << 20))
                time.sleep(0.12)  # so slow is the decoder: 25 pictures a second come, a key frame each second
            frame = source.read()
        skipped = source.counts.skipped
        source.close()
    assert skipped > 25
    assert len(ages_ms) > 20
    assert sorted(ages_ms)[len(ages_ms) * 9 // 10] < 2000


def test_after_a_stall_of_server_or_network_nothing_old_is_looked_at() -> None:
    """Both servers show the clock; the second sends so much that all buffers on the way are full when nobody reads."""
    much = clock().replace(
        "key-int-max=25", "key-int-max=25 bitrate=20000 option-string=nal-hrd=cbr vbv-buf-capacity=100"
    )
    ages_ms: dict[str, list[int]] = {"tcp": [], "udp": [], "full": []}

    def looks(at: str) -> Callable[[Frame], None]:
        def look(frame: Frame) -> None:
            ages_ms[at].append((time.time_ns() // 1_000_000 - shown_ms(frame.picture)) % (1 << 20))

        return look

    with (
        RtspServer(mounts={"/clock": clock()}) as stopped,
        RtspServer(mounts={"/clock": much}) as reader_less,
        BadNetwork(reader_less.port) as network,
        contextlib.ExitStack() as stack,
    ):
        ways: dict[str, RtspSettings] = {
            "tcp": RtspSettings(url=stopped.url("/clock"), timeout_s=30.0),
            "udp": RtspSettings(url=stopped.url("/clock"), transport="udp", timeout_s=30.0),
            "full": RtspSettings(url=f"rtsp://127.0.0.1:{network.port}/clock", timeout_s=30.0),
        }
        played = {
            name: stack.enter_context(Running(rtsp_channel(settings, fps=30), look=looks(name)))
            for name, settings in ways.items()
        }
        assert all(each.has_frames(20) for each in played.values())
        stopped.stall()
        network.open.clear()
        stalled_s = time.monotonic()
        assert wait_until(is_full(reader_less.port))
        assert wait_until(lambda: time.monotonic() - stalled_s > 3.0)
        so_far = {name: len(each.places) for name, each in played.items()}
        stopped.go_on()
        network.open.set()
        assert all(each.has_frames(so_far[name] + 30) for name, each in played.items())
        assert not any(each.lost for each in played.values())
    worst_ms = {name: max(ages) for name, ages in ages_ms.items()}
    assert max(worst_ms.values()) < 2000, worst_ms


def is_full(port: int) -> Callable[[], bool]:
    """Return what tells that a server's kernel has taken nothing more from it for a second, for nobody reads."""
    seen: list[tuple[float, int]] = []

    def asked() -> bool:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        waits = sum(int(row[4][:8], 16) for row in rows if int(row[1].partition(":")[2], 16) == port)
        now_s = time.monotonic()
        if not seen or waits != seen[-1][1]:
            seen.append((now_s, waits))
        return waits > 0 and now_s - seen[-1][0] > 1.0

    return asked


def test_at_rest_only_key_frames_are_decoded_and_the_connection_stays() -> None:
    with RtspServer(mounts={"/live": live(gop=10)}) as server:
        source = RtspSource("cam", RtspSettings(url=server.url()), RealClock())
        first_frame(source)
        source.keys_only = True
        resting = [frame.stream_s for frame in iter_frames(source, 4)]
        assert min(after - before for before, after in pairwise(resting)) > 0.8
        source.keys_only = False
        awake = [frame.stream_s for frame in iter_frames(source, 30)][-10:]
        source.close()
    assert max(after - before for before, after in pairwise(awake)) < 0.5


def iter_frames(source: RtspSource, count: int) -> Iterator[Frame]:
    while count:
        frame = source.read()
        if isinstance(frame, Frame):
            count -= 1
            yield frame


def test_a_short_silence_is_no_outage() -> None:
    with RtspServer() as server, Running(rtsp_channel(RtspSettings(url=server.url(), timeout_s=20.0))) as camera:
        assert camera.has_frames(3)
        server.stall()
        quiet_until = time.monotonic() + 2.0
        assert wait_until(lambda: time.monotonic() > quiet_until)
        server.go_on()
        assert camera.has_frames(5)
        assert not camera.lost


def test_a_killed_camera_costs_nothing_and_is_back_before_its_next_turn() -> None:
    with RtspServer() as server, Running(rtsp_channel(RtspSettings(url=server.url(), timeout_s=2.0))) as camera:
        assert camera.has_frames(5)
        server.kill()
        assert camera.has_status("connection refused")
        assert wait_until(lambda: len(camera.lost) == 1)
        away_s, busy_s = time.monotonic(), time.process_time()
        assert wait_until(lambda: time.monotonic() - away_s > 8.0)
        assert time.process_time() - busy_s < 2.0  # our own waiting loops included; a spinning worker takes 8
        server.start()
        assert camera.has_frames(3)
        assert camera.state.reconnects == 1
        assert len(camera.lost) == 1
        assert all(after - before < 5.0 for before, after in pairwise(camera.beats))


@dataclass(frozen=True)
class Held:
    """What this process holds: descriptors, threads, resident memory."""

    descriptors: int
    threads: int
    memory_mb: float


def held() -> Held:
    descriptors, threads = (len(list(Path("/proc/self", kind).iterdir())) for kind in ("fd", "task"))
    return Held(descriptors, threads, psutil.Process().memory_info().rss / 1e6)


@pytest.mark.timeout(1200)
def test_reconnects_leave_nothing_behind() -> None:
    """Each way to connect and each way to fail in turn; EDGE_RECONNECTS=300 is the long form."""
    rounds = int(os.environ.get("EDGE_RECONNECTS", "18"))
    with RtspServer(mounts={"/live": live(), "/h265": h265()}, auth="digest") as server:
        good = RtspSettings(url=server.url(), username="viewer", password="secret")
        ways = [
            good,
            replace(good, url=server.url("/h265"), transport="udp"),
            replace(good, url=server.url("/nothing")),
            replace(good, transport="udp"),
            replace(good, password="wrong"),
            replace(good, url=server.url("/h265")),
        ]
        before, seen = held(), []
        for number in range(rounds):
            source = RtspSource("cam", ways[number % len(ways)], RealClock())
            with contextlib.suppress(CaptureError):
                first_frame(source)
            source.close()
            seen.append(held())
    warm = seen[min(len(seen) // 3, 60)]
    assert seen[-1].descriptors <= warm.descriptors
    assert wait_until(lambda: held().threads <= before.threads)  # one that was joined is with the kernel for some ms
    assert seen[-1].memory_mb - warm.memory_mb < 4.0, [
        round(each.memory_mb, 1) for each in seen[:: max(1, rounds // 20)]
    ]


def test_stop_does_not_wait_for_a_camera_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x"
        with Running(rtsp_channel(RtspSettings(url=url, timeout_s=30.0))) as camera:
            line, _ = listener.accept()
            assert wait_until(lambda: len(camera.beats) > 3)
            asked_s = time.monotonic()
        line.close()
        assert time.monotonic() - asked_s < 15.0
    assert wait_until(lambda: not any(thread.name.startswith("open:") for thread in threading.enumerate()), 60)
