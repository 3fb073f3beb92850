"""CPU per source frame of reading and decoding a clip: python -m tests.bench.capture_cost CLIP."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.capture.file import FileSource
from edge.model.scene import Frame
from edge.settings import FileSettings
from tests.support.cameras import RealClock

_SIZES = {576: 768, 720: 1280, 1080: 1920}
_SECONDS = 30


def scaled(clip: Path, height: int, folder: Path) -> Path:
    """The clip as 10 fps H.264 of that height."""
    out = folder / f"{height}.mp4"
    scale = f"scale={_SIZES[height]}:{height}:flags=bicubic,setsar=1"
    coding = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "20", "-bf", "0"]
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-t", str(_SECONDS), "-vf", scale, "-r", "10", *coding]
    subprocess.run([*command, str(out)], check=True)
    return out


def cost_ms(path: Path) -> tuple[float, int]:
    """CPU milliseconds per frame and the number of frames."""
    source = FileSource("bench", FileSettings(path=str(path), realtime=False), RealClock())
    source.open()
    frames, begun_s = 0, time.process_time()
    while (frame := source.read()) is not None:
        frames += isinstance(frame, Frame)
    spent_s = time.process_time() - begun_s
    source.close()
    return spent_s / frames * 1000, frames


def main() -> None:
    clip = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for height in _SIZES:
            path = scaled(clip, height, Path(folder))
            runs = [cost_ms(path) for _ in range(3)]
            print(f"{height}p  {min(runs)[0]:.2f} ms a frame  ({runs[0][1]} frames, best of 3)")


if __name__ == "__main__":
    main()
