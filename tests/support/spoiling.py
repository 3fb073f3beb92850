"""A camera whose view is spoilt for a while: pictures from a clip or the demo street, and what is told of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.capture.street.picture import make_painter
from edge.detect.view import ViewWatch
from edge.model.event import Event
from edge.model.scene import Observation, Picture, Scene
from edge.picture.colour import to_bgr
from edge.rules.events import Writer
from edge.rules.sabotage import Sabotage
from edge.settings.channel import SabotageSettings
from tests.support.attacks import Bgr, Change

FROM_S, TO_S = 25.0, 40.0
SECONDS = 5.0


def picture_of(bgr: Bgr) -> Picture:
    """Return a BGR picture of even size as a camera gives it."""
    rows, columns = bgr.shape[:2]
    planes = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
    half = (rows // 2, columns // 2)
    return Picture(
        planes[:rows], planes[rows : rows + rows // 4].reshape(half), planes[rows + rows // 4 :].reshape(half)
    )


def clip_pictures(path: Path, size: tuple[int, int], seconds: float, fps: float) -> list[Bgr]:
    """Return a clip's pictures at a size and rate; a short clip is played to and fro."""
    capture = cv2.VideoCapture(str(path))
    found: list[Bgr] = []
    step = float(capture.get(cv2.CAP_PROP_FPS)) / fps
    for number in range(round(seconds * fps * step) + 1):
        ok, picture = capture.read()
        if not ok:
            break
        if number >= len(found) * step:
            found.append(cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False))
    capture.release()
    there_and_back = found + found[-2:0:-1]
    return [there_and_back[each % len(there_and_back)] for each in range(round(seconds * fps))]


def street_pictures(seconds: float, fps: float) -> list[Bgr]:
    """Return pictures of the demo street, 640 wide."""
    painter = make_painter(1)
    return [to_bgr(painter.picture(each, each / fps), 640) for each in range(round(seconds * fps))]


def spoilt(
    pictures: Iterable[Bgr], change: Change, fps: float, *, spans: Sequence[tuple[float, float]]
) -> Iterator[Bgr]:
    """Give the pictures, changed in the given spans of seconds."""
    for number, picture in enumerate(pictures):
        now_s = number / fps
        since_s = next((now_s - low for low, high in spans if low <= now_s < high), None)
        yield picture if since_s is None else change(picture, since_s)


class Watcher:
    """A camera's view and its rule; a copy goes on by itself."""

    def __init__(self, fps: float) -> None:
        self.events: list[Event] = []
        self._fps = fps
        self._number = 0
        self._watch = ViewWatch()
        self._rule = Sabotage(SabotageSettings(seconds=SECONDS), Writer("c", "Camera"))

    def see(self, pictures: Iterable[Bgr]) -> None:
        """Look at pictures, which follow those before."""
        for bgr in pictures:
            stream_s = self._number / self._fps
            self._number += 1
            observed = Observation(view=self._watch.look(picture_of(bgr), stream_s))
            scene = Scene("c", round(stream_s * 1e6), stream_s, 1.5, (), observed=observed)
            self.events += self._rule.update(scene)


def told(pictures: Iterable[Bgr], fps: float) -> list[Event]:
    """Return what is told of a camera that gives these pictures."""
    watcher = Watcher(fps)
    watcher.see(pictures)
    return watcher.events
