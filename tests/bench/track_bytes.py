"""What keeping tracks costs: bytes an hour, processor time, and the time that it takes of the analysis.

Scenes are those of vtest.avi, played again and again as one stream, and of a street where nobody is. `even` frames come
to the microsecond, `uneven` ones with the jitter of a network camera.
"""

import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from edge.model.scene import Scene, Track
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, RetentionSettings, SourceSettings
from edge.store.track_log import TrackLog
from tests.bench.table import Table
from tests.support.clock import START_US, HandClock
from tests.support.recorded import frames
from tests.support.shared_data import shared

FRAME_S = 0.1
WRITE_FRAMES = 600
HOUR_S = 3600


def filmed(seconds: float) -> list[Scene]:
    """Return the scenes of vtest.avi."""
    channel = ChannelSettings(name="Street", id="street", source=SourceSettings())
    pipeline = build_pipeline(channel, 1, UTC)
    return [pipeline.process(frame).scene for frame in frames(shared("data/video/vtest.avi"), channel, seconds)]


def stream(scenes: Sequence[Scene], count: int, jitter_s: float) -> Iterator[Scene]:
    """Yield scenes as one stream that goes on and on; whoever is still there at the end is gone, others come."""
    dice = random.Random(1)
    for start in range(0, count, len(scenes)):
        times = {each.stream_s: (start + n) * FRAME_S + dice.uniform(0, jitter_s) for n, each in enumerate(scenes)}
        for scene in scenes[: count - start]:
            late_us = round(dice.uniform(0, jitter_s) * 1e6)
            yield moved(scene, times, START_US + late_us, start)


def moved(scene: Scene, times: Mapping[float, float], start_us: int, start: int) -> Scene:
    """Return the scene as of another moment: `times` says what becomes of each time, all objects have other ids."""

    def later(track: Track) -> Track:
        return replace(
            track,
            object_id=track.object_id + start,
            new=tuple(replace(each, stream_s=times[each.stream_s]) for each in track.new),
            first_s=times[track.first_s],
            last_s=times[track.last_s],
            moved_s=times[track.moved_s],
        )

    now_s = times[scene.stream_s]
    tracks, ended = tuple(map(later, scene.tracks)), tuple(map(later, scene.ended))
    return replace(scene, stream_s=now_s, time_us=start_us + round(now_s * 1e6), tracks=tracks, ended=ended)


def measure(name: str, scenes: Sequence[Scene], count: int, jitter_s: float) -> list[str]:
    """Keep a stream and return what it cost."""
    made = list(stream(scenes, count, jitter_s))
    with tempfile.TemporaryDirectory() as folder:
        log = TrackLog(Path(folder), HandClock(), RetentionSettings())
        before, add_s, write_s = written(), 0.0, 0.0
        for start in range(0, count, WRITE_FRAMES):
            begun = time.perf_counter()
            for scene in made[start : start + WRITE_FRAMES]:
                log.add(scene)
            add_s += time.perf_counter() - begun
            begun = time.process_time()
            log.write()
            write_s += time.process_time() - begun
        ended = threading.Event()
        ended.set()
        log.run(ended, lambda: None)  # closes the file, which takes the WAL in
        handed = written() - before
        kept = sum(path.stat().st_size for path in Path(folder).iterdir())
    hours = count * FRAME_S / HOUR_S
    return [
        name,
        f"{sum(len(scene.tracks) for scene in made) / count:.1f}",
        f"{kept / hours / 1e3:.0f} kB",
        f"{handed / hours / 1e3:.0f} kB",
        f"{100 * write_s / (count * FRAME_S):.3f} %",
        f"{1e6 * add_s / count:.1f} µs",
    ]


def written() -> int:
    """Return the bytes that this process has handed to the kernel."""
    found = re.search(r"wchar: (\d+)", Path("/proc/self/io").read_text("ascii"))
    return int(found[1]) if found else 0


def run(*, quick: bool) -> Table:
    """Measure each kind of scene."""
    street = filmed(20.0 if quick else 1e9)
    nobody = [Scene("street", 0, number * FRAME_S, 4 / 3, ()) for number in range(800)]
    count = 1_800 if quick else 18_000
    rows = [
        measure("vtest.avi, even", street, count, 0.0),
        measure("vtest.avi, uneven", street, count, 0.008),
        measure("nobody, even", nobody, count, 0.0),
        measure("nobody, uneven", nobody, count, 0.008),
    ]
    return Table(
        "What keeping tracks costs, a channel of 10 frames per second",
        ("scene", "objects", "kept an hour", "handed to the kernel an hour", "of one core", "of the analysis, a frame"),
        rows,
        ("written every 60 s; `kept` is the file, `handed` counts the WAL too",),
    )
