"""`edge replay --calibrate` on real video, against the truth."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.config.loader import loads
from edge.model.geometry import Point
from edge.track.classify import Classifier
from tests.support.shared_data import shared
from tests.support.truth import HEIGHT, WIDTH

MOST_WRONG = 0.12


def calibrate(clip: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge", "replay", str(clip), "--calibrate"]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


def true_heights(truth: Path) -> dict[float, float]:
    """Return how tall people who are whole in the picture are at some rows: the middle one of all, in frame heights."""
    left, top, width, height = np.loadtxt(truth, delimiter=",")[:, 2:6].T
    foot = (top + height) / HEIGHT
    whole = (left > 5) & (left + width < WIDTH - 5) & (top + height < HEIGHT - 4)
    rows = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    return {row: float(np.median(height[whole & (abs(foot - row) < 0.03)])) / HEIGHT for row in rows}


def test_the_ruler_of_the_junction_is_right_everywhere_and_can_be_pasted() -> None:
    clip, truth = shared("data/video/vtest.avi"), shared("data/video/vtest.gt.txt")
    answer = calibrate(clip)
    assert answer.returncode == 0, answer.stderr
    assert "people in vtest.avi; sure: 0." in answer.stdout
    assert "paste it under the channel" in answer.stderr
    settings = loads(f"channels:\n  - name: Junction\n    source: {{demo: {{}}}}\n{answer.stdout}", "pasted")
    rulers = settings.channels[0].calibration
    assert len(rulers) == 2
    classifier = Classifier(rulers)
    for row, height in true_heights(truth).items():
        assert classifier.person_height(Point(0.5, row)) == pytest.approx(height, rel=MOST_WRONG), row


@pytest.mark.parametrize("name", ["road.avi", "bottle-detection.mp4"])
def test_where_nobody_walks_there_is_no_ruler_and_one_line(name: str) -> None:
    answer = calibrate(shared(f"data/video/{name}"))
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "measure a standing person by hand" in answer.stderr
