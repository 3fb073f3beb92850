"""Eight cameras on a board that is made too small, for some loops of the clip: rates, counts and memory in one run."""

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.cameras import channels, endless, figures, seen, watch
from tests.bench.clips import SECONDS
from tests.bench.programs import memory_mb
from tests.bench.table import Table
from tests.support.appliance import Appliance, appliance, until
from tests.support.busy import small_board
from tests.support.rtsp_server import RtspServer
from tests.support.rtsp_server import clip as playing

_CAMERAS = 8
_FPS = 5.0
_ENOUGH = 0.75
_MOST_HOGS = 8
_LOOK_S = 10.0
_SETTLE_S = 20.0
_TRUTH = 15
"""Crossings of line A in one loop of vtest.avi, both ways."""


def run(*, quick: bool) -> Table:
    """Measure one loop with all the board, then some with a part of one core."""
    loops, seconds = (1, SECONDS / 2) if quick else (4, float(SECONDS))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path, content = endless(folder)
        servers = [stack.enter_context(RtspServer({"/live": playing(path)})) for _ in range(_CAMERAS)]
        running = stack.enter_context(appliance(folder, channels(servers, fps=_FPS)))
        running.serve()
        until("all give pictures", lambda: all(seen(running, number) for number in range(1, _CAMERAS + 1)))
        time.sleep(_SETTLE_S)
        rows = [measured("two cores", running, seconds)]
        with small_board(running.process.pid) as add_hog:
            hogs = 0
            while hogs < _MOST_HOGS and carried(running):
                add_hog()
                hogs += 1
                time.sleep(_LOOK_S)
            name = f"one core, shared with {hogs}"
            rows += [measured(f"{name}: loop {loop}", running, seconds) for loop in range(1, loops + 1)]
        time.sleep(_SETTLE_S)
        rows.append(measured("two cores again", running, seconds))
    return Table(
        f"{_CAMERAS} cameras of 640x360 at 10 fps, analysed at {_FPS:g} fps, on a board that is made too small",
        ("board", "analysed a second", "left out a second", "crossings", "memory at the end"),
        rows,
        (
            f"cameras: {content}, H.264 over RTSP, one server process each; each row is one loop of {seconds:.0f} s",
            "analysed, crossings: least / median / most of the cameras",
            f"crossings of line A, which truly has {_TRUTH} in a whole loop",
            f"on one core: with programs beside it that never rest, until {_ENOUGH:.0%} of the rate is left at most",
            "down to 3 pictures a second events stay right (floor.md)",
            "memory: RSS",
        ),
    )


def carried(running: Appliance) -> bool:
    """Tell whether more pictures are analysed than are to be left."""
    return statistics.median(watch(running, _LOOK_S).analysed.values()) > _ENOUGH * _FPS


def measured(board: str, running: Appliance, seconds: float) -> list[str]:
    """Return one row: what eight cameras got, counted and took over some seconds."""
    before, crossed = left_out(running), crossings(running)
    begun_s = time.monotonic()
    window = watch(running, seconds)
    out = (left_out(running) - before) / (time.monotonic() - begun_s)
    counted = [count - crossed.get(name, 0) for name, count in crossings(running).items()]
    counts = f"{min(counted)} / {statistics.median(counted):g} / {max(counted)}"
    return [board, window.shown(), f"{out:.1f}", counts, f"{memory_mb(running.process.pid)[0]:.1f} MB"]


def left_out(running: Appliance) -> float:
    """Return how many pictures were left out by now, of all cameras."""
    return sum(sum(figures(running, name).values()) for name in ("dropped_total", "skipped_total"))


def crossings(running: Appliance) -> dict[str, int]:
    """Return how often the line of each camera was crossed by now."""
    counts = {f"Camera {number}": 0 for number in range(1, _CAMERAS + 1)}
    since = 0
    while page := running.get(f"/v1/json/events?sinceId={since}&limit=1000"):
        for each in page:
            counts[each["channel_name"]] += each["type"] == "TripwireCrossed"
        since = page[-1]["event_id"]
    return counts
