"""Privacy masks through the whole program: not one pixel of what lies under them gets out, by whatever way."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from edge.model.raster import covered
from edge.picture.colour import Bgr
from tests.support.appliance import Appliance, appliance, until
from tests.support.masks import AT_EDGES, CONCAVE, TRIANGLE, Polygon
from tests.support.pictures import decoded
from tests.support.rtsp_server import RtspServer, live, unavailable

FPS = 10
TOLERANCE = 20
"""Grey levels by which JPEG and H.264 may miss grey, this far within."""
VIVID = 120
"""Between the strongest and the weakest colour of a tile: its half."""
SEAM = 16
"""Pixels along the sides of a mask, where a block of JPEG or H.264 mixes what is left and right of them."""


def write_colours(path: Path, size: tuple[int, int]) -> None:
    """Write a clip without loss: green and red tiles all over, and after 2 s a white figure walking along the foot."""
    width, height = size
    random = np.random.default_rng(4)
    tiles = random.choice(np.array([[0, 220, 0], [230, 0, 0]], np.uint8), (height // 8 + 1, width // 8 + 1))
    ground = tiles.repeat(8, 0).repeat(8, 1)[:height, :width]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(9 * FPS):
            picture = ground.copy()
            left = round((number / FPS - 2) / 6 * width)
            if 0 <= left < width - 20:
                picture[height - 60 : height - 8, left : left + 16] = 255
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def hidden(image: Bgr, polygon: Polygon) -> bool:
    """Tell whether a picture is grey all over in the polygon, and not so beside it."""
    height, width = image.shape[:2]
    under = covered([polygon], width, height).astype(np.uint8)
    within = cv2.erode(under, np.ones((2 * SEAM + 1, 2 * SEAM + 1), np.uint8), borderValue=1) > 0
    off = np.abs(image.astype(int) - 130).max(axis=2)
    assert within.any()
    assert off[under == 0].max() > 3 * TOLERANCE
    return bool(off[within].max() <= TOLERANCE)


def yaml_of(polygon: Polygon) -> str:
    return f"[{{kind: privacy, polygon: {[list(corner) for corner in polygon]}}}]"


def fetched(running: Appliance, path: str) -> Bgr:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=30) as answer:
        return decoded(answer.read())


def streamed(running: Appliance, channel_id: str) -> Bgr:
    """Return the first picture of a channel's MJPEG."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/v1/mjpeg/{channel_id}", timeout=30) as answer:
        length = 0
        while (line := answer.readline().strip()) or not length:
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        return decoded(answer.read(length))


def pictures(running: Appliance, name: str) -> Iterator[tuple[str, Bgr]]:
    """Give every picture of a channel that can be had, by its way."""
    channel = next(each for each in running.get("/v1/json/channels") if each["name"] == name)
    yield "snapshot", fetched(running, channel["snapshot_uri"])
    yield "MJPEG", streamed(running, channel["channel_id"])
    for event in running.get(f"/v1/json/events?limit=1000&channelId={channel['channel_id']}"):
        if event["snapshot_path"]:
            yield f"event {event['type']}", fetched(running, event["snapshot_path"])


@pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there")
def test_nothing_gets_out_of_a_device(tmp_path: Path) -> None:
    write_colours(tmp_path / "odd.mkv", (333, 241))
    camera = live(640, 360, pattern="smpte")
    with RtspServer(mounts={"/live": camera}) as server:
        polygons = {"Clip": CONCAVE, "Street": AT_EDGES, "Network": TRIANGLE}
        sources = {
            "Clip": f"file: {{path: {tmp_path / 'odd.mkv'}, realtime: false}}",
            "Street": "demo: {scene: street}",
            "Network": f'rtsp: {{url: "{server.url()}"}}',
        }
        channels = "".join(
            f"  - name: {name}\n    source: {{{source}}}\n    masks: {yaml_of(polygons[name])}\n"
            for name, source in sources.items()
        )
        with appliance(tmp_path, channels) as running:
            running.serve()
            until("all cameras are seen", lambda: all_seen(running))
            until("the clip is over", lambda: "Clip" in shown(running, "ended"))
            until("events of the street", lambda: events_of(running, "Street"))
            ways = [(name, *each) for name in sources for each in pictures(running, name)]
    open_ways = [(name, way) for name, way, image in ways if not hidden(image, polygons[name])]
    assert not open_ways
    assert len([way for name, way, _ in ways if name == "Clip" and way.startswith("event")]) >= 1
    assert len([way for name, way, _ in ways if name == "Street" and way.startswith("event")]) >= 1


def shown(running: Appliance, status: str) -> list[str]:
    channels = running.get("/v1/json/channels") or []
    return [channel["name"] for channel in channels if channel["status"] == status]


def all_seen(running: Appliance) -> bool:
    return len(shown(running, "ok")) + len(shown(running, "ended")) == 3


def events_of(running: Appliance, name: str) -> list[object]:
    events = running.get("/v1/json/events?limit=1000") or []
    return [event for event in events if event["channel_name"] == name and event["snapshot_path"]]


@pytest.mark.parametrize(("size", "polygon"), [((322, 242), CONCAVE), ((201, 151), AT_EDGES)], ids=["even", "odd"])
def test_nothing_gets_into_an_annotated_clip(tmp_path: Path, size: tuple[int, int], polygon: Polygon) -> None:
    write_colours(tmp_path / "clip.mkv", size)
    config, out = tmp_path / "edge.yaml", tmp_path / "out.mp4"
    config.write_text(f"channels:\n  - name: C\n    source: {{demo: {{}}}}\n    masks: {yaml_of(polygon)}\n")
    words = ["replay", str(tmp_path / "clip.mkv"), "--config", str(config), "--annotate", str(out)]
    subprocess.run([sys.executable, "-m", "edge", *words], check=True, capture_output=True, timeout=150)
    with av.open(str(out)) as container:
        images = [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in container.decode(video=0)]
    assert len(images) > 5 * FPS
    assert not [number for number, image in enumerate(images) if shows(image, polygon)]


def shows(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], polygon: Polygon) -> bool:
    """Tell whether anything in the polygon is as green or red as the tiles; what is drawn into a clip is not."""
    height, width = image.shape[:2]
    under = covered([polygon], width, height).astype(np.uint8)
    within = cv2.erode(under, np.ones((2 * SEAM + 1, 2 * SEAM + 1), np.uint8), borderValue=1) > 0
    vivid = image.astype(int).max(axis=2) - image.min(axis=2)
    assert vivid[under == 0].max() > VIVID
    return bool(vivid[within].max() > VIVID)
