"""The clip that benchmarks of video play: 10 fps H.264, without B-frames, as cameras send it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.capture.street.picture import make_painter
from tests.support.shared_data import shared

WIDTHS = {576: 768, 720: 1280, 1080: 1920}
_ALL = {360: 640, **WIDTHS}
FPS = 10
SECONDS = 79
_CODING = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "20", "-bf", "0"]


def clip(height: int, folder: Path) -> tuple[Path, str]:
    """Write people crossing a junction, where the shared video is there, else the demo's street; return what it is."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    out = folder / f"{height}.mp4"
    scale = ["-vf", f"scale={_ALL[height]}:{height}:flags=bicubic,setsar=1", "-t", str(SECONDS), "-r", str(FPS)]
    command = ["ffmpeg", "-v", "error", "-y"]
    try:
        source = shared("data/video/vtest.avi")
    except pytest.skip.Exception:
        painter = make_painter(1)
        first = painter.picture(0, 0.0)
        raw = [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
            "-s",
            f"{first.width}x{first.height}",
            "-r",
            str(FPS),
            "-i",
            "-",
        ]
        with subprocess.Popen([*command, *raw, *scale, *_CODING, str(out)], stdin=subprocess.PIPE) as coder:
            assert coder.stdin is not None
            for number in range(SECONDS * FPS):
                picture = painter.picture(number, number / FPS)
                for plane in (picture.y, picture.u, picture.v):
                    coder.stdin.write(plane.tobytes())
        return out, "the demo's street"
    subprocess.run([*command, "-i", str(source), *scale, *_CODING, str(out)], check=True)
    return out, "vtest.avi"
