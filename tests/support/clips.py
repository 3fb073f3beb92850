"""Small video files made on the spot; each frame's brightness tells its number."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray


def shade(number: int) -> int:
    """The brightness of frame `number`."""
    return 20 + number * 5 % 200


def write_clip(
    path: Path,
    frames: int,
    *,
    fps: int = 10,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 5,
    pts: Sequence[int] | None = None,
) -> None:
    """Write a clip; `pts` are milliseconds, by default even."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.gop_size = gop
        stream.max_b_frames = 0
        stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(grey(size, shade(number)), format="rgb24").reformat(format=pix_fmt)
            frame.pts = pts[number] if pts else number * 1000 // fps
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_sound(path: Path) -> None:
    """Write a file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        for block in range(4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8000, block * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def grey(size: tuple[int, int], value: int) -> NDArray[np.uint8]:
    """An RGB picture of one brightness."""
    return np.full((size[1], size[0], 3), value, np.uint8)
