from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.address import camera_address
from edge.capture.source import CaptureError
from edge.settings import RtspSettings

TEXT = st.characters(exclude_categories=["Cs"])
RESERVED = ":/?#[]@!$&'()*+,;=% "


@given(st.text(TEXT, min_size=1, max_size=6), st.text(TEXT, max_size=14))
def test_credentials_stay_in_their_place(username: str, password: str) -> None:
    settings = RtspSettings(url="rtsp://cam.example:8554/a/b?c=d", username=username, password=password)
    address = camera_address(settings)
    userinfo, _, rest = address.with_credentials.removeprefix("rtsp://").partition("@")
    assert rest == "cam.example:8554/a/b?c=d"
    assert not set(userinfo) & set("@/?# ")
    assert userinfo.count(":") == 1
    username_given, _, password_given = userinfo.partition(":")
    assert (unquote(username_given), unquote(password_given)) == (username, password)
    assert address.shown == "rtsp://cam.example:8554/a/b"
    assert repr(address).count(address.shown) == 1
    assert "with_credentials" not in repr(address)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(RESERVED * 3, id="every reserved character three times: 180 bytes with all of it escaped"),
        pytest.param("пароль от камеры во дворе", id="46 bytes of Cyrillic: 146 with all of it escaped"),
        pytest.param("x" * 120, id="as long as it may be"),
    ],
)
def test_a_long_password_fits_what_ffmpeg_takes(password: str) -> None:
    address = camera_address(RtspSettings(url="rtsp://cam/live", username="viewer", password=password))
    userinfo = address.with_credentials.removeprefix("rtsp://").rpartition("@")[0]
    assert len(userinfo.encode()) <= 127
    assert unquote(userinfo) == f"viewer:{password}"
    assert not set(userinfo) & set("@/?# ")


def test_a_password_that_ffmpeg_would_cut_off_is_told_and_never_sent() -> None:
    with pytest.raises(CaptureError, match="too long: 128 bytes") as caught:
        camera_address(RtspSettings(url="rtsp://cam/live", username="viewer", password="x" * 121))
    assert "xxx" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "encrypted"),
    [
        ("rtsp://192.0.2.7/live", "192.0.2.7", 554, False),
        ("rtsps://192.0.2.7/live", "192.0.2.7", 322, True),
        ("rtsp://[2001:db8::1]:8554/live", "2001:db8::1", 8554, False),
        ("rtsp://user:pw@cam:1/live", "cam", 1, False),
    ],
)
def test_host_and_port(url: str, host: str, port: int, *, encrypted: bool) -> None:
    address = camera_address(RtspSettings(url=url))
    assert (address.host, address.port, address.encrypted) == (host, port, encrypted)
    assert address.with_credentials == url
    assert "user" not in address.shown


@pytest.mark.parametrize("url", ["http://cam/live", "rtsp:///live", "cam", "rtsp://cam:http/live", "rtsp://cam:99999/"])
def test_what_is_no_address_says_so(url: str) -> None:
    with pytest.raises(CaptureError, match=r"source\.rtsp\.url"):
        camera_address(RtspSettings(url=url))


@pytest.mark.parametrize(
    ("content", "encoded"),
    [("secret\n", "secret"), ("pass word\r\nnext", "pass%20word"), ("", ""), ("ä:@", "%C3%A4%3A%40")],
)
def test_the_first_line_of_the_file_is_the_password(tmp_path: Path, content: str, encoded: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(content.encode())
    settings = RtspSettings(url="rtsp://cam/live", username="me", password="not this", password_file=str(secret))
    assert camera_address(settings).with_credentials == f"rtsp://me:{encoded}@cam/live"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00secret"], ids=["missing", "not text"])
def test_a_password_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes | None) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    settings = RtspSettings(url="rtsp://cam/live", username="me", password_file=str(secret))
    with pytest.raises(CaptureError, match="first line") as caught:
        camera_address(settings)
    assert caught.value.__context__ is None
