"""The real clips over a real RTSP server, through the whole program, as live cameras."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.appliance import Appliance, appliance, until
from tests.support.rtsp_server import RtspServer, clip, unavailable
from tests.support.shared_data import shared
from tests.support.transcode import to_h264

CLIPS = {"vtest": "vtest.avi", "road": "road.avi", "bottle": "bottle-detection.mp4"}
LINES = {
    "vtest": "{line: A, points: [[0.33203, 0.32986], [0.33203, 0.72917]]},"
    " {line: C, points: [[0.07812, 0.57292], [0.54687, 0.57292]]}",
    "road": "{line: L, points: [[0.55, 0.0], [0.55, 1.0]]}",
    "bottle": "",
}
TRUTH = {
    "vtest": {("A", "a_to_b"): 9, ("A", "b_to_a"): 6, ("C", "a_to_b"): 1, ("C", "b_to_a"): 3},
    "road": {("L", "b_to_a"): 5},
    "bottle": {},
}


def channels(server: RtspServer) -> str:
    return "".join(
        f"""
  - name: {name}
    source: {{rtsp: {{url: "rtsp://127.0.0.1:{server.port}/{name}", timeout_s: 3}}}}
    analysis: {{fps: 10}}
    rules: [{LINES[name]}]
"""
        for name in CLIPS
    )


def first_plays(running: Appliance) -> dict[str, list[dict[str, Any]]]:
    """Return each channel's events up to the first end of its stream."""
    played: dict[str, list[dict[str, Any]]] = {}
    begun: set[str] = set()

    def all_played() -> bool:
        for channel in running.get("/v1/json/channels") or []:
            name = channel["name"]
            if channel["status"] == "ok":
                begun.add(name)
            elif name in begun and name not in played:
                played[name] = running.get(f"/v1/json/events?limit=1000&channelId={channel['channel_id']}")
        return len(played) == len(CLIPS)

    until("every clip has been played once", all_played, 170)
    return played


@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there")
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the ffmpeg program is not installed")
def test_counts_over_rtsp_are_those_of_the_clips_within_one(tmp_path: Path) -> None:
    paths = {name: to_h264(shared(f"data/video/{file}"), tmp_path / f"{name}.mp4") for name, file in CLIPS.items()}
    mounts = {f"/{name}": clip(path) for name, path in paths.items()}
    with RtspServer(mounts) as server, appliance(tmp_path, channels(server)) as running:
        running.serve()
        played = first_plays(running)
    for name, events in played.items():
        crossed = Counter((e["rule_name"], e["direction"]) for e in events if e["type"] == "TripwireCrossed")
        wrong = sum(abs(crossed[key] - TRUTH[name].get(key, 0)) for key in crossed.keys() | TRUTH[name].keys())
        assert wrong <= 1, f"{name}: {dict(crossed)}"
    called = {event["object_id"]: event["origin"] for event in played["bottle"] if event["origin"] != "Unknown"}
    assert len(called) <= 1, called
    assert "Vehicle" not in called.values(), "a row of bottles is no lorry"
