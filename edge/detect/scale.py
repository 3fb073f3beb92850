"""A camera's picture, scaled down for the analysis."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.model.scene import Picture, Plane
from edge.model.size import size_for


@dataclass(frozen=True, slots=True, eq=False)
class Small:
    """The picture to be analysed: `luma` is (rows, columns), `chroma` (2, rows / 2, columns / 2), all uint8."""

    luma: Plane
    chroma: tuple[Plane, Plane]

    @property
    def rows(self) -> int:
        """Rows of the luma."""
        return int(self.luma.shape[0])

    @property
    def columns(self) -> int:
        """Columns of the luma."""
        return int(self.luma.shape[1])


def shrink(picture: Picture, max_width: int) -> Small:
    """Scale a picture down."""
    columns, rows = size_for(picture.width, picture.height, max_width)
    half = (columns // 2, rows // 2)
    return Small(_resize(picture.y, (columns, rows)), (_resize(picture.u, half), _resize(picture.v, half)))


def _resize(plane: Plane, size: tuple[int, int]) -> Plane:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
