"""Writes an annotated clip: MP4 with H.264 that browsers play, frame by frame."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from edge.picture.colour import Bgr

TICKS_A_SECOND: Final = 12_800
H264_OPTIONS: Final[Mapping[str, str]] = {"preset": "veryfast", "crf": "23"}
H264: Final = "libx264"
FALLBACK: Final = "mpeg4"
FALLBACK_BITS: Final = 4_000_000
BT709: Final = 1
LIMITED: Final = 1


class AnnotatedClip:
    """A clip that is being written. Its size is that of the first picture, one pixel more where that is odd.

    `fps` is the usual rate, for players' information: each picture is shown at the time it is given with. Nothing is
    written before the first picture; `close` completes the file, which cannot be played before.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self._path = path
        self._fps = fps
        self._output: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._first_s = 0.0
        self._last_tick = -1
        self._frame_ticks = round(TICKS_A_SECOND / fps)

    def write(self, image: Bgr, stream_s: float) -> None:
        """Add a BGR picture that is shown from `stream_s` on; a time not after the one before is moved just behind it.

        Raises OSError where the file cannot be written.
        """
        if self._stream is None:
            self._open(image, stream_s)
        tick = max(round((stream_s - self._first_s) * TICKS_A_SECOND), self._last_tick + 1)
        self._last_tick = tick
        stream, output = self._stream, self._output
        if stream is None or output is None:
            raise ValueError("The clip is closed: nothing can be added to it.")
        frame = av.VideoFrame.from_ndarray(_fitted(image, stream.width, stream.height), format="bgr24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.pts, frame.time_base, frame.duration = tick, Fraction(1, TICKS_A_SECOND), self._frame_ticks
        for packet in stream.encode(frame):
            output.mux(packet)

    def close(self) -> None:
        """Complete the file; may be called twice."""
        output, stream = self._output, self._stream
        self._output = None
        if output is not None and stream is not None:
            for packet in stream.encode(None):
                output.mux(packet)
            output.close()

    def _open(self, image: Bgr, stream_s: float) -> None:
        codec = H264 if H264 in av.codecs_available else FALLBACK
        output = av.open(str(self._path), "w", format="mp4", options={"movflags": "+faststart"})
        stream = cast(VideoStream, output.add_stream(codec, rate=Fraction(self._fps).limit_denominator(1000)))
        stream.height, stream.width = (side + side % 2 for side in image.shape[:2])
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, TICKS_A_SECOND)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        if codec == H264:
            context.options = dict(H264_OPTIONS)
        else:
            context.bit_rate = FALLBACK_BITS
        output.start_encoding()
        self._output, self._stream, self._first_s = output, stream, stream_s


def _fitted(image: Bgr, width: int, height: int) -> Bgr:
    """Bring a picture to the clip's size: a missing row or column is repeated, another size is scaled."""
    down, right = height - image.shape[0], width - image.shape[1]
    if (down, right) == (0, 0):
        return image
    if down in (0, 1) and right in (0, 1):
        return np.pad(image, ((0, down), (0, right), (0, 0)), mode="edge")
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
