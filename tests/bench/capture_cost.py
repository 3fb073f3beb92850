"""CPU per source frame of reading and decoding alone: what the video itself costs."""

import tempfile
import time
from pathlib import Path

from edge.capture.file import FileSource
from edge.model.scene import Frame
from edge.settings import FileSettings
from tests.bench.clips import WIDTHS, clip
from tests.bench.table import Table
from tests.support.cameras import RealClock


def run(*, quick: bool) -> Table:
    """Measure at three heights."""
    times, rows, content = 1 if quick else 3, [], ""
    with tempfile.TemporaryDirectory() as folder:
        for height in WIDTHS:
            path, content = clip(height, Path(folder))
            rows.append([f"{height}p", f"{min(cost_ms(path) for _ in range(times)):.2f} ms"])
    return Table(
        "CPU per frame of reading and decoding a clip",
        ("picture", "per frame"),
        rows,
        (f"{content} as 10 fps H.264, read as fast as possible, best of {times}",),
    )


def cost_ms(path: Path) -> float:
    """CPU milliseconds per frame."""
    source = FileSource("bench", FileSettings(path=str(path), realtime=False), RealClock())
    source.open()
    frames, begun_s = 0, time.process_time()
    while (frame := source.read()) is not None:
        frames += isinstance(frame, Frame)
    spent_s = time.process_time() - begun_s
    source.close()
    return spent_s / frames * 1000
