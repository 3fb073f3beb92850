"""The whole program with camera modules: it finds a stand-in where picamera2 would be, and nothing else differs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from edge.outputs.control import SOCKET_NAME, ask
from tests.support.appliance import Appliance, appliance, start, until, write_config
from tests.support.csi_rig import FAKE, FakeRig, module
from tests.support.fake_picamera2.picamera2.script import VARIABLE
from tests.support.walkers import write_walk

ROOT = Path(__file__).parents[2]
SMALL = "width: 640, height: 360"
MIDDLE = "{line: Middle, points: [[0.5, 0.1], [0.5, 0.95]]}"
Bench = Callable[..., FakeRig]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give the program these cameras."""

    def make(*cameras: dict[str, Any]) -> FakeRig:
        path = tmp_path / "cameras.json"
        monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{FAKE}")
        monkeypatch.setenv(VARIABLE, str(path))
        return FakeRig(path, *cameras)

    return make


def told(running: Appliance, kind: str, channel: str) -> list[dict[str, Any]]:
    events = running.get("/v1/json/events?limit=1000") or []
    return [each for each in events if each["type"] == kind and each["channel_name"] == channel]


def channel(running: Appliance, name: str) -> dict[str, Any]:
    return next((each for each in running.get("/v1/json/channels") or [] if each["name"] == name), {})


def has(running: Appliance, name: str, status: str) -> None:
    until(f"{name} is {status}", lambda: channel(running, name).get("status") == status)


def test_three_cameras_one_is_passed_one_is_covered_one_stalls(tmp_path: Path, bench: Bench) -> None:
    rig = bench(module(number=0, scene="walk"), module(number=1, scene="black", pace=8), module(number=2))
    channels = f"""
  - name: Passed
    source: {{csi: {{camera: 0, {SMALL}, fps: 10}}}}
    rules: [{MIDDLE}]
  - name: Covered
    source: {{csi: {{camera: 1, {SMALL}, fps: 5}}}}
    analysis: {{width: 320, fps: 3}}
    sabotage: {{seconds: 1}}
  - name: Stalls
    source: {{csi: {{camera: 2, {SMALL}, fps: 10, timeout_s: 2}}}}
    analysis: {{width: 320, fps: 2}}
    disconnect: {{seconds: 3}}
"""
    with appliance(tmp_path, channels) as running:
        running.serve()
        has(running, "Stalls", "ok")
        rig.set(2, stalled=True)
        lost = until("the stalled one is told", lambda: told(running, "CameraDisconnected", "Stalls"))
        rig.set(2, stalled=False)
        has(running, "Stalls", "ok")
        dark = until("the covered one is told", lambda: told(running, "Sabotage", "Covered"))
        crossed = until("who passes is counted", lambda: told(running, "TripwireCrossed", "Passed"))
        assert [each["reason"] for each in lost] == ["stalled"]
        assert [each["reason"] for each in dark] == ["dark"]
        assert crossed[0]["direction"] == "b_to_a"
        assert channel(running, "Passed")["width"] == 640
        picture = tmp_path / "state" / "snapshots"
        assert any(picture.rglob("*.jpg"))
        assert running.stop() == 0
    assert "Traceback" not in running.log.read_text()


def test_a_camera_that_hangs_is_told_left_alone_and_freed_by_the_next_process(tmp_path: Path, bench: Bench) -> None:
    rig = bench(module(scene="still"))
    clip, kept = tmp_path / "clip.mp4", tmp_path / "state" / "hangs.json"
    write_walk(clip)
    channels = f"""
  - name: Porch
    id: porch
    source: {{csi: {{{SMALL}, timeout_s: 1}}}}
    disconnect: {{seconds: 2}}
  - name: Yard
    source: {{file: {{path: {clip}, loop: true, realtime: false}}}}
    rules: [{MIDDLE}]
"""
    with appliance(tmp_path, channels) as running:
        running.serve()
        has(running, "Porch", "ok")
        rig.set(stalled=True, hang_on_stop=True)
        assert running.process.wait(60) == 1
    rig.set(stalled=False, hang_on_stop=False)
    row = json.loads(kept.read_text())["porch"]
    assert row["hangs"] == 1
    assert 0.0 < row["until_s"] - time.monotonic() <= 10.0
    kept.write_text(json.dumps({"porch": row | {"hangs": 5, "until_s": time.monotonic() + 600.0}}))
    with appliance(tmp_path, channels) as again:
        again.serve()
        has(again, "Porch", "hung")
        said = str(ask(tmp_path / "state" / SOCKET_NAME, {"call": "status"}, 30.0))
        assert "it is tried again in 10 minutes" in said
        before, since_s = newest(again, "Yard"), time.monotonic()
        until("the other goes on", lambda: newest(again, "Yard") > before and time.monotonic() - since_s > 3.0)
        assert channel(again, "Porch")["status"] == "hung"
        write_config(again.config, channels.replace("timeout_s: 1", "timeout_s: 3"), again.port)
        again.process.send_signal(signal.SIGHUP)
        has(again, "Porch", "ok")
        lost = told(again, "CameraDisconnected", "Porch")
        assert [each["reason"] for each in lost] == ["stalled"], "told before it hung, and once an outage"
        assert again.stop() == 0
    assert json.loads(kept.read_text()) == {}
    log = running.log.read_text()
    assert "the camera hangs: camera 0 (imx708) did not stop within 5 s" in log
    assert "Traceback" not in log


def newest(running: Appliance, channel: str) -> int:
    found = running.get("/v1/json/events?limit=100&order=DESC") or []
    return max((each["event_id"] for each in found if each["channel_name"] == channel), default=0)


def test_a_network_in_the_sensor_counts_and_its_upload_delays_nothing(tmp_path: Path, bench: Bench) -> None:
    bench(module("imx500", scene="walk", upload_s=5.0, answers_every=2))
    network = tmp_path / "made.rpk"
    network.write_text(json.dumps({"intrinsics": {"labels": ["person", "bicycle", "car"], "bbox_order": "yx"}}))
    channels = f"""
  - name: Porch
    source: {{csi: {{{SMALL}, fps: 10, rotation: 180}}}}
    detector: {{kind: imx500, model: {network}}}
    rules: [{MIDDLE}]
"""
    with appliance(tmp_path, channels) as running:
        running.serve()
        running.hear("READY=1")
        has(running, "Porch", "preparing")
        socket = tmp_path / "state" / SOCKET_NAME
        until("how far it is", lambda: "% of part 3 of 3" in str(ask(socket, {"call": "status"}, 30.0)))
        until("systemd is told", lambda: any("Porch: preparing" in word for word in running.words))
        has(running, "Porch", "ok")
        crossed = until("who passes is counted", lambda: told(running, "TripwireCrossed", "Porch"))
        assert crossed[0]["direction"] == "a_to_b", "turned by 180 degrees: from the right to the left"
        assert crossed[0]["origin"] == "Pedestrian"
        assert crossed[0]["label"] == "person"
        assert running.stop() == 0
    assert "Porch: the network is being put into the sensor" in running.log.read_text()


def test_a_stop_during_the_upload_is_short(tmp_path: Path, bench: Bench) -> None:
    bench(module("imx500", upload_s=60.0))
    network = tmp_path / "made.rpk"
    network.write_text("{}")
    channels = f"  - {{name: Porch, source: {{csi: {{}}}}, detector: {{kind: imx500, model: {network}}}}}\n"
    with appliance(tmp_path, channels) as running:
        running.serve()
        has(running, "Porch", "preparing")
        assert running.stop() == 0


def test_what_an_installer_reads(tmp_path: Path, bench: Bench) -> None:
    bench(module(number=0, busy=True), module(number=1, forbidden=True))
    expected = {
        "Busy": ("camera: 0", "in use", "end that, or name another camera"),
        "Forbidden": ("camera: 1", "not permitted", "group video"),
        "Elsewhere": (
            "camera: 3",
            "not found",
            "camera 3 is not there; check its cable, or correct it; cameras: 0 (imx708",
        ),
    }
    channels = "".join(f"  - {{name: {name}, source: {{csi: {{{each[0]}}}}}}}\n" for name, each in expected.items())
    with appliance(tmp_path, channels) as running:
        running.serve()
        for name, (_, status, words) in expected.items():
            has(running, name, status)
            lines = [line for line in running.log.read_text().splitlines() if f"{name}: {status}:" in line]
            assert len(lines) == 1
            assert words in lines[0]
        assert "Traceback" not in running.log.read_text()


def tried(*words: str) -> subprocess.CompletedProcess[str]:
    words = ("cameras", "test", *words)
    run = [sys.executable, "-m", "edge", *words]
    return subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)


def test_one_is_tried(tmp_path: Path, bench: Bench) -> None:
    bench(module("imx219"), module("imx708", 1, late_s=0.3))
    out = tmp_path / "out.jpg"
    run = tried("csi:1", "--seconds", "2", "--picture", str(out))
    assert run.returncode == 0, run.stderr
    said = dict(line.split(": ", 1) for line in run.stdout.splitlines())
    assert said["camera"].startswith("camera 1 (imx708), id /base/soc/i2c0mux/i2c@8/")
    assert said["size"] == "1280x720 for people, 512x288 for the analysis"
    assert said["exposure"].startswith("10.0 ms, amplified 1.0 times, about 400 lux")
    assert 300 <= int(said["latency"].split()[0]) < 2300, "by the sensor's time stamp: no older picture is handed over"
    assert 12.0 < float(said["frame rate"].split()[3]) < 18.0
    assert said["losses"].endswith("pictures, by the sensor's time stamps")
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape == (720, 1280, 3)


def test_a_trial_says_what_would_be_better_and_what_hangs(bench: Bench) -> None:
    bench(module(lux=0.5, hang_on_stop=True))
    run = tried("csi:imx708", "--seconds", "2")
    assert "about 0.50 lux" in run.stdout
    assert "advice: it is dark here: give it light" in run.stdout
    assert run.returncode == 1
    assert run.stderr.splitlines()[1:] == [
        "edge: hung: camera 0 (imx708) did not stop within 5 s; only a new process gets it back"
    ]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("csi:0", "Device or resource busy); where it is the device itself: systemctl stop edge"),
        ("csi:5", "not found: camera 5 is not there; check its cable, or correct it; cameras: 0 (imx708"),
        ("csi:", "write csi:0, or the camera's id or model"),
    ],
)
def test_a_trial_that_cannot_be_says_why(bench: Bench, named: str, says: str) -> None:
    bench(module(busy=True))
    run = tried(named)
    assert run.returncode == 1
    assert says in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr


def test_without_picamera2_one_line_says_what_to_install(tmp_path: Path) -> None:
    with appliance(tmp_path, "  - {name: Porch, source: {csi: {}}}\n") as running:
        running.serve()
        has(running, "Porch", "not found")
        assert "sudo apt install python3-picamera2" in running.log.read_text()


def test_edge_cameras_lists_them_ready_to_paste(tmp_path: Path, bench: Bench) -> None:
    bench(module(number=0), module("imx500", 1), module("HD Webcam", 2, Id="/base/usb@1/webcam"))
    with start(["cameras"], tmp_path / "said") as asked:
        assert asked.wait(60) == 0
    said = (tmp_path / "said").read_text()
    assert "csi: {camera: 0}" in said
    assert "csi: {camera: 1}" in said
    assert "id /base/soc/i2c0mux/i2c@8/imx500@1a" in said
    assert "Webcam" not in said
