"""Who answers in a network of three interfaces. Run by tests/integration/test_onvif_network.py."""

import socket
import threading
import time
from contextlib import ExitStack

from edge.capture.onvif.discovery import GROUP, PORT, ask, discover
from edge.settings import ChannelSettings, OnvifSettings, SourceSettings
from tests.support.cameras import Running
from tests.support.network import FAR, FIRST, MOVED, SECOND
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video, probe_match
from tests.support.rtsp_server import RtspServer, live

ENDPOINT = "urn:uuid:5f5a69c2-e0ae-504f-829b-00000000000"


def test_three_cameras_on_two_interfaces_and_one_malformed() -> None:
    with ExitStack() as there:
        cameras = [
            OnvifCamera(host=FIRST, endpoint=f"{ENDPOINT}1", name="Front door"),
            OnvifCamera(host=SECOND, endpoint=f"{ENDPOINT}2", discovery="unwrapped"),
            OnvifCamera(host=MOVED, endpoint=f"{ENDPOINT}3", discovery="malformed"),
            OnvifCamera(host=FAR, endpoint=f"{ENDPOINT}4", reported=("192.168.1.10", 8000)),
        ]
        for camera in cameras:
            there.enter_context(camera)
        begun_s = time.monotonic()
        found = {each.endpoint[-1]: each for each in discover(2.0)}
        assert time.monotonic() - begun_s < 5.0
    assert sorted(found) == ["1", "2", "4"]
    assert (found["1"].name, found["1"].place.host, found["1"].place.port) == ("Front door", FIRST, cameras[0].port)
    assert (found["2"].place.host, found["2"].place.port) == (SECOND, cameras[1].port)
    assert (found["4"].place.host, found["4"].place.port) == (FAR, 8000)


def test_the_question_is_sent_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((GROUP, PORT))
        line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton(SECOND))
        line.settimeout(0.0)
        discover(1.3)
        questions = []
        while True:
            try:
                questions.append(line.recv(65536))
            except BlockingIOError:
                break
    assert len(questions) >= 6  # three times, for two kinds
    assert len(set(questions)) == len(questions)


def test_a_flood_of_answers_is_bounded() -> None:
    stop = threading.Event()
    with OnvifCamera(host=SECOND, endpoint=f"{ENDPOINT}1") as camera:
        answers = [_answer(camera, number) for number in range(400)]  # more cameras than are taken
        flooding = threading.Thread(target=_flood, args=(answers, stop))
        flooding.start()
        begun_s = time.monotonic()
        try:
            found = discover(3.0)
        finally:
            stop.set()
            flooding.join()
    assert len(found) <= 256
    assert time.monotonic() - begun_s < 4.0


def _answer(camera: OnvifCamera, number: int) -> bytes:
    return probe_match(camera, "urn:uuid:1").replace(b"000000000001", f"{number:012d}".encode())


def _flood(answers: list[bytes], stop: threading.Event) -> None:
    """Answer the first question with all there is, again and again."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind((GROUP, PORT))
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton(SECOND))
        ear.settimeout(5.0)
        _, asker = ear.recvfrom(65536)
        mouth.bind((SECOND, 0))
        while not stop.is_set():
            for answer in answers:
                mouth.sendto(answer, asker)
            stop.wait(0.05)


def test_one_host_is_asked_alone() -> None:
    with OnvifCamera(host=SECOND, endpoint=f"{ENDPOINT}2") as camera:
        found = ask(SECOND, 2.0)
        assert found is not None
        assert (found.endpoint, found.place.port) == (camera.endpoint, camera.port)
        assert ask(MOVED, 0.2) is None
        assert ask("camera.invalid", 0.2) is None


def test_the_chosen_stream_of_a_found_camera_is_opened() -> None:
    videos = (Video("main", 1280, 720), Video("sub", 640, 360))
    with (
        RtspServer(mounts={"/sub": live(640, 360)}, host=SECOND) as server,
        OnvifCamera(host=SECOND, endpoint=f"{ENDPOINT}2", videos=videos, rtsp=(SECOND, server.port)),
    ):
        (found,) = discover(2.0, lambda _: True)
        settings = OnvifSettings(host=found.place.host, port=found.place.port, username="admin", password="secret")
        channel = ChannelSettings(id="cam", name="Yard", source=SourceSettings(onvif=settings))
        with Running(channel) as camera:
            assert camera.has_frames(3)
            assert (camera.state.width, camera.state.profile_token) == (640, "sub")
