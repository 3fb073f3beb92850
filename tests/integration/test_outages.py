"""Cameras that are lost, frozen or spoilt, through the whole program: a made clip and real RTSP servers."""

import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.stream import VideoStream

from tests.support.appliance import Appliance, appliance, until
from tests.support.attacks import Bgr, cover
from tests.support.ports import free_port
from tests.support.rtsp_server import RtspServer, live, unavailable
from tests.support.spoiling import street_pictures

ROOT = Path(__file__).resolve().parents[2]
FPS = 5
COVERED_S, FREE_S, FROZEN_S, END_S = 20, 27, 38, 56


def write(path: Path, pictures: list[Bgr]) -> None:
    """Write a clip as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_replay_tells_a_covered_view_and_a_frozen_picture_once_each(tmp_path: Path) -> None:
    street = street_pictures(FROZEN_S, FPS)
    hidden = cover("skin", 0.9, "right")
    pictures = [hidden(each, 0.0) if COVERED_S <= number / FPS < FREE_S else each for number, each in enumerate(street)]
    path = tmp_path / "clip.mp4"
    write(path, pictures + [pictures[-1]] * ((END_S - FROZEN_S) * FPS))
    command = [sys.executable, "-m", "edge", "replay", "--json", str(path)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=True)
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    ours = [event for event in events if event["type"] in ("Sabotage", "CameraDisconnected")]
    assert [(event["type"], event["reason"]) for event in ours] == [
        ("Sabotage", "covered"),
        ("CameraDisconnected", "frozen"),
    ]
    kinds = Counter(event["type"] for event in events)
    assert kinds["ObjectAppear"] == kinds["ObjectDisappear"]


def channels(port: int, still: int) -> str:
    return f"""
  - name: Gate
    id: gate
    source: {{rtsp: {{url: "rtsp://127.0.0.1:{port}/live", timeout_s: 2}}}}
    disconnect: {{seconds: 4}}
  - name: Still
    id: still
    source: {{rtsp: {{url: "rtsp://127.0.0.1:{port}/still", timeout_s: 2}}}}
    disconnect: {{seconds: 4}}
  - name: Nobody
    id: nobody
    source: {{rtsp: {{url: "rtsp://127.0.0.1:{still}/live", timeout_s: 2}}}}
    disconnect: {{seconds: 4}}
  - name: Unwatched
    id: unwatched
    source: {{rtsp: {{url: "rtsp://127.0.0.1:{still}/live", timeout_s: 2}}}}
    disconnect: false
"""


def outages(running: Appliance) -> dict[str, list[str]]:
    """Return the reasons of each channel's outages."""
    found: dict[str, list[str]] = {}
    for event in running.get("/v1/json/events?limit=1000") or []:
        if event["type"] == "CameraDisconnected":
            found.setdefault(event["channel_id"], []).append(event["reason"])
    return found


def status(running: Appliance, channel_id: str) -> Any:  # noqa: ANN401 - JSON
    return next(each["status"] for each in running.get("/v1/json/channels") if each["channel_id"] == channel_id)


def test_what_a_program_that_hung_could_not_tell_is_told_by_the_next_one(tmp_path: Path) -> None:
    note = tmp_path / "state" / "hung-street.txt"
    note.parent.mkdir()
    note.write_text(
        "Timeout (0:00:08)!\nThread 0x1 (most recent call first):\n  File picamera2.py, line 1397 in stop_\n"
    )
    with appliance(tmp_path, "  - {name: Street, id: street, source: {demo: {}}}\n") as running:
        running.serve()
        until("it is told", lambda: outages(running) == {"street": ["hung"]})
        assert "Street: the camera hung" in running.log.read_text()
        until("the camera is here", lambda: status(running, "street") == "ok")
        assert not note.exists()
        assert running.stop() == 0


@pytest.mark.timeout(200)
@pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there")
def test_lost_frozen_and_absent_cameras_are_told_once_each(tmp_path: Path) -> None:
    mounts = {"/live": live(), "/still": live(pattern="checkers-8")}
    with RtspServer(mounts) as server, appliance(tmp_path, channels(server.port, free_port())) as running:
        running.serve()
        until("both cameras are here", lambda: status(running, "gate") == "ok")
        until("a frozen camera is told", lambda: outages(running).get("still") == ["frozen"])
        assert status(running, "still") == "frozen"
        until("an absent camera is told", lambda: outages(running).get("nobody") == ["connection refused"])
        server.kill()
        until("a lost camera is told", lambda: len(outages(running).get("gate", [])) == 1)
        server.start()
        until("the camera is back", lambda: status(running, "gate") == "ok")
        until("the frozen one is shown again", lambda: status(running, "still") == "frozen")
        told = outages(running)
    assert told["gate"] == ["connection refused"]
    assert (told["still"], told["nobody"]) == (["frozen"], ["connection refused"])
    assert "unwatched" not in told
