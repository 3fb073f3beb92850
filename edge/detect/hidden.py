"""What privacy masks hide: painted grey, it tells nothing of the view, the light or what lies there."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.model.raster import covered
from edge.model.scene import Plane
from edge.settings import MaskSettings


class Hidden:
    """One channel's privacy masks, at any size of picture."""

    def __init__(self, masks: Sequence[MaskSettings] = ()) -> None:
        self._polygons = [mask.polygon for mask in masks if mask.kind == "privacy"]
        self._open: dict[tuple[int, int, int], Plane] = {}

    def __bool__(self) -> bool:
        """Tell whether anything is hidden."""
        return bool(self._polygons)

    def open(self, columns: int, rows: int, around: int = 0) -> Plane:
        """Return (rows, columns), 255 where a picture of this size is seen and some pixels around the masks are, too.

        `around` is how many; all 0 where nothing is seen.
        """
        key = (columns, rows, around)
        if key not in self._open:
            hidden = np.where(covered(self._polygons, columns, rows), np.uint8(255), np.uint8(0))
            size = 2 * around + 1
            grown = cv2.dilate(hidden, np.ones((size, size), np.uint8)) if around else hidden
            self._open = {key: np.asarray(cv2.bitwise_not(grown), np.uint8), **dict(list(self._open.items())[:3])}
        return self._open[key]
