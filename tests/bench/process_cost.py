"""CPU per source frame of the whole program on one RTSP camera, against `motion` and a naive script.

All three look at the same stream at the same time, so that whatever else the machine does hits all of them.
"""

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.clips import FPS, WIDTHS, clip
from tests.bench.programs import cpu_s, edge, motion, naive
from tests.bench.table import Table
from tests.support.rtsp_server import RtspServer
from tests.support.rtsp_server import clip as playing

_WARM_S = 8.0


def run(*, quick: bool) -> Table:
    """Measure at three heights."""
    seconds, rounds = (15.0, 1) if quick else (30.0, 2)
    rows: list[list[str]] = []
    content = ""
    with tempfile.TemporaryDirectory() as folder:
        for height in WIDTHS:
            path, content = clip(height, Path(folder))
            runs = [side_by_side(path, height, seconds) for _ in range(rounds)]
            ours, motions, naives = (statistics.mean(column) for column in zip(*runs, strict=True))
            rows.append(
                [
                    f"{height}p",
                    f"{ours:.2f} ms",
                    f"{motions:.2f} ms",
                    f"{naives:.2f} ms",
                    f"{ours / motions:.2f}",
                    f"{ours / naives:.2f}",
                ]
            )
    return Table(
        "CPU per source frame of the whole program, one camera",
        ("picture", "edge", "motion", "naive MOG2", "edge / motion", "edge / naive"),
        rows,
        (
            f"user and system time of the process per frame of the camera: {content}, {FPS} fps H.264 over RTSP",
            "edge analyses 5 fps in colour, with objects, one line, log and API; motion and the script every frame",
            f"side by side on one stream, {rounds} x {seconds:.0f} s after {_WARM_S:.0f} s of warming up",
            "bounds at 720p: 1.25 times motion, .35 times naive",
        ),
    )


def side_by_side(path: Path, height: int, seconds: float) -> tuple[float, float, float]:
    """Return the CPU milliseconds per source frame of edge, motion and the naive script."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(RtspServer({"/live": playing(path)})).url()
        watched = (
            stack.enter_context(edge(folder, url)).process.pid,
            stack.enter_context(motion(folder, url, height)),
            stack.enter_context(naive(url)),
        )
        time.sleep(_WARM_S)
        before, begun_s = [cpu_s(pid) for pid in watched], time.monotonic()
        time.sleep(seconds)
        frames = (time.monotonic() - begun_s) * FPS
        ours, motions, naives = (
            (cpu_s(pid) - spent) / frames * 1000 for pid, spent in zip(watched, before, strict=True)
        )
        return ours, motions, naives
