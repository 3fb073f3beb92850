"""Made clips: person-shaped blocks walk over a still, textured ground."""

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

WIDTH, HEIGHT, FPS = 320, 240, 10
STILL_S, WALK_S = 4.0, 6.0


Image = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
"""Rows, columns, red green blue."""


def write_walk(path: Path, *, there_and_back: bool = False) -> None:
    """Write a clip: nothing for 4 s, then someone walks from the left to the right in 6 s (and back), then nothing."""
    walks = 2 if there_and_back else 1

    def draw(picture: Image, now_s: float) -> None:
        share = (now_s - STILL_S) / WALK_S
        if 0.0 <= share <= walks:
            _draw_walker(picture, share if share <= 1.0 else 2.0 - share)

    _write(path, 2 * STILL_S + walks * WALK_S, draw)


def write_visit(path: Path, seconds: float) -> None:
    """Write a clip: nothing for 4 s, then three come in from the left, each above the next, and stay in the middle.

    They walk to and fro there until the end.
    """

    def draw(picture: Image, now_s: float) -> None:
        for row, down in enumerate((-96, -20, 56)):
            gone_s = now_s - STILL_S - 0.5 * row
            if gone_s >= 0:
                _draw_walker(picture, min(gone_s / WALK_S, 0.5 + 0.15 * math.sin(gone_s)), down)

    _write(path, seconds, draw)


def _write(path: Path, seconds: float, draw: Callable[[Image, float], None]) -> None:
    ground = np.random.default_rng(7).integers(90, 150, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    ground = ground.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "12", "preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(round(seconds * FPS)):
            picture = ground.copy()
            draw(picture, number / FPS)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _draw_walker(picture: Image, share: float, down: int = 0) -> None:
    left = round(30 + share * (WIDTH - 84))
    picture[100 + down : 116 + down, left + 6 : left + 18] = (225, 180, 150)
    picture[116 + down : 150 + down, left : left + 24] = (200, 30, 40)
    picture[150 + down : 176 + down, left + 3 : left + 21] = (20, 25, 60)
