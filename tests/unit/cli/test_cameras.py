"""What `edge cameras` prints is a configuration file; what `edge cameras test` advises follows from what it saw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.capture.attached import Attached
from edge.capture.onvif.answers import Found
from edge.capture.onvif.media import Profile
from edge.capture.onvif.place import Place
from edge.capture.onvif.resolve import Resolved
from edge.capture.onvif.survey import Surveyed
from edge.capture.trial_seen import Trial
from edge.cli.cameras_blocks import listing
from edge.cli.cameras_test import advice, report
from edge.config.loader import loads
from edge.model.scene import Picture

MAIN = Profile("main", "Main", "1", "H264", 1920, 1080, 25.0)
SUB = Profile("sub", "Sub", "1", "H264", 640, 360, 10.0)
SECOND = Profile("two #1", "Second", "2", "H265", 640, 360, 10.0)
FOUND = Found("urn:uuid:1", Place("192.0.2.7", 8000), "Front door", "T-1000")
CAMERA = Surveyed(FOUND, "Test T-1000", (MAIN, SUB), (Resolved(SUB, "rtsp://192.0.2.7:554/sub"),))


def test_a_camera_is_ready_to_paste() -> None:
    text = listing([], [CAMERA], "viewer", Path("/etc/edge/secrets/cam"))
    (channel,) = loads(text, "edge.yaml").channels
    assert channel.name == "Front door"
    onvif = channel.source.onvif
    assert onvif is not None
    assert (onvif.host, onvif.port, onvif.profile) == ("192.0.2.7", 8000, "auto")
    assert (onvif.username, onvif.password_file) == ("viewer", "/etc/edge/secrets/cam")
    assert "# * sub: 640x360 H264, 10 fps" in text
    assert "#   main: 1920x1080 H264, 25 fps" in text


def test_each_lens_gets_a_channel_and_each_channel_a_name() -> None:
    double = replace(
        CAMERA, profiles=(MAIN, SUB, SECOND), chosen=(*CAMERA.chosen, Resolved(SECOND, "rtsp://192.0.2.7/2"))
    )
    channels = loads(listing([], [double, CAMERA], "", None), "edge.yaml").channels
    assert [channel.name for channel in channels] == ["Front door", "Front door 2", "Front door 3"]
    assert [channel.source.onvif.profile for channel in channels if channel.source.onvif] == ["auto", "two #1", "auto"]


def test_what_is_in_the_way_stands_beside_it() -> None:
    text = listing([], [Surveyed(FOUND, trouble="wants a user name", clock_off_s=-7200.0)], "", None)
    assert "#   wants a user name" in text
    assert "#   its clock is 2 h behind" in text
    assert len(loads(text, "edge.yaml").channels) == 1


def test_what_this_version_does_not_take_is_a_comment() -> None:
    webcam = Attached("usb", "HD Webcam", "/dev/video0", ("MJPG: 1280x720, 640x480",))
    text = listing([webcam, Attached("csi", "imx708", "0")], [], "", None)
    taken = [channel.name for channel in loads(text, "edge.yaml").channels]
    for name in ("HD Webcam", "imx708"):
        assert name in taken or f"#  - name: {name}" in text
    assert "# USB HD Webcam, /dev/video0" in text
    assert "# MJPG: 1280x720, 640x480" in text


NAMES = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20).map(str.strip)


@settings(max_examples=30)
@given(st.lists(NAMES.filter(str.isprintable).filter(bool), min_size=1, max_size=4))
def test_any_name_can_be_pasted(names: list[str]) -> None:
    cameras = [replace(CAMERA, found=replace(FOUND, name=name)) for name in names]
    channels = loads(listing([], cameras, "", None), "edge.yaml").channels
    assert len({channel.name for channel in channels}) == len(names)
    assert channels[0].name == names[0]


def picture(width: int, height: int) -> Picture:
    y = np.zeros((height, width), np.uint8)
    return Picture(y, y[: height // 2, : width // 2], y[: height // 2, : width // 2])


GOOD = Trial(
    codec="h264",
    picture=picture(640, 360),
    fps=10.0,
    stamped_fps=10.0,
    keyframes=5,
    keyframe_s=2.0,
    first_picture_s=0.5,
    bits=5e5,
    decode_errors=0,
    lost_packets=0,
    jitter_s=0.02,
    falls_behind=0.0,
    decode_s=0.001,
)


@pytest.mark.parametrize(
    ("trial", "transport", "says"),
    [
        pytest.param(GOOD, "tcp", "", id="nothing to say"),
        pytest.param(replace(GOOD, picture=picture(1920, 1080)), "tcp", "sub-stream", id="large"),
        pytest.param(replace(GOOD, codec="hevc"), "tcp", "H.264", id="H.265"),
        pytest.param(replace(GOOD, codec="mjpeg"), "tcp", "H.264", id="MJPEG"),
        pytest.param(replace(GOOD, codec="mpeg4"), "tcp", "H.264", id="another codec"),
        pytest.param(replace(GOOD, keyframe_s=10.0), "tcp", "key-frame interval", id="key frames"),
        pytest.param(replace(GOOD, fps=2.0), "tcp", "raise the frame rate", id="slow"),
        pytest.param(replace(GOOD, fps=30.0), "tcp", "lower the frame rate", id="fast"),
        pytest.param(replace(GOOD, lost_packets=3), "udp", "transport: tcp", id="lost by UDP"),
        pytest.param(replace(GOOD, lost_packets=3), "tcp", "cable", id="lost by TCP"),
        pytest.param(replace(GOOD, decode_errors=3), "udp", "cable", id="damaged"),
        pytest.param(replace(GOOD, falls_behind=0.1), "tcp", "bit rate", id="falls behind"),
        pytest.param(replace(GOOD, jitter_s=0.9), "tcp", "unevenly", id="uneven"),
    ],
)
def test_advice(trial: Trial, transport: str, says: str) -> None:
    given_advice = advice(trial, transport)
    assert len(given_advice) == bool(says)
    assert says in "".join(given_advice)


def test_a_report_tells_all() -> None:
    lines = "\n".join(report(replace(GOOD, keyframes=1, keyframe_s=9.5), 10.0))
    assert "codec: H.264" in lines
    assert "10.0 a second, 0.50 Mbit/s" in lines
    assert "none for 9.5 s" in lines
    assert "5.0 a second (10.0 by its time stamps)" in "\n".join(report(replace(GOOD, fps=5.0), 10.0))
