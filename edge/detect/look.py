"""One look at a picture as a whole: a few numbers and its outlines."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.detect.hidden import Hidden
from edge.detect.outline import COLUMNS, ROWS, Outline, grid_of, outline_of
from edge.detect.sharpness import sharpness
from edge.model.scene import Picture

_DARK, _BRIGHT = 40.0, 228.0
_FULL_DARK, _FULL_BRIGHT = 28.0, 247.0
_APART = 8
_NEUTRAL = 128
_HUE = 3
_COLOURED = 0.01
_BESIDE = 2
"""Cells around a mask that may show its border."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one picture is like.

    `mean` is its brightness and `spread` how far brightness goes from there, in grey levels; `dark` and `bright` are
    the shares of it that are nearly black or nearly white; `colour` tells whether there is any.
    """

    outline: Outline
    sharpness: float
    mean: float
    spread: float
    dark: float
    bright: float
    colour: bool


def look_at(picture: Picture, hidden: Hidden) -> Look:
    """Look at a picture, but for what is hidden; costs about half a millisecond at 720p."""
    grid = grid_of(picture.y)
    outline = outline_of(grid)
    shown = grid.ravel()
    if hidden:
        outline = outline.within(hidden.open(COLUMNS, ROWS, _BESIDE))
        seen = hidden.open(COLUMNS, ROWS) > 0
        shown = grid[seen] if seen.any() else shown
    dark, bright = (_FULL_DARK, _FULL_BRIGHT) if picture.full_range else (_DARK, _BRIGHT)
    mean, spread = (float(each.item()) for each in cv2.meanStdDev(shown))
    return Look(
        outline,
        sharpness(picture.y, hidden),
        mean,
        spread,
        np.count_nonzero(shown < dark) / shown.size,
        np.count_nonzero(shown >= bright) / shown.size,
        _has_colour(picture),
    )


def _has_colour(picture: Picture) -> bool:
    """Tell whether some of the picture is coloured: at night cameras give grey."""
    hues = (np.abs(plane[::_APART, ::_APART].astype(np.int16) - _NEUTRAL) for plane in (picture.u, picture.v))
    return any(float((hue > _HUE).mean()) > _COLOURED for hue in hues)
