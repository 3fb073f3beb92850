"""What a patch that stands still is: a thing, a hole where one was, or light.

All pictures of a patch are cut out with a margin around it, `mask` says where in them the patch is.
"""

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.left.look import Look, Where

MARGIN = 4
"""Pixels around a patch that are cut out with it."""
_LEAST_EDGE = 7.0
_HOLE = 0.75
"""A hole's edge is so much weaker now than before."""
_SHADE = (0.38, 0.94)
_GLARE = (1.06, 2.2)
_PLAIN = 4.0
_PLAIN_SHARE = 0.06
_SAME_COLOUR = 4.0
_TEXTURE = 6.0
_ALIKE = 0.7
_CORE = np.ones((3, 3), np.uint8)


class Verdict(Enum):
    """What a patch is."""

    THING = "thing"
    HOLE = "hole"
    LIGHT = "light"
    UNSURE = "unsure"


def judge(now: Look, before: Look, mask: Where) -> Verdict:
    """Return what a patch is, by the picture now and the background."""
    edge_now, edge_before = edge(now, mask), edge(before, mask)
    if edge_before >= _LEAST_EDGE and edge_now < _HOLE * edge_before:
        return Verdict.HOLE
    if _is_light(now, before, mask):
        return Verdict.LIGHT
    return Verdict.THING if edge_now >= _LEAST_EDGE and edge_now > edge_before else Verdict.UNSURE


def edge(look: Look, mask: Where) -> float:
    """Return how strong the picture's edges are all along a patch's outline, in grey levels."""
    ring = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, _CORE) > 0
    strength = cv2.morphologyEx(look, cv2.MORPH_GRADIENT, _CORE)[ring]
    return float(strength.max(axis=1).mean()) if len(strength) else 0.0


def _is_light(now: Look, before: Look, mask: Where) -> bool:
    """Tell whether a patch is the background in another light: darker or brighter all over, of the same colour."""
    core = cv2.erode(mask, _CORE) > 0
    if not core.any():
        core = mask > 0
    shown, ground = now[core].astype(np.float32), before[core].astype(np.float32)
    gain = float(np.median((shown[:, 0] + 1.0) / (ground[:, 0] + 1.0)))
    if not (_SHADE[0] <= gain <= _SHADE[1] or _GLARE[0] <= gain <= _GLARE[1]):
        return False
    colour = np.abs((shown[:, 1:] - 128.0) - (ground[:, 1:] - 128.0) * gain).mean(axis=0)
    if colour.max() > _SAME_COLOUR:
        return False
    return _same_texture(shown[:, 0], ground[:, 0], gain)


def _same_texture(shown: NDArray[np.float32], ground: NDArray[np.float32], gain: float) -> bool:
    left = float(np.abs(shown - gain * ground).mean())
    if left <= max(_PLAIN, _PLAIN_SHARE * float(shown.mean())):
        return True
    if ground.std() < _TEXTURE or shown.std() < _TEXTURE * min(1.0, gain):
        return False
    return float(np.corrcoef(shown, ground)[0, 1]) >= _ALIKE
