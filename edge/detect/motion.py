"""Finds what moves by comparing each picture with a learnt background."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.detect.background import Background, Mask
from edge.detect.blobs import Rects, blobs, clean
from edge.detect.colours import colours
from edge.detect.light import Light
from edge.detect.looks import Canvas, Looks
from edge.detect.parts import Found, find
from edge.detect.scale import Small, shrink
from edge.detect.start import Start, without
from edge.detect.still import Stillness, is_ghost
from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Expected, Frame
from edge.settings import AnalysisSettings, MaskSettings

_LEAST_SHARE = 0.0004
_GROW = 0.15
_ADAPT_EVERY_S = 0.55
_STANDS_S = 2.0
_HELD_S = 1800.0
"""Who has walked in and stands there for longer becomes background: it may be no person after all."""
_AROUND = np.ones((5, 5), np.uint8)


class MotionDetector:
    """The detector `motion`: no neural net. One for each channel; frames come in order. Blind where masks are."""

    def __init__(self, analysis: AnalysisSettings, masks: Sequence[MaskSettings] = ()) -> None:
        self._width = analysis.width
        self._start = Start()
        self._light = Light(masks)
        self._still = Stillness()
        self._looks = Looks()
        self._background: Background | None = None
        self._last_s = 0.0
        self._before: tuple[Background, list[tuple[int, int, int, int]]] | None = None
        self._held: list[tuple[int, int, int, int]] = []

    def detect(self, frame: Frame, known: Sequence[Expected]) -> Detections:
        """Return what stands out from the background; not settled while that is being learnt."""
        small = shrink(frame.picture, self._width)
        if self._background is None or self._background.luma.shape != small.luma.shape:
            return self._learn(small, frame.stream_s)
        mask = self._light.foreground(self._background, small)
        if mask is None:
            self._before = (self._background, self._held)
            self._background = None
            self._start = Start()
            return self._learn(small, frame.stream_s)
        mask = clean(mask)
        expected = _pixels([each.box for each in known], small)
        least = _LEAST_SHARE * small.rows * small.columns
        rects = blobs(mask, least)
        keys = [each.key for each in known]
        self._looks.standing = {each.key for each in known if each.stood_s >= _STANDS_S}
        canvas = Canvas(small, mask)
        items = find(canvas, rects, expected, keys, self._looks, least)
        self._held = _grown(expected[[each.confirmed and each.stood_s < _HELD_S for each in known]], small)
        self._adapt(small, mask, expected, rects, frame.stream_s)
        return Detections(tuple(_detection(each, canvas) for each in items))

    def _learn(self, small: Small, stream_s: float) -> Detections:
        start = self._start.add(small, stream_s)
        if start is not None:
            self._background = Background(start if self._before is None else without(start, *self._before))
            self._before = None
            self._start = Start()
            self._still = Stillness()
        self._last_s = stream_s
        return Detections((), settled=False)

    def _adapt(self, small: Small, mask: Mask, expected: Rects, rects: Rects, stream_s: float) -> None:
        """Learn what is background; not from every picture, since it takes seconds anyway."""
        elapsed_s = stream_s - self._last_s
        learns, ticks = elapsed_s >= _ADAPT_EVERY_S, self._still.due(stream_s)
        if self._background is None or not (learns or ticks):
            return
        free = np.full(mask.shape, 255, np.uint8)
        for left, top, right, bottom in _grown(expected, small):
            free[top:bottom, left:right] = 0
        if learns:
            self._background.adapt(small, _quiet(mask, free), free, min(1.0, elapsed_s))
            self._last_s = stream_s
        if ticks:
            over = self._still.tick(small.luma, mask, free)
            for left, top, right, bottom in self._held:
                over[top:bottom, left:right] = 0
            self._mark_ghosts(small, mask, rects, over)
            if cv2.countNonZero(over):
                self._background.replace(small, over)

    def _mark_ghosts(self, small: Small, mask: Mask, rects: Rects, over: Mask) -> None:
        """Add blobs that are only holes in the background to what is to be learnt at once."""
        background = self._background
        if background is None:
            return
        for left, top, right, bottom in _grown(rects, small, 0.0, 3):
            if self._still.stands(mask, top, bottom, left, right):
                part = np.s_[top:bottom, left:right]
                if is_ghost(mask[part], small.luma[part], background.luma[part]):
                    over[part] |= np.asarray(cv2.dilate(mask[part], _AROUND), np.uint8)


def _quiet(mask: Mask, free: Mask) -> Mask:
    """Return where there is nothing, nor next to it."""
    if not cv2.countNonZero(mask):
        return free
    return np.asarray(cv2.bitwise_and(free, cv2.bitwise_not(cv2.dilate(mask, _AROUND))), np.uint8)


def _pixels(boxes: Sequence[Box], small: Small) -> Rects:
    rects = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.float64).reshape(-1, 4)
    return rects * (small.columns, small.rows, small.columns, small.rows)


def _grown(rects: Rects, small: Small, share: float = _GROW, pixels: int = 1) -> list[tuple[int, int, int, int]]:
    """Return boxes made larger on each side, as whole pixels within the picture."""
    if not len(rects):
        return []
    size = (rects[:, 2:] - rects[:, :2]) * share + pixels
    low = np.maximum(np.floor(rects[:, :2] - size), 0)
    high = np.minimum(np.ceil(rects[:, 2:] + size), (small.columns, small.rows))
    return [tuple(row) for row in np.hstack((low, np.maximum(high, low))).astype(int).tolist()]


def _detection(found: Found, canvas: Canvas) -> Detection:
    left, top, right, bottom = found.rect
    rows, columns = canvas.mask.shape
    box = Box(max(0.0, left / columns), max(0.0, top / rows), min(1.0, right / columns), min(1.0, bottom / rows))
    return Detection(box, found.belief, key=found.key, colours=colours(found.rect, canvas) if found.key is None else ())
