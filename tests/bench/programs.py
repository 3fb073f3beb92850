"""Whole programs on one camera, side by side, as the system sees them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.bench.clips import WIDTHS
from tests.support.appliance import Appliance, appliance

CHANNEL = """
  - name: Junction
    source: {{rtsp: {{url: "{url}"}}}}
    analysis: {{fps: 5}}
    rules: [{{line: A, points: [[0.332, 0.33], [0.332, 0.729]]}}]
"""
_MOTION = """
setup_mode off
log_level 3
netcam_url {url}
width {width}
height {height}
framerate 10
picture_output off
movie_output off
webcontrol_port 0
stream_port 0
target_dir {folder}
"""
_NAIVE = Path(__file__).with_name("naive_mog2.py")


@contextmanager
def edge(folder: Path, url: str) -> Iterator[Appliance]:
    """Yield our whole program on one camera, analysed five times a second, with one line."""
    with appliance(folder, CHANNEL.format(url=url)) as running:
        running.serve()
        yield running


@contextmanager
def motion(folder: Path, url: str, height: int) -> Iterator[int]:
    """Yield the process of the Debian program `motion` on one camera, keeping no pictures and no films."""
    program = shutil.which("motion")
    if program is None:
        pytest.skip("motion is not installed (apt-get install motion)")
    config = folder / "motion.conf"
    config.write_text(_MOTION.format(url=url, width=WIDTHS[height], height=height, folder=folder))
    with _running([program, "-n", "-c", str(config)]) as pid:
        yield pid


@contextmanager
def naive(url: str) -> Iterator[int]:
    """Yield the process of the naive script on one camera."""
    with _running([sys.executable, str(_NAIVE), url]) as pid:
        yield pid


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process and its ended children have taken, user and system."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def memory_mb(pid: int) -> tuple[float, float]:
    """Return resident memory in MB: all, and its proportional share (pages shared with others in part)."""
    memory = psutil.Process(pid).memory_full_info()
    return memory.rss / 1e6, memory.pss / 1e6


@contextmanager
def _running(command: list[str]) -> Iterator[int]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.kill()
