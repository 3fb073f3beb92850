"""What following costs at 10, 50 and 200 objects, beside a public ByteTrack.

ByteTrack is the package `supervision`, installed for the moment into an environment of its own; where that cannot be
done, ours stands alone. `python -m tests.bench.tracker_cost` prints ByteTrack's figures where it is installed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.bench.table import Table
from tests.support.boxes import frame

_FRAMES = 150
_OBJECTS = (10, 50, 200)
_INSTALL_S = 300.0
_SIZE = np.array([0.02, 0.08])
Boxes = NDArray[np.float64]


def _walks(objects: int) -> list[Boxes]:
    """Return the boxes of each frame as rows of left, top, right, bottom; everybody walks, with a little noise."""
    random = np.random.default_rng(5)
    places, steps = random.uniform(0.05, 0.85, (objects, 2)), random.uniform(-0.006, 0.006, (objects, 2))
    shown = []
    for _ in range(_FRAMES):
        places = places + steps
        steps = np.where((places < 0.02) | (places > 0.9), -steps, steps)
        corner = np.clip(places + random.normal(0, 0.001, places.shape), 0.0, 0.9)
        shown.append(np.hstack((corner, corner + _SIZE)))
    return shown


def _ours(shown: list[Boxes]) -> float:
    tracker = Tracker(1, Classifier())
    found = [Detections(tuple(Detection(Box(*row)) for row in boxes.tolist())) for boxes in shown]

    def step(number: int) -> None:
        at = frame(number / 5)
        tracker.expected(at.stream_s)
        tracker.update(at, found[number])

    return _cost_ms(step)


def _byte_track(shown: list[Boxes]) -> float:
    supervision = import_module("supervision")
    tracker = supervision.ByteTrack(frame_rate=5)
    pixels = np.array([1280, 720, 1280, 720])

    def step(number: int) -> None:
        count = len(shown[number])
        tracker.update_with_detections(
            supervision.Detections(
                xyxy=shown[number] * pixels, confidence=np.full(count, 0.9), class_id=np.zeros(count, int)
            )
        )

    return _cost_ms(step)


def _cost_ms(step: Callable[[int], None]) -> float:
    spent = []
    for number in range(_FRAMES):
        start = time.process_time()
        step(number)
        spent.append(time.process_time() - start)
    return float(np.mean(spent[10:])) * 1000


def run(*, quick: bool) -> Table:  # noqa: ARG001 - it takes seconds as it is
    """Measure both."""
    others, notes = _byte_track_elsewhere()
    rows = []
    for objects, other in zip(_OBJECTS, others, strict=True):
        ours = _ours(_walks(objects))
        ratio = f"{ours / other:.2f}" if other else "-"
        rows.append([str(objects), f"{ours:.2f} ms", f"{other:.2f} ms" if other else "-", ratio])
    about = "CPU per frame at 5 fps, everybody walking; ours with classes, sightings and where each is expected next"
    return Table("Cost of the tracker", ("objects", "ours", "ByteTrack", "ratio"), rows, (about, *notes))


def _byte_track_elsewhere() -> tuple[list[float], list[str]]:
    """Return ByteTrack's figures, zeros where it cannot be installed, and a note on that."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        root = Path(__file__).resolve().parents[2]
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
            install = [
                str(python),
                "-m",
                "pip",
                "-q",
                "install",
                "--only-binary",
                ":all:",
                "supervision<0.27",
                "psutil",
            ]
            subprocess.run(install, check=True, capture_output=True, timeout=_INSTALL_S)
            measured = subprocess.run(
                [str(python), "-W", "ignore", "-m", "tests.bench.tracker_cost"],
                cwd=root,
                env={**os.environ, "PYTHONPATH": str(root)},
                check=True,
                capture_output=True,
                text=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            return [0.0] * len(_OBJECTS), [f"ByteTrack could not be installed ({type(error).__name__})"]
    version, *figures = measured.stdout.split()
    return [float(each) for each in figures], [f"ByteTrack of supervision {version}"]


def main() -> None:
    """Print ByteTrack's version and its cost at each number of objects."""
    print(metadata.version("supervision"), *(_byte_track(_walks(objects)) for objects in _OBJECTS))


if __name__ == "__main__":
    main()
