"""What a camera normally shows: learnt from its own pictures, slowly, and only where they are healthy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.detect.look import Look
from edge.detect.outline import BLOCK, Floats, agreement, shift

_FAMILIAR = 0.45
"""Blocks that agree less with themselves over time show leaves, water or crowds: they tell nothing."""
_LEAST_STEPS = 0.3 * BLOCK**2
"""Blocks with weaker outlines are blank: they tell nothing either."""
_LOST = 0.35
_KEPT = 0.8
_LEAST_BORDER = 4
_SHIFT_LOST = 0.4
_SHIFT_CELLS = 5.0
_SHIFT_SURE = 0.2
_FOLLOW = 20
"""Brightness is followed over so many looks, 10 s: dusk takes minutes, a hand on the lens does not."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One look against the normal view; shares are of the blocks that tell something, `blocks` of them.

    `lost` of them have nothing in common with it; `free` is how much is as ever along that border of the picture where
    most is. `coarse` is how alike the outlines are when seen out of focus, `contrast` how strong its outlines still are
    where they are strongest. `sharpness`, `brightness` and `strength` (of all outlines) are ratios to the normal ones,
    `rise` is in grey levels, `structure` is the number of blocks that have outlines to those that had. `shifted` tells
    that the normal view is there, but elsewhere in the picture.
    """

    blocks: int
    lost: float
    free: float
    coarse: float
    contrast: float
    sharpness: float
    brightness: float
    rise: float
    strength: float
    structure: float
    shifted: bool


class Normal:
    """The normal view of one camera."""

    def __init__(self, first: Look) -> None:
        self._outline = first.outline
        self._agreement = np.ones_like(first.outline.times(first.outline))
        self._sharpness = first.sharpness
        self._mean = first.mean
        self.bright = first.bright
        self.colour = first.colour
        self._looks = 1

    def compare(self, look: Look, black: float) -> Comparison:
        """Return how a look stands against the normal view."""
        agrees = agreement(look.outline, self._outline)
        before, now = self._outline.times(self._outline), look.outline.times(look.outline)
        tells = (self._agreement > _FAMILIAR) & (before > _LEAST_STEPS)
        blocks = int(tells.sum())
        if not blocks:
            tells[:] = True
        ratio = (agrees / self._agreement)[tells]
        lost = float((ratio < _LOST).mean())
        return Comparison(
            blocks=blocks,
            lost=lost,
            free=_free(agrees > _KEPT * self._agreement, tells),
            coarse=float(np.median(agreement(look.outline.coarse(), self._outline.coarse())[tells])),
            contrast=float(np.percentile((look.outline.times(self._outline) / (before + 1e-3))[tells], 75)),
            sharpness=look.sharpness / max(self._sharpness, 1e-3),
            brightness=max(look.mean - black, 0.0) / max(self._mean - black, 1.0),
            rise=look.mean - self._mean,
            strength=float(now.sum() / (before.sum() + 1e-3)),
            structure=float((now > _LEAST_STEPS).sum() / max(1, (before > _LEAST_STEPS).sum())),
            shifted=lost > _SHIFT_LOST and self._is_shifted(look),
        )

    def learn(self, look: Look, most_looks: int) -> None:
        """Take in a healthy look; in the long run the last `most_looks` of them count."""
        self._looks = min(self._looks + 1, most_looks)
        share = 1.0 / self._looks
        agrees: Floats = np.clip(agreement(look.outline, self._outline), 0.0, 1.0)
        self._agreement += max(share, 1.0 / most_looks) * (agrees - self._agreement)
        self._outline = self._outline.moved_to(look.outline, share)
        self._sharpness += share * (look.sharpness - self._sharpness)
        self._mean += max(share, 1.0 / _FOLLOW) * (look.mean - self._mean)
        self.bright += share * (look.bright - self.bright)

    def _is_shifted(self, look: Look) -> bool:
        cells, sure = shift(self._outline, look.outline)
        return cells >= _SHIFT_CELLS and sure >= _SHIFT_SURE

    def follow(self, look: Look) -> None:
        """Take in how bright it is, and no more."""
        self._mean += (look.mean - self._mean) / _FOLLOW


def _free(kept: NDArray[np.bool_], tells: NDArray[np.bool_]) -> float:
    """Return the share of blocks that are as ever along one border, the one where it is most."""
    borders = (np.s_[0, :], np.s_[-1, :], np.s_[:, 0], np.s_[:, -1])
    shares = (float(kept[each][tells[each]].mean()) for each in borders if tells[each].sum() >= _LEAST_BORDER)
    return max(shares, default=0.0)
