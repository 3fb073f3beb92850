"""How many analysed pictures a second counting needs: fewer and fewer, at even and uneven distances."""

import random
from collections.abc import Iterator
from pathlib import Path

import cv2

from edge.model.scene import Frame
from tests.bench.table import Table
from tests.support.shared_data import shared
from tests.support.truth import LINE_A, LINE_C, LINES, count, error, random_lines, true_scenes
from tests.support.watching import frames, watch

_RANDOM_LINES = 40
_RATES = (5.0, 4.0, 3.34, 3.0, 2.5, 2.0, 1.0)


def run(*, quick: bool) -> Table:
    """Count at each rate; quickly, at two of them."""
    clip, truth = shared("data/video/vtest.avi"), shared("data/video/vtest.gt.txt")
    lines = [LINE_A, LINE_C, *LINES, *random_lines(truth, _RANDOM_LINES, seed=11)]
    true = count(true_scenes(truth), lines)
    crossings = sum(map(sum, true[2:]))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    rows = []
    for fps in _RATES[::3] if quick else _RATES:
        shown = (frames(clip, fps), frames(clip, fps, 0.1), *(uneven(clip, fps, seed) for seed in (1, 2)))
        counted = [count(watch(each), lines) for each in shown]
        errors = [f"{error(each[2:], true[2:]):.3f}" for each in counted]
        totals = [sum(map(sum, each[2:])) for each in counted]
        rows.append([f"{fps:g}", *errors, f"{min(totals)} to {max(totals)}", f"{counted[0][0]} {counted[0][1]}"])
    cv2.setNumThreads(threads)
    return Table(
        "Crossings counted on vtest.avi with fewer and fewer pictures",
        ("pictures a second", "even", "even, others", "uneven", "uneven, others", "counted", "A and C, even"),
        rows,
        (
            f"error: sum of |count - truth| over {len(lines) - 2} lines and directions, by the {crossings} crossings",
            "uneven: each distance is .6, 1 or 1.4 times the mean, by chance, as where the board is too slow",
            "A and C truly (9, 6) (1, 3)",
        ),
    )


def uneven(clip: Path, fps: float, seed: int) -> Iterator[Frame]:
    """Yield a clip's pictures at uneven distances, `fps` in the mean."""
    chance, due_s = random.Random(seed), 0.0
    for frame in frames(clip, 10.0):
        if frame.stream_s >= due_s - 1e-3:
            yield frame
            due_s = max(due_s, frame.stream_s) + chance.choice((0.6, 1.0, 1.4)) / fps
