"""Light that changes over the whole picture is not motion."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.detect.background import Background, Mask
from edge.detect.field import SAMPLE_STEP, Field, FieldOfView
from edge.detect.scale import Small
from edge.settings import MaskSettings

_LEAST_GAIN = 0.02
_MOST_GAIN = 1.6


class Light:
    """Follows the brightness of the whole picture, and tells when the background is of no use any more.

    What lies under a mask has no say.
    """

    def __init__(self, masks: Sequence[MaskSettings] = ()) -> None:
        self._view = FieldOfView(masks)

    def foreground(self, background: Background, small: Small) -> Mask | None:
        """Return where the picture differs from the background, None where it does nearly everywhere."""
        field = self._view.of(small)
        gain = _gain(background, small, field)
        if abs(gain - 1.0) > _LEAST_GAIN and 1 / _MOST_GAIN < gain < _MOST_GAIN:
            background.scale(gain)
        mask = self._view.within(background.foreground(small), small)
        if cv2.countNonZero(mask) > field.too_much:
            return None
        return mask


def _gain(background: Background, small: Small, field: Field) -> float:
    """Return how much brighter than the background the picture is, by the middle one of many pixels."""
    before = background.luma[::SAMPLE_STEP, ::SAMPLE_STEP].astype(np.float32) + 1.0
    now = small.luma[::SAMPLE_STEP, ::SAMPLE_STEP].astype(np.float32) + 1.0
    ratio = (now / before).ravel()[field.sample]
    if not ratio.size:
        return 1.0
    middle = ratio.size // 2
    return float(np.partition(ratio, middle)[middle])  # np.median is six times as slow
