"""What following costs at 10, 50 and 200 objects, beside a public ByteTrack where one is installed.

By hand: python -m tests.bench.tracker_cost (ByteTrack: pip install supervision, into an environment of its own)
"""

import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.support.boxes import frame

_FRAMES = 150
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


def _byte_track(shown: list[Boxes]) -> float | None:
    if find_spec("supervision") is None:
        return None
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


def main() -> None:
    """Print the table."""
    print("| objects | ours, CPU ms a frame | ByteTrack |")
    print("|---|---|---|")
    for objects in (10, 50, 200):
        shown = _walks(objects)
        other = _byte_track(shown)
        print(f"| {objects} | {_ours(shown):.2f} | {'not installed' if other is None else f'{other:.2f}'} |")


if __name__ == "__main__":
    main()
