"""Network cameras that do what they should not: logins of every kind, mischief in the middle of the stream, stalls."""

import http.server
import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from edge.capture.rtsp import RtspSource
from edge.capture.source import CameraStatus, CaptureError
from edge.model.scene import Frame
from edge.settings import RtspSettings
from tests.support.bad_network import BadNetwork
from tests.support.cameras import RealClock, Running, rtsp_channel, wait_until
from tests.support.odd_camera import Line, Login, OddCamera, Script, steadily
from tests.support.rtp import Codec, Coded, coded, number_of

PASSWORD = ":/?#[]@!$&'()*+,;=% \"\\<>^`{|}~ Grüße"
CHALLENGES = [
    pytest.param(("basic",), "basic", "password", id="basic"),
    pytest.param(("digest-old",), "digest MD5", "password", id="digest without qop"),
    pytest.param(("digest",), "digest MD5 qop", "password_file", id="digest"),
    pytest.param(("basic", "digest"), "digest MD5 qop", "password", id="both, the better one last"),
    pytest.param(("digest", "basic"), "digest MD5 qop", "password_file", id="both, the better one first"),
    pytest.param(("digest-sha256", "digest"), "digest MD5 qop", "password", id="sha-256 first, as RFC 7616 has it"),
]


def opened(settings: RtspSettings) -> list[int]:
    """Open a camera, and return the numbers of its first two pictures."""
    source = RtspSource("cam", settings, RealClock())
    found: list[int] = []
    try:
        source.open()
        while len(found) < 2:
            frame = source.read()
            if isinstance(frame, Frame):
                found.append(number_of(frame.picture))
    finally:
        source.close()
    return found


def failure(settings: RtspSettings) -> CaptureError:
    with pytest.raises(CaptureError) as caught:
        opened(settings)
    return caught.value


@pytest.mark.parametrize(("challenges", "answered", "how"), CHALLENGES)
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_every_login_with_every_reserved_character(
    challenges: tuple[Literal["basic", "digest"], ...], answered: str, how: str, codec: Codec, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    login = Login(challenges, username="vi@wer/ü", password=PASSWORD)
    with OddCamera(codec=codec, login=login) as camera:
        given = PASSWORD if how == "password" else str(secret)
        settings = RtspSettings(url=camera.url(), username="vi@wer/ü", **{how: given})  # type: ignore[arg-type]
        for transport in ("tcp", "udp"):
            first, second = opened(replace(settings, transport=transport))
            assert first < second, transport  # not 0 and 1 each time: what is late on a busy machine is passed over
    assert login.answered == {answered}
    assert not login.refused


@pytest.mark.parametrize(("codec", "transport"), [("h264", "tcp"), ("h264", "udp"), ("h265", "udp")])
def test_a_nonce_that_grows_stale_is_no_wrong_password(codec: Codec, transport: Literal["tcp", "udp"]) -> None:
    login = Login(("digest",), nonce_lasts=1)
    with OddCamera(codec=codec, login=login) as camera:
        settings = RtspSettings(url=camera.url(), username="viewer", password="secret", transport=transport)
        assert opened(settings) == [0, 1]
    assert login.stale >= 2
    assert not login.refused


def test_a_wrong_password_is_told_and_sent_once_a_minute_at_most() -> None:
    login = Login(("digest",))
    with OddCamera(login=login) as camera:
        wrong = RtspSettings(url=camera.url(), username="viewer", password="wrong")
        with Running(rtsp_channel(wrong)) as running:
            assert running.has_status("wrong password")
            refused_s = time.monotonic()
            assert wait_until(lambda: time.monotonic() - refused_s > 2.0)
            assert running.state.status == "wrong password"
    assert len(login.refused) == 1
    assert len(camera.asked("OPTIONS")) == 1


@pytest.mark.parametrize("challenges", [("digest-sha256",), ("digest", "digest-sha256"), ("basic", "digest-sha256")])
def test_a_login_that_nobody_can_answer_is_no_wrong_password(challenges: tuple[Literal["digest"], ...]) -> None:
    login = Login(challenges)
    with OddCamera(login=login) as camera:
        told = failure(RtspSettings(url=camera.url(), username="viewer", password="secret"))
    assert told.status is CameraStatus.NO_LOGIN
    assert "SHA-256; choose Digest (MD5)" in str(told)
    assert not login.answered


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("OPTIONS", "breaks off while the stream is opened"),
        ("DESCRIBE", "breaks off while the stream is opened"),
        ("SETUP", "broke the connection"),
        ("PLAY", "ended the stream"),
    ],
)
def test_a_camera_that_hangs_up_is_broken(method: str, words: str) -> None:
    with OddCamera(hangs_up_after=method) as camera:
        told = failure(RtspSettings(url=camera.url()))
    assert told.status is CameraStatus.BROKEN
    assert words in str(told)


class Quiet(http.server.BaseHTTPRequestHandler):
    """A web server's answers, without its log."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def test_a_web_server_at_the_port_is_told() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        told = failure(RtspSettings(url=f"rtsp://127.0.0.1:{server.server_port}/live"))
        server.shutdown()
    assert told.status is CameraStatus.BROKEN
    assert "is a web server" in str(told)


PICTURES = coded(40)
SOUND = steadily(PICTURES)


def first(count: int, mischief: Script, then: Iterable[Coded] = ()) -> Script:
    """Play some pictures, then the mischief, and then others, if any, over and over."""
    begin, go_on = steadily(PICTURES[:count], repeat=False), steadily(then) if then else None

    def play(line: Line) -> None:
        for each in (begin, mischief, go_on):
            if each is not None:
                each(line)

    return play


def at(pictures: Iterable[Coded], seconds: float) -> list[Coded]:
    """Return pictures with their time stamps moved."""
    return [Coded(each.unit, each.stamp + round(seconds * 90_000), each.key) for each in pictures]


def nothing(_line: Line) -> None:
    """Do nothing."""


def garbage(line: Line) -> None:
    line.raw(random.Random(3).randbytes(3000))


def garbage_packets(line: Line) -> None:
    chance = random.Random(3)
    for _ in range(30):
        line.packet(chance.randbytes(400))


def spoilt(line: Line) -> None:
    """Send one second of pictures with some bytes changed."""
    chance = random.Random(5)
    for each in PICTURES[10:20]:
        unit = bytearray(each.unit)
        for _ in range(8):
            unit[chance.randrange(8, len(unit))] ^= chance.randrange(1, 255)
        line.unit(bytes(unit), each.stamp)
        line.wait(0.1)


def drips(line: Line) -> None:
    """Send a long packet, five bytes a second."""
    for each in b"$\0\x05\x14" + bytes(1300):
        line.raw(bytes([each]))
        if not line.wait(0.2):
            return


def unstamped(line: Line) -> None:
    """Play with all time stamps zero."""
    for each in PICTURES * 10:
        line.unit(each.unit, 0)
        if not line.wait(0.1):
            return


@dataclass(frozen=True)
class Odd:
    """A camera's script, what it is lost by (None: it is not), and the numbers that have to be seen at the end."""

    scripts: list[Script]
    lost: CameraStatus | None = None
    seen: range = range(12, 16)
    sizes: tuple[int, ...] = (320,)


MISCHIEF = {
    "garbage on the connection": Odd([first(15, garbage, PICTURES), SOUND], CameraStatus.STALLED),
    "garbage in packets": Odd([first(10, garbage_packets, at(PICTURES[10:], 0.0))]),
    "spoilt pictures": Odd([first(10, spoilt, at(PICTURES[20:], 0.0))], seen=range(24, 28)),
    "drips": Odd([first(15, drips), SOUND], CameraStatus.STALLED),
    "another size": Odd([first(10, nothing, at(coded(20, size=(640, 360)), 1.0))], sizes=(320, 640)),
    "no key frame after a reconnect": Odd([first(10, Line.hang_up), steadily(PICTURES[3:])], CameraStatus.BROKEN),
    "stamps jump ahead": Odd([first(10, nothing, at(PICTURES[10:], 5000.0))]),
    "stamps jump back": Odd([first(10, nothing, at(PICTURES[10:], -5000.0))]),
    "stamps jump back a little": Odd([first(10, nothing, at(PICTURES[10:], -3.0))]),
    "no stamps": Odd([unstamped]),
    "B-frames": Odd([steadily(coded(40, b=2))]),
}


@dataclass
class Watch:
    """What is seen of one camera."""

    numbers: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def look(self, frame: Frame) -> None:
        self.numbers.append(number_of(frame.picture))
        if frame.picture.width not in self.sizes:
            self.sizes.append(frame.picture.width)


def recovers(odd: Odd, watch: Watch, running: Running) -> bool:
    """Wait until a camera is lost, where it has to be, and gives the pictures that it has to after that."""
    if odd.lost is not None and not (wait_until(lambda: running.lost) and running.has_status("ok")):
        return False
    begun = len(watch.numbers) - 1 if odd.lost else 0
    return wait_until(lambda: set(odd.seen) <= set(watch.numbers[begun:]), 20)


def test_mischief_in_the_middle_of_a_stream_ends_in_the_right_word_and_in_recovery() -> None:
    with ExitStack() as stack:
        watched: dict[str, tuple[Watch, Running]] = {}
        for name, odd in MISCHIEF.items():
            camera = stack.enter_context(OddCamera(list(odd.scripts)))
            watch = Watch()
            channel = rtsp_channel(RtspSettings(url=camera.url(), timeout_s=2.0))
            watched[name] = watch, stack.enter_context(Running(channel, look=watch.look))
        for name, (watch, running) in watched.items():
            assert recovers(MISCHIEF[name], watch, running), f"{name}: {watch}"
        for _, running in watched.values():
            running.stop.set()
    for name, (watch, running) in watched.items():
        odd = MISCHIEF[name]
        assert [each.status for each in running.lost] == ([odd.lost] if odd.lost else []), name
        assert tuple(watch.sizes) == odd.sizes, name
        assert all(before < after for before, after in pairwise(running.places)), name


@cache
def long_stream() -> list[Coded]:
    """Return forty seconds of pictures."""
    return coded(400)


@dataclass
class Ages:
    """Sends numbered pictures, and knows how old each one is when it is taken."""

    sent_s: dict[int, float] = field(default_factory=dict)
    ages: list[float] = field(default_factory=list)

    def play(self, line: Line) -> None:
        self.sent_s.clear()
        pictures, begun_s = long_stream(), time.monotonic()
        for number, each in enumerate(pictures):
            self.sent_s[number] = time.monotonic()
            line.unit(each.unit, each.stamp)
            if not line.wait(max(0.0, begun_s + (number + 1) / 10 - time.monotonic())):
                return

    def look(self, frame: Frame) -> None:
        self.ages.append(time.monotonic() - self.sent_s[number_of(frame.picture)])


def after(seconds: float, what: Callable[[], object]) -> None:
    """Wait so long, whatever happens; then do it."""
    begun_s = time.monotonic()
    assert wait_until(lambda: time.monotonic() - begun_s > seconds)
    what()


def test_a_stall_of_the_network_is_no_outage_and_what_was_kept_meanwhile_is_thrown_away() -> None:
    pictures = Ages()
    with OddCamera([pictures.play]) as camera, BadNetwork(camera.port) as network:
        settings = RtspSettings(url=f"rtsp://127.0.0.1:{network.port}/live", timeout_s=6.0)
        with Running(rtsp_channel(settings), look=pictures.look) as running:
            assert running.has_frames(10)
            network.open.clear()
            after(3.5, network.open.set)
            assert running.has_frames(15)
            assert not running.lost
            assert running.state.decode_errors == 0
    assert max(pictures.ages) < 2.0


def test_a_network_slower_than_the_stream_is_told_and_does_not_let_pictures_grow_old() -> None:
    pictures = Ages()
    with OddCamera([pictures.play]) as camera, BadNetwork(camera.port, stretched=2.0) as network:
        settings = RtspSettings(url=f"rtsp://127.0.0.1:{network.port}/live")
        with Running(rtsp_channel(settings), look=pictures.look) as running:
            assert running.has_status("stalled")
            assert "later and later; choose a smaller stream" in running.state.detail
            assert running.has_status("ok")
            assert running.has_frames(3)
    assert max(pictures.ages) < 2.0
