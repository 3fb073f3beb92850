"""Calls to a camera that answers right, or wrong in every way that is known."""

import logging
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.capture.deadline import Deadline
from edge.capture.onvif.client import Client, Login, off_in_words
from edge.capture.onvif.media import model_of, profiles_of, snapshot_uri
from edge.capture.onvif.place import device_place
from edge.capture.onvif.resolve import Resolved, offer_of, resolve
from edge.capture.source import CameraStatus, CaptureError
from tests.support.cameras import RealClock
from tests.support.onvif_camera import OnvifCamera
from tests.support.onvif_messages import Video

VIDEOS = (
    Video("main", 1920, 1080),
    Video("h265", 1280, 720, "H265"),
    Video("jpeg", 640, 480, "JPEG"),
    Video("tiny", 320, 180),
)


def camera(**how: object) -> OnvifCamera:
    return replace(OnvifCamera(discovery="silent", videos=VIDEOS), **how)  # type: ignore[arg-type]


def client_of(there: OnvifCamera, password: str = "secret", username: str = "admin", seconds: float = 10.0) -> Client:
    login = Login(username, password)
    return Client(device_place(there.host, there.port), login, RealClock(), Deadline.after(seconds))


def refusal(
    there: OnvifCamera, password: str = "secret", username: str = "admin", seconds: float = 10.0
) -> CaptureError:
    with there, pytest.raises(CaptureError) as caught:
        resolve(client_of(there, password, username, seconds), "auto", "tcp")
    assert "secret" not in str(caught.value)
    return caught.value


def chosen(there: OnvifCamera) -> Resolved:
    with there:
        return resolve(client_of(there), "auto", "tcp")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="token"),
        pytest.param({"login": "digest"}, id="digest"),
        pytest.param({"login": "digest", "algorithms": ("SHA-256", "MD5")}, id="digest SHA-256 first"),
        pytest.param({"login": "digest", "algorithms": ("SHA-256",)}, id="digest SHA-256 only"),
        pytest.param({"login": "both"}, id="either"),
        pytest.param({"login": "none"}, id="no login"),
        pytest.param({"clock_off_s": 10_800.0}, id="clock three hours ahead"),
        pytest.param({"clock_off_s": -800_000_000.0}, id="clock of 2001"),
        pytest.param({"login": "digest", "fault": "no time"}, id="digest without a clock"),
        pytest.param({"reported": ("192.0.2.99", 8080)}, id="another host in its replies"),
        pytest.param({"reported": ("127.0.0.1", 9)}, id="another port in its replies"),
        pytest.param({"services": False}, id="old: no GetServices"),
        pytest.param({"media2": False}, id="old: no Media2"),
    ],
)
def test_the_smallest_sufficient_stream_is_found(how: dict[str, object]) -> None:
    there = camera(**how)
    found = chosen(there)
    assert (found.profile.token, found.profile.codec) == ("jpeg", "JPEG")
    assert found.url == "rtsp://127.0.0.1:554/jpeg"
    assert there.calls[0] == "GetSystemDateAndTime"
    assert there.failed == 0
    assert not [body for body in there.bodies if "secret" in body]


@pytest.mark.parametrize(
    ("how", "status", "says"),
    [
        pytest.param({}, CameraStatus.WRONG_PASSWORD, "user name or password", id="token"),
        pytest.param({"login": "digest"}, CameraStatus.WRONG_PASSWORD, "user name or password", id="digest"),
        pytest.param({"refused_status": 401}, CameraStatus.WRONG_PASSWORD, "user name or password", id="401"),
        pytest.param(
            {"clock_off_s": 7200.0}, CameraStatus.WRONG_PASSWORD, "clock is 2 h ahead", id="and a wrong clock"
        ),
        pytest.param({"locks_after": 0}, CameraStatus.LOCKED, "locked the account", id="locked"),
        pytest.param({"fault": "no time"}, CameraStatus.CLOCK_OFF, "set the camera's clock", id="no clock"),
    ],
)
def test_a_wrong_password_is_tried_once(how: dict[str, object], status: CameraStatus, says: str) -> None:
    there = camera(**how)
    error = refusal(there, password="wrong")
    assert (error.status, says in str(error)) == (status, True)
    assert there.failed <= 1


def test_a_password_travels_readable_only_where_that_is_asked_for() -> None:
    there = camera(login="basic")
    error = refusal(there)
    assert error.status is CameraStatus.NO_LOGIN
    assert "takes HTTP Basic only: it wants the password readable, which is not sent" in str(error)
    assert "source.onvif.basic: true" in str(error)
    assert not there.logins
    with there:
        login = Login("admin", "secret", basic=True)
        client = Client(device_place(there.host, there.port), login, RealClock(), Deadline.after(10.0))
        assert resolve(client, "auto", "tcp").profile.token == "jpeg"
        assert there.failed == 0
        wrong = replace(login, password="wrong")
        client = Client(device_place(there.host, there.port), wrong, RealClock(), Deadline.after(10.0))
        with pytest.raises(CaptureError, match="refuses the user name or password") as caught:
            resolve(client, "auto", "tcp")
    assert caught.value.status is CameraStatus.WRONG_PASSWORD
    assert there.failed == 1
    assert all(each.startswith("Basic ") for each in there.logins)


def test_a_camera_that_knows_a_better_login_gets_that_although_basic_is_allowed() -> None:
    with camera(login="digest") as there:
        login = Login("admin", "secret", basic=True)
        client = Client(device_place(there.host, there.port), login, RealClock(), Deadline.after(10.0))
        assert resolve(client, "auto", "tcp").profile.token == "jpeg"
    assert there.logins
    assert all(each.startswith("Digest ") for each in there.logins)


def test_a_wrong_password_that_basic_would_not_help_either_is_told_as_such() -> None:
    there = camera(login="both", algorithms=())
    error = refusal(there, password="wrong")
    assert error.status is CameraStatus.WRONG_PASSWORD
    assert "refuses the user name or password" in str(error)
    assert "or else it wants the password readable" in str(error)
    assert there.failed == 1


def test_without_a_name_it_is_asked_for() -> None:
    error = refusal(camera(), username="")
    assert error.status is CameraStatus.WRONG_PASSWORD
    assert "wants a user name" in str(error)


def test_a_clock_that_is_not_the_one_it_tells() -> None:
    error = refusal(camera(checked_clock_off_s=3600.0, says_expired=True))
    assert error.status is CameraStatus.CLOCK_OFF


@pytest.mark.parametrize(
    ("how", "status", "says"),
    [
        ({"fault": "no media"}, CameraStatus.NO_SUCH_STREAM, "offers no video"),
        ({"fault": "html"}, CameraStatus.NOT_ONVIF, "HTTP 404"),
        ({"fault": "malformed"}, CameraStatus.NOT_ONVIF, "not as ONVIF"),
        ({"fault": "doctype"}, CameraStatus.NOT_ONVIF, "not as ONVIF"),
        ({"fault": "endless"}, CameraStatus.NOT_ONVIF, "does not answer as ONVIF"),
        ({"fault": "silent"}, CameraStatus.STALLED, "in time"),
        ({"fault": "drip"}, CameraStatus.STALLED, "in time"),
        ({"videos": ()}, CameraStatus.NO_SUCH_STREAM, "profiles: none"),
    ],
    ids=lambda value: "" if isinstance(value, CameraStatus | str) else next(iter(value.values())) or "no profiles",
)
def test_what_is_wrong_is_told_apart(how: dict[str, object], status: CameraStatus, says: str) -> None:
    begun_s = time.monotonic()
    error = refusal(camera(**how), seconds=0.7)
    assert (error.status, says in str(error)) == (status, True)
    assert time.monotonic() - begun_s < 4.0


def test_nobody_and_nothing_are_told_apart() -> None:
    there = camera()
    with there:
        pass
    with pytest.raises(CaptureError) as caught:
        client_of(there).read_clock()
    assert caught.value.status is CameraStatus.REFUSED
    nowhere = Client(device_place("camera.invalid", 80), Login(), RealClock(), Deadline.after(5))
    with pytest.raises(CaptureError, match="not known by name") as caught:
        nowhere.read_clock()
    assert caught.value.status is CameraStatus.UNREACHABLE


def test_an_encrypted_camera_that_signed_itself(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    both = tmp_path / "camera.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera", "-keyout"]
    subprocess.run([*make, str(both), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True)
    both.write_text(both.read_text() + (tmp_path / "cert.pem").read_text())
    with camera(certificate=both, login="digest") as there:
        place = replace(device_place(there.host, there.port), encrypted=True)
        client = Client(place, Login("admin", "secret"), RealClock(), Deadline.after(10))
        assert resolve(client, "auto", "tcp").profile.token == "jpeg"
        with pytest.raises(CaptureError) as caught:
            client_of(there).read_clock()
        assert caught.value.status in {CameraStatus.NOT_ONVIF, CameraStatus.BROKEN}
    assert device_place("cam", 443).encrypted


def test_all_that_a_camera_offers() -> None:
    with camera() as there:
        client = client_of(there)
        offer = offer_of(client)
        assert [profile.shown for profile in offer.profiles] == [
            "1920x1080 H264, 10 fps",
            "1280x720 H265, 10 fps",
            "640x480 JPEG, 10 fps",
            "320x180 H264, 10 fps",
        ]
        assert {profile.keyframe_frames for profile in offer.profiles} == {50}
        assert snapshot_uri(client, offer.service, "tiny").endswith("/snapshot/tiny")
        assert model_of(client) == "Test T-1000"


def test_the_old_service_tells_sizes_and_key_frames_too() -> None:
    with camera(media2=False) as there:
        client = client_of(there)
        offer = offer_of(client)
        assert [each.token for each in profiles_of(client, offer.service)] == ["main", "jpeg", "tiny"]
        assert [each.keyframe_frames for each in offer.profiles] == [50, 0, 50]


def test_passwords_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chosen(camera())
    refusal(camera(), password="wrong secret")
    assert "secret" not in caplog.text
    assert "secret" not in repr(Login("admin", "secret"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(90.0, "90 s ahead"), (-1800.0, "30 min behind"), (3600.0, "1 h ahead"), (-86400.0 * 9131, "9131 days behind")],
)
def test_how_far_a_clock_is_off(seconds: float, words: str) -> None:
    assert off_in_words(seconds) == words
