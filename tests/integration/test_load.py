"""More cameras than the board carries: all get alike, and nothing piles up."""

import re
from pathlib import Path

from tests.support.appliance import Appliance, appliance, until
from tests.support.busy import small_board
from tests.support.cameras import wait_until
from tests.support.clips import write_clip
from tests.support.rtsp_server import RtspServer, clip

_CAMERAS = 3
_CHANNEL = """
  - name: Camera {number}
    source: {{rtsp: {{url: "{url}", timeout_s: 60}}}}
    analysis: {{fps: 25}}
"""
_PICTURES = 30
_MOST_HOGS = 12


def counts(running: Appliance) -> list[tuple[float, float]]:
    """Return what of each camera was analysed and left out, since the start."""
    text = running.text("/metrics")

    def figure(name: str) -> list[float]:
        found = dict(re.findall(rf'^edge_channel_{name}_total\{{.*channel="Camera (\d)"\}} (\S+)$', text, re.MULTILINE))
        return [float(found.get(str(number), 0)) for number in range(1, _CAMERAS + 1)]

    left_out = map(sum, zip(figure("dropped"), figure("skipped"), strict=True))
    return list(zip(figure("analysed"), left_out, strict=True))


def test_cameras_that_are_too_many_get_alike(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 1000, fps=25, size=(320, 240), gop=25)
    with RtspServer(mounts={"/live": clip(tmp_path / "clip.mp4")}) as server:
        channels = "".join(_CHANNEL.format(number=number, url=server.url()) for number in range(1, _CAMERAS + 1))
        with appliance(tmp_path, channels) as running:
            running.serve()
            until("all are analysed", lambda: all(analysed > 0 for analysed, _ in counts(running)))
            with small_board(running.process.pid) as add_hog:

                def since(before: list[tuple[float, float]]) -> list[tuple[float, float]]:
                    return [(a - b, c - d) for (a, c), (b, d) in zip(counts(running), before, strict=True)]

                idle = counts(running)
                for _ in range(_MOST_HOGS):
                    add_hog()
                    if wait_until(lambda: min(left_out for _, left_out in since(idle)) >= _PICTURES, seconds=3.0):
                        break
                busy = counts(running)
                until("each has got some", lambda: min(analysed for analysed, _ in since(busy)) >= _PICTURES)
                got = since(busy)
            assert all(left_out > 0 for _, left_out in got), got
            assert max(analysed for analysed, _ in got) <= 2.0 * min(analysed for analysed, _ in got), got
            assert running.process.poll() is None
