"""Runs detector and tracker over a clip."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import av

from edge.capture.i420 import picture_of
from edge.detect.motion import MotionDetector
from edge.model.scene import Frame, Scene
from edge.settings import AnalysisSettings, CalibrationRuler
from edge.track.classify import Classifier
from edge.track.tracker import Tracker


def frames(path: Path, fps: float, offset_s: float = 0.0) -> Iterator[Frame]:
    """Yield a clip's frames at a rate of at most `fps`, from `offset_s` on."""
    due_s, number = offset_s, 0
    with av.open(str(path)) as container:
        for decoded in container.decode(video=0):
            stream_s = float(decoded.time or 0.0)
            if stream_s < due_s - 1e-3:
                continue
            due_s = max(due_s + 1 / fps, stream_s)
            number += 1
            yield Frame("c", number, round(stream_s * 1e6), stream_s, picture_of(decoded))


def watch(
    shown: Iterable[Frame], rulers: tuple[CalibrationRuler, ...] = (), spent_s: list[tuple[float, float]] | None = None
) -> Iterator[Scene]:
    """Yield the scenes, at last what is left to tell; `spent_s` takes the CPU s of detector and tracker a frame."""
    detector, tracker = MotionDetector(AnalysisSettings()), Tracker(1, Classifier(rulers))
    scene: Scene | None = None
    for frame in shown:
        start = time.process_time()
        expected = tracker.expected(frame.stream_s)
        before = time.process_time()
        detections = detector.detect(frame, expected)
        after = time.process_time()
        scene = tracker.update(frame, detections)
        if spent_s is not None:
            spent_s.append((after - before, before - start + time.process_time() - after))
        yield scene
    rest = None if scene is None else tracker.rest(scene)
    if rest is not None:
        yield rest
