"""Who a new object really is: a piece of one that is in sight, one that was lost a moment ago, or somebody new."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.track.life import Life, centre
from edge.track.match import unlikeness
from edge.track.motion import Numbers

_INSIDE = 0.6
"""Who is covered by another so far (share of the own box) may be a piece of it."""
_LARGER = 1.5
_AS_LARGE = 1.1
_TWICE = 2.0
_WITHIN = 0.7
_EDGE = 0.02
_REACH = 1.0
_REACH_PER_S = 0.75
"""In own heights: how far from where it was lost someone may turn up."""
_BOTH_S = 0.25
"""Who is lost may have been seen beside the newcomer for so long: half of it on either side of a post."""
_UNLIKE = 3.0
"""What colours weigh against the way, where more than one was lost."""
_ALIKE = 0.6
_AS_TALL = 1.6


def is_piece(life: Life, others: Sequence[Life]) -> bool:
    """Tell whether an object lies so far within another seen with it that it may be a piece of that.

    The other one is larger, much larger where it is not confirmed either.
    """
    box, now_s = life.last.box, life.last.stream_s
    return any(
        other is not life
        and other.last.stream_s >= now_s
        and _area(other.last.box) > (_AS_LARGE if other.object_id is not None else _LARGER) * _area(box)
        and _covered(box, other.last.box) > _INSIDE
        for other in others
    )


def inside(place: Numbers, size: Numbers) -> NDArray[np.bool_]:
    """Tell which boxes lie within another twice as large; rows of centre x, bottom y and of width, height."""
    low = np.column_stack((place[:, 0] - size[:, 0] / 2, place[:, 1] - size[:, 1]))
    high = np.column_stack((place[:, 0] + size[:, 0] / 2, place[:, 1]))
    common = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    area = np.maximum(size[:, 0] * size[:, 1], 1e-9)
    covered = np.prod(np.clip(common, 0.0, None), axis=2) > _WITHIN * area[:, None]
    return np.asarray((covered & (area[None] > _TWICE * area[:, None])).any(axis=1))


def lost_before(life: Life, others: Sequence[Life], aspect: float) -> Life | None:
    """Return the confirmed object that was lost before this one came up near it, if it is alike; None where none is."""
    if at_edge(life.first.box):
        return None
    near = [other for other in others if _may_be(other, life) and _away(other, life, aspect) < 1.0]
    if not near:
        return None
    unlike = unlikeness([each.colours for each in near], [life.colours])[:, 0].tolist()
    away = [_away(each, life, aspect) for each in near]
    return near[min(range(len(near)), key=lambda row: _UNLIKE * unlike[row] + away[row])]


def _may_be(before: Life, now: Life) -> bool:
    both_s = before.last.stream_s - now.first.stream_s
    if before.over or before.object_id is None or both_s > _BOTH_S or at_edge(before.last.box):
        return False
    if before.last.stream_s >= now.last.stream_s:
        return False
    if bool(np.min(unlikeness([before.colours], [now.colours])) > _ALIKE):
        return False
    heights = sorted((before.last.box.height, now.last.box.height))
    return heights[1] < _AS_TALL * heights[0]


def _away(before: Life, now: Life, aspect: float) -> float:
    """Return how far from where one was lost the other turned up, as a share of how far it could be."""
    gap_s = max(0.0, now.first.stream_s - before.last.stream_s)
    height = max(before.last.box.height, now.last.box.height)
    way = math.dist(centre(before.last.box, aspect), centre(now.first.box, aspect))
    return way / ((_REACH + _REACH_PER_S * gap_s) * height)


def at_edge(box: Box) -> bool:
    """Tell whether a box is at the picture's edge: who is lost there has gone."""
    return box.left < _EDGE or box.right > 1 - _EDGE or box.bottom > 1 - _EDGE or box.top < _EDGE


def _area(box: Box) -> float:
    return box.width * box.height


def _covered(box: Box, other: Box) -> float:
    width = min(box.right, other.right) - max(box.left, other.left)
    height = min(box.bottom, other.bottom) - max(box.top, other.top)
    return max(0.0, width) * max(0.0, height) / max(_area(box), 1e-9)
