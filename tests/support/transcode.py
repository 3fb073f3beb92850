"""Clips as cameras send them: H.264."""

import subprocess
from pathlib import Path


def to_h264(source: Path, target: Path, *words: str) -> Path:
    """Encode a clip anew at its own size and rate with the ffmpeg program; `words` are further options."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", str(source), "-an", *words]
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "10", "-bf", "0", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, *encoder, str(target)], check=True)
    return target
