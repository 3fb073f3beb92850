"""Light that changes over the whole picture is not motion."""

import cv2
import numpy as np

from edge.detect.background import Background, Mask
from edge.detect.scale import Small

_STEP = 8
_LEAST_GAIN = 0.02
_MOST_GAIN = 1.6
_TOO_MUCH = 0.5


class Light:
    """Follows the brightness of the whole picture, and tells when the background is of no use any more."""

    def foreground(self, background: Background, small: Small) -> Mask | None:
        """Return where the picture differs from the background, None where it does nearly everywhere."""
        gain = _gain(background, small)
        if abs(gain - 1.0) > _LEAST_GAIN and 1 / _MOST_GAIN < gain < _MOST_GAIN:
            background.scale(gain)
        mask = background.foreground(small)
        if cv2.countNonZero(mask) > _TOO_MUCH * mask.size:
            return None
        return mask


def _gain(background: Background, small: Small) -> float:
    """Return how much brighter than the background the picture is, by the middle one of many pixels."""
    before = background.luma[::_STEP, ::_STEP].astype(np.float32) + 1.0
    now = small.luma[::_STEP, ::_STEP].astype(np.float32) + 1.0
    ratio = (now / before).ravel()
    middle = ratio.size // 2
    return float(np.partition(ratio, middle)[middle])  # np.median is six times as slow
