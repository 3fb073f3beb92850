"""Which part of the picture is analysed, where a channel has masks."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.background import Mask
from edge.detect.scale import Small
from edge.model.raster import covered
from edge.settings import MaskSettings

SAMPLE_STEP = 8
"""Statistics of the whole picture look at every so manieth pixel of every so manieth row."""
_MUCH = 0.5
_LEAST_OF_PICTURE = 0.15
_MOST_OF_FIELD = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What is left of a picture beside its masks: `mask` is 255 there, `sample` the same at every eighth pixel."""

    mask: Mask
    sample: NDArray[np.bool_]
    pixels: int

    @property
    def too_much(self) -> float:
        """How many differing pixels are more than objects can be: half, but of a small field nearly all.

        Somebody may well stand in most of a small field; light that changes fills it.
        """
        return max(_MUCH * self.pixels, min(_LEAST_OF_PICTURE * self.mask.size, _MOST_OF_FIELD * self.pixels))


class FieldOfView:
    """One channel's masks, at the size of its small pictures. What privacy masks hide is not analysed either."""

    def __init__(self, masks: Sequence[MaskSettings] = ()) -> None:
        self._polygons = [mask.polygon for mask in masks]
        self._field: Field | None = None

    def of(self, small: Small) -> Field:
        """Return the field in a picture of this size."""
        if self._field is None or self._field.mask.shape != small.luma.shape:
            self._field = _field(~covered(self._polygons, small.columns, small.rows))
        return self._field

    def within(self, mask: Mask, small: Small) -> Mask:
        """Return a foreground without what lies under the masks."""
        if not self._polygons:
            return mask
        return np.asarray(cv2.bitwise_and(mask, self.of(small).mask), np.uint8)


def _field(analysed: NDArray[np.bool_]) -> Field:
    mask = np.where(analysed, np.uint8(255), np.uint8(0))
    return Field(mask, analysed[::SAMPLE_STEP, ::SAMPLE_STEP].ravel(), int(np.count_nonzero(analysed)))
