"""A made clip: a person-shaped block walks over a still, textured ground."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

WIDTH, HEIGHT, FPS = 320, 240, 10
STILL_S, WALK_S = 4.0, 6.0


def write_walk(path: Path, *, there_and_back: bool = False) -> None:
    """Write a clip: nothing for 4 s, then someone walks from the left to the right in 6 s (and back), then nothing."""
    ground = np.random.default_rng(7).integers(90, 150, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    ground = ground.repeat(8, axis=0).repeat(8, axis=1)
    walks = 2 if there_and_back else 1
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "12", "preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(round((2 * STILL_S + walks * WALK_S) * FPS)):
            picture = ground.copy()
            _draw_walker(picture, (number / FPS - STILL_S) / WALK_S, walks)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _draw_walker(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], share: float, walks: int) -> None:
    if not 0.0 <= share <= walks:
        return
    across = share if share <= 1.0 else 2.0 - share
    left = round(30 + across * (WIDTH - 84))
    picture[100:116, left + 6 : left + 18] = (225, 180, 150)
    picture[116:150, left : left + 24] = (200, 30, 40)
    picture[150:176, left + 3 : left + 21] = (20, 25, 60)
