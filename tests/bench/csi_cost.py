"""CPU per frame of a camera module against a clip of the same size: what is read, scaled, and copied."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from edge.capture.csi.source import CsiSource
from edge.capture.file import FileSource
from edge.capture.source import FrameSource
from edge.detect.scale import shrink
from edge.model.scene import Frame, Picture
from edge.settings import ChannelSettings, CsiSettings, FileSettings, SourceSettings
from tests.bench.clips import WIDTHS, clip
from tests.bench.table import Table
from tests.support.clock import RealClock
from tests.support.csi_rig import fake_rig

WIDTH = 640
Clock = Callable[[], float]


def run(*, quick: bool) -> Table:
    """Measure at three heights, both in turn."""
    frames, times, rows, content = (20, 1, [], "") if quick else (100, 3, list[list[str]](), "")
    with tempfile.TemporaryDirectory() as folder:
        for height, width in WIDTHS.items():
            path, content = clip(height, Path(folder))
            found = [(_clip(path, frames), _module(Path(folder), width, height, frames)) for _ in range(times)]
            played, taken = (tuple(min(each) for each in zip(*kind, strict=True)) for kind in zip(*found, strict=True))
            small, large = taken[2:4]
            rows += [
                [f"{height}p clip", _ms(played[0]), _ms(played[1]), "-", "0"],
                [f"{height}p module", _ms(taken[0]), _ms(taken[1]), _ms(taken[4]), f"{small / 1e6:.2f} MB"],
                ["  all of it copied", "", "", "", f"{(small + large) / 1e6:.2f} MB"],
            ]
    return Table(
        "CPU per frame of a camera module and of a clip",
        ("from", "read", "scaled for the analysis", "large picture, where wanted", "copied each frame"),
        rows,
        (
            f"{content} as 10 fps H.264; the module is the stand-in of the tests, whose drawing is not counted",
            f"best of {times}, in turn, the same process; `analysis.width` {WIDTH}",
        ),
    )


def _clip(path: Path, frames: int) -> tuple[float, float]:
    """Return CPU ms per frame of reading (all of the decoder's threads) and of scaling."""
    source = FileSource("bench", FileSettings(path=str(path), realtime=False, loop=True), RealClock())
    source.open()
    spent = _spent(source, frames, time.process_time)
    source.close()
    return spent[0], spent[1]


def _module(folder: Path, width: int, height: int, frames: int) -> tuple[float, ...]:
    """Return CPU ms per frame of reading and scaling, bytes of both pictures, ms of the large one."""
    settings = CsiSettings(width=width, height=height, fps=30.0)
    with fake_rig(folder) as rig:
        channel = ChannelSettings(name="bench", source=SourceSettings(csi=settings))
        source = CsiSource(channel, RealClock(), lambda: rig.library)
        source.open()
        read, scaled, last = _spent(source, frames, time.thread_time)
        begun_s = time.thread_time()
        large = last.shown()
        fetched = (time.thread_time() - begun_s) * 1000
        source.close()
    return read, scaled, _bytes(last.picture), _bytes(large), fetched


def _spent(source: FrameSource, frames: int, clock: Clock) -> tuple[float, float, Frame]:
    read_s, scale_s, last = 0.0, 0.0, None
    for _ in range(frames):
        begun_s = clock()
        while not isinstance(last := source.read(), Frame):
            pass
        between_s = clock()
        shrink(last.picture, WIDTH)
        read_s, scale_s = read_s + between_s - begun_s, scale_s + clock() - between_s
    assert isinstance(last, Frame)
    return read_s / frames * 1000, scale_s / frames * 1000, last


def _bytes(picture: Picture) -> int:
    return picture.y.nbytes + picture.u.nbytes + picture.v.nbytes


def _ms(value: float) -> str:
    return f"{value:.2f} ms"
