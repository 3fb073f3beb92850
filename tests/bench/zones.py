"""How well zones tell who comes and goes on vtest.avi, under many conditions, by the rules themselves."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tests.bench.counts import CASES, Case, clip_of
from tests.bench.table import Table
from tests.support.shared_data import shared
from tests.support.stays import Polygon, Score, Stay, mirrored, random_zones, score, told
from tests.support.truth import true_scenes
from tests.support.watching import frames, watch

_ZONES = 24
_SEED = 5
_DARK = Case("half as bright, 5 fps", 5, "lutyuv=y=16+(val-16)*0.5")
_LEFT_OUT = {"5 fps, from 5 s", "crf 23, 5 fps", "1920x1080, 5 fps", "20 % darker, 5 fps", "20 % brighter, 5 fps"}


def run(*, quick: bool) -> Table:
    """Watch zones under each condition; quickly, only as it is, at 5 and 10 fps."""
    clip, truth = shared("data/video/vtest.avi"), shared("data/video/vtest.gt.txt")
    zones = [*random_zones(truth, _ZONES, _SEED, busy=True), *random_zones(truth, _ZONES, _SEED, busy=False)]
    true = [each.stays for each in told(true_scenes(truth), zones)]
    cases = [case for case in CASES if case.name not in _LEFT_OUT] + [_DARK]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row(case, clip, zones, true, Path(folder)) for case in (cases[:2] if quick else cases)]
    cv2.setNumThreads(threads)
    some = [len(each) for each in true]
    return Table(
        "Who comes into and leaves zones of vtest.avi, against its truth",
        (
            "shown",
            "junction: F1",
            "worst zone",
            "dwell",
            "peak off",
            "elsewhere: F1",
            "worst zone",
            "dwell",
            "peak off",
        ),
        rows,
        (
            f"{_ZONES} zones in the busy junction with {sum(some[:_ZONES])} stays, elsewhere with {sum(some[_ZONES:])}",
            "zones are random, convex or not, and have as many stays where all boxes are moved by 5 %",
            "truth: the rules themselves on the true boxes; F1 of joins and leaves within 1.5 s, all zones together",
            "dwell: share of the stays whose join was found with the right dwell time, to 10 % or 1 s",
            "peak off: zones in which the most inside at once differ by more than one",
            "bounds: F1 .90 in the junction, .95 elsewhere; peak within one",
        ),
    )


def _row(case: Case, clip: Path, zones: Sequence[Polygon], true: Sequence[tuple[Stay, ...]], folder: Path) -> list[str]:
    shown = frames(clip_of(clip, case, folder), case.fps, case.offset_s)
    seen = told(watch(shown), mirrored(zones) if case.mirror else zones)
    scores = [score(one.stays, other) for one, other in zip(seen, true, strict=True)]
    return [case.name, *_cells(scores[:_ZONES]), *_cells(scores[_ZONES:])]


def _cells(scores: Sequence[Score]) -> list[str]:
    right, events = sum(each.right for each in scores), sum(each.told + each.true for each in scores)
    dwell = sum(each.dwell_right for each in scores) / max(1, sum(len(each.dwell) for each in scores))
    worst = float(np.min([each.f1 for each in scores]))
    off = sum(abs(each.peak) > 1 for each in scores)
    return [f"{2 * right / events:.3f}", f"{worst:.2f}", f"{dwell:.2f}", str(off)]
