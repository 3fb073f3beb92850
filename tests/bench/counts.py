"""How well crossings are counted on vtest.avi, at many lines and under many conditions."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.settings import LineSettings
from tests.bench.table import Table
from tests.support.shared_data import shared
from tests.support.truth import LINE_A, LINE_C, LINES, Counts, count, error, mirrored, random_lines, true_scenes
from tests.support.watching import frames, watch

_RANDOM_LINES = 40


@dataclass(frozen=True)
class Case:
    """A way to show the clip."""

    name: str
    fps: float
    filter: str = ""
    crf: int = 12
    offset_s: float = 0.0
    mirror: bool = False


CASES = (
    Case("5 fps", 5),
    Case("10 fps", 10),
    Case("5 fps, other frames", 5, offset_s=0.1),
    Case("5 fps, from 5 s", 5, offset_s=5.0),
    Case("8 fps", 8, "fps=8"),
    Case("15 fps", 15, "fps=15"),
    Case("mirrored, 5 fps", 5, "hflip", mirror=True),
    Case("crf 23, 5 fps", 5, "null", 23),
    Case("crf 30, 5 fps", 5, "null", 30),
    Case("320x240, 5 fps", 5, "scale=320:240"),
    Case("1280x720, 5 fps", 5, "scale=1280:720"),
    Case("1920x1080, 5 fps", 5, "scale=1920:1080"),
    Case("20 % darker, 5 fps", 5, "lutyuv=y=16+(val-16)*0.8"),
    Case("20 % brighter, 5 fps", 5, "lutyuv=y=min(235\\,16+(val-16)*1.2)"),
)


def clip_of(source: Path, case: Case, folder: Path) -> Path:
    """Return the clip as it is shown."""
    if not case.filter:
        return source
    target = folder / f"{case.name.replace(' ', '_').replace('%', '')}.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-i", str(source), "-vf", case.filter, "-c:v", "libx264"]
    subprocess.run([*command, "-preset", "veryfast", "-crf", str(case.crf), str(target)], check=True)
    return target


def _single_errors(counted: list[Counts], true: list[Counts]) -> list[float]:
    return [error([one], [other]) for one, other in zip(counted, true, strict=True)]


def run(*, quick: bool) -> Table:
    """Count under each condition; quickly, only as it is, at 5 and 10 fps."""
    clip, truth = shared("data/video/vtest.avi"), shared("data/video/vtest.gt.txt")
    some = [*LINES, *random_lines(truth, _RANDOM_LINES, seed=11)]
    lines: list[LineSettings] = [LINE_A, LINE_C, *some]
    true = count(true_scenes(truth), lines)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row(case, clip, truth, lines, Path(folder)) for case in (CASES[:2] if quick else CASES)]
    cv2.setNumThreads(threads)
    return Table(
        "Crossings counted on vtest.avi, against its truth",
        ("shown", "A and C", "error, all", "mean", "median", "worst", "CPU ms, detector + tracker"),
        rows,
        (
            f"{len(some)} lines with {sum(map(sum, true[2:]))} crossings; A and C truly (9, 6) (1, 3)",
            "error: sum of |count - truth| over lines and directions, by the true crossings; then of each line",
            "bounds: A and C to within one in total",
        ),
    )


def _row(case: Case, clip: Path, truth: Path, lines: list[LineSettings], folder: Path) -> list[str]:
    spent: list[tuple[float, float]] = []
    shown = frames(clip_of(clip, case, folder), case.fps, case.offset_s)
    counted = count(watch(shown, spent_s=spent), mirrored(lines) if case.mirror else lines)
    if case.mirror:
        counted = [(b_to_a, a_to_b) for a_to_b, b_to_a in counted]
    since_s = case.offset_s if case.offset_s >= 1.0 else 0.0
    reference = count((each for each in true_scenes(truth) if each.stream_s >= since_s), lines)
    errors = _single_errors(counted[2:], reference[2:])
    detector, tracker = (np.mean(spent, axis=0) * 1000).tolist()
    return [
        case.name,
        f"{counted[0]} {counted[1]}",
        f"{error(counted[2:], reference[2:]):.3f}",
        f"{np.mean(errors):.3f}",
        f"{np.median(errors):.3f}",
        f"{max(errors):.2f}",
        f"{detector:.2f} + {tracker:.2f}",
    ]
