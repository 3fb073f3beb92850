"""`edge run` with the real picamera2 on libcamera's virtual pipeline, in a Debian 13 of its own: `make test-camera`.

Not part of `make test`: building the root takes the network, and half a gigabyte of the cache.
"""

import re
import shutil
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.camera_root import enter
from tests.camera_root.film import LINES, SENSOR_FPS, virtual_cameras, write_film
from tests.support.appliance import DEADLINE_S, Appliance, until
from tests.support.ports import free_port

HANGS, FAILS = "hangs", "fails"
"""Files of the test's folder: while one exists, the sensor hangs, or its frames fail."""
WALKED = [("Left", "b_to_a"), ("Right", "b_to_a"), ("Right", "a_to_b"), ("Left", "a_to_b")]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film") / "street"
    write_film(folder)
    return folder


def settings(port: int) -> str:
    lines = "".join(f"      - {{line: {name}, points: [[{at}, 0.55], [{at}, 1.0]]}}\n" for name, at in LINES.items())
    return f"""
state_dir: {enter.RUN}/state
api: {{host: 127.0.0.1, port: {port}}}
channels:
  - name: Ribbon
    id: ribbon
    source: {{csi: {{camera: 0, width: 1280, height: 720, fps: {SENSOR_FPS}, timeout_s: 2}}}}
    sabotage: {{seconds: 2}}
    disconnect: {{seconds: 4}}
    rules:
{lines}"""


def shown_to(folder: Path, film: Path) -> dict[str, str]:
    """Put the film and its camera into the test's folder; return the environment of the sensor."""
    shutil.copytree(film, folder / film.name, dirs_exist_ok=True)
    (folder / "cameras").mkdir(exist_ok=True)
    (folder / "cameras" / "virtual.yaml").write_text(virtual_cameras(enter.RUN / film.name))
    return {
        "EDGE_SENSOR_FPS": f"{SENSOR_FPS}",
        "EDGE_SENSOR_HANGS": str(enter.RUN / HANGS),
        "EDGE_SENSOR_FAILS": str(enter.RUN / FAILS),
    }


@contextmanager
def running(root: Path, folder: Path, film: Path, port: int) -> Iterator[Appliance]:
    """Yield `edge run` in the root, its files in `folder`; killed at the end."""
    sensor = shown_to(folder, film)
    config = folder / "edge.yaml"
    config.write_text(settings(port))
    words = ["python3", "-m", "tests.camera_root.run_edge", "run", "--config", str(enter.RUN / config.name)]
    log = folder / "log"
    with log.open("a") as file:
        process = subprocess.Popen(
            enter.command(root, words, run=folder, more=sensor), stdout=file, stderr=subprocess.STDOUT, text=True
        )
        try:
            yield Appliance(config, port, process, log)
        except BaseException:
            print(log.read_text())  # it says most of what went wrong
            raise
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(DEADLINE_S)


class Receiver:
    """A client that waits for events, and notes when each is there; nobody is told of one before it is committed."""

    def __init__(self, device: Appliance) -> None:
        self._device = device
        self.events: list[Any] = []
        self.came_s: dict[int, float] = {}

    def wait_for(self, kind: str) -> None:
        """Take events until one is of a kind."""
        end_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < end_s:
            since = self.events[-1]["event_id"] if self.events else 0
            for each in self._device.get(f"/v1/json/events?sinceId={since}&timeout=5") or []:
                self.came_s[each["event_id"]] = time.time()
                self.events.append(each)
            if any(each["type"] == kind for each in self.events):
                return
        raise AssertionError(f"no {kind} within {DEADLINE_S} s")

    def delays_s(self) -> list[float]:
        """Return how long each event of somebody's walk took from the sensor's time of the frame that decided it.

        An event has the time of what happened, which a later frame may have shown: the last of its path. Who
        disappears is told by frames without him.
        """
        found = []
        for each in self.events:
            if each["type"] == "ObjectDisappear":
                continue
            path = self._device.get(f"/v1/json/events/{each['event_id']}/evidence").get("path", [])
            if path:
                happened_s = datetime.fromisoformat(each["time_utc"]).timestamp()
                decided_s = happened_s + path[-1][0] - float(each["timestamp"])
                found.append(self.came_s[each["event_id"]] - decided_s)
        return found


def channel(device: Appliance) -> Any:  # noqa: ANN401 - JSON
    return device.get("/v1/json/channels")[0]


def told(device: Appliance, kind: str) -> list[Any]:
    return [each for each in device.get("/v1/json/events?limit=1000") or [] if each["type"] == kind]


def frame_count(device: Appliance) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{device.port}/metrics", timeout=DEADLINE_S) as answer:
        found = re.search(r"^edge_channel_frames_total\{.*\} (\d+)", answer.read().decode(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_a_walker_is_counted_and_a_covered_lens_is_told(root: Path, street: Path, tmp_path: Path) -> None:
    with running(root, tmp_path, street, free_port()) as device:
        device.serve()
        receiver = Receiver(device)
        receiver.wait_for("Sabotage")
        shown, frames, fps = receiver.events, frame_count(device), channel(device)["fps"]
        delays_ms = sorted(1000 * each for each in receiver.delays_s())
        assert device.stop() == 0
    crossed = [(each["rule_name"], each["direction"]) for each in shown if each["type"] == "TripwireCrossed"]
    spoilt = [each["reason"] for each in shown if each["type"] == "Sabotage"]
    middle_ms, worst_ms = statistics.median(delays_ms), delays_ms[-1]
    print(f"\nreal picamera2: {frames} frames, {fps} a second of {SENSOR_FPS:g}; from the sensor's time stamp to the")
    print(f"committed event: median {middle_ms:.0f} ms, worst {worst_ms:.0f} ms of {len(delays_ms)}")
    assert crossed == WALKED
    assert spoilt == ["dark"]
    assert len(delays_ms) >= len(WALKED)
    assert delays_ms[0] > 0


def test_a_camera_that_stalls_is_told_and_got_back(root: Path, street: Path, tmp_path: Path) -> None:
    with running(root, tmp_path, street, free_port()) as device:
        device.serve()
        until("the camera is here", lambda: channel(device)["status"] == "ok")
        (tmp_path / FAILS).touch()
        until("the outage is told", lambda: told(device, "CameraDisconnected"))
        lost = channel(device)
        (tmp_path / FAILS).unlink()
        until("the camera is back", lambda: channel(device)["status"] == "ok")
        assert [each["reason"] for each in told(device, "CameraDisconnected")] == ["stalled"]
        assert lost["status"] == "stalled"
        assert device.stop() == 0


def test_a_camera_that_hangs_ends_the_process_and_is_told(root: Path, street: Path, tmp_path: Path) -> None:
    port = free_port()
    with running(root, tmp_path, street, port) as device:
        device.serve()
        until("the camera is here", lambda: channel(device)["status"] == "ok")
        (tmp_path / HANGS).touch()
        began_s = time.monotonic()
        assert device.process.wait(DEADLINE_S) != 0
        print(f"\nreal picamera2: a camera that hangs ended the process after {time.monotonic() - began_s:.1f} s")
    (tmp_path / HANGS).unlink()
    with running(root, tmp_path, street, port) as device:
        device.serve()
        until("the camera is back", lambda: channel(device)["status"] == "ok")
        assert [each["reason"] for each in told(device, "CameraDisconnected")] == ["hung"]
        assert device.stop() == 0


def tried(root: Path, street: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    sensor = shown_to(folder, street)
    words = [
        "python3",
        "-m",
        "tests.camera_root.run_edge",
        "cameras",
        "test",
        "csi:Virtual0",
    ]
    words += ["--seconds", "3", "--picture", str(enter.RUN / "out.jpg")]
    command = enter.command(root, words, run=folder, more=sensor)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_camera_is_tried_by_its_id(root: Path, street: Path, tmp_path: Path) -> None:
    run = tried(root, street, tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    said = dict(line.split(": ", 1) for line in run.stdout.splitlines())
    print(f"\nreal picamera2, tried: {said['frame rate']}; latency {said['latency']}; losses {said['losses']}")
    assert said["camera"].endswith("id Virtual0")
    assert said["size"].startswith("1280x720 for people")
    assert said["exposure"] == "not told by the camera"
    assert said["latency"].endswith("ms from the sensor's first line to the analysis")
    assert (tmp_path / "out.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_camera_that_hangs_ends_its_trial_too(root: Path, street: Path, tmp_path: Path) -> None:
    (tmp_path / HANGS).touch()
    run = tried(root, street, tmp_path)
    assert run.returncode == 1
    assert "should nothing follow within" in run.stderr
    assert "Traceback" not in run.stderr
    assert "Thread 0x" not in run.stderr
