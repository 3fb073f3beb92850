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
_DOUBTFUL_LOST, _DOUBTFUL_SHARPNESS = 0.4, 0.7
"""What costs more is asked for from here on only."""
_SHIFT_CELLS = 5.0
_SHIFT_SURE = 0.2
_FOLLOW_S = 10.0
"""Brightness is followed over so long: dusk takes minutes, a hand on the lens does not."""
_FIRST_S = 0.5
"""The first look counts for so long."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One look against the normal view; shares are of the blocks that tell something, `blocks` of them.

    `agrees` is how alike each block is, 1 the same, 0 nothing in common.
    `lost` of them have nothing in common with it; `free` is how much is as ever along that border of the picture where
    most is. `coarse` is how alike the outlines are when seen out of focus, `contrast` how strong its outlines still are
    where they are strongest. `sharpness`, `brightness` and `strength` (of all outlines) are ratios to the normal ones,
    `rise` is in grey levels, `structure` is the number of blocks that have outlines to those that had. `shifted` tells
    that the normal view is there, but elsewhere in the picture.
    """

    blocks: int
    agrees: Floats
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
        self._strength = first.outline.times(first.outline)
        self._agreement = np.ones_like(self._strength)
        self._sharpness = first.sharpness
        self._mean = first.mean
        self.bright = first.bright
        self.colour = first.colour
        self._learnt_s = _FIRST_S

    def compare(self, look: Look, black: float) -> Comparison:
        """Return how a look stands against the normal view; `black` is the grey level of black."""
        together, now = look.outline.times(self._outline), look.outline.times(look.outline)
        before = self._strength
        agrees = agreement(together, now, before)
        tells = (self._agreement > _FAMILIAR) & (before > _LEAST_STEPS)
        blocks = int(np.count_nonzero(tells))
        if not blocks:
            tells[:] = True
        lost = float((agrees < _LOST * self._agreement)[tells].mean())
        sharp = look.sharpness / max(self._sharpness, 1e-3)
        doubtful = lost > _DOUBTFUL_LOST or sharp < _DOUBTFUL_SHARPNESS
        return Comparison(
            blocks=blocks,
            agrees=agrees,
            lost=lost,
            free=_free(agrees > _KEPT * self._agreement, tells),
            coarse=self._coarse(look, tells) if doubtful else 1.0,
            contrast=_upper_quarter((together / (before + np.float32(1e-3)))[tells]),
            sharpness=sharp,
            brightness=max(look.mean - black, 0.0) / max(self._mean - black, 1.0),
            rise=look.mean - self._mean,
            strength=float(now.sum() / (before.sum() + 1e-3)),
            structure=_ratio(now > _LEAST_STEPS, before > _LEAST_STEPS),
            shifted=lost > _DOUBTFUL_LOST and self._is_shifted(look),
        )

    def learn(self, look: Look, agrees: Floats, passed_s: float, most_s: float) -> None:
        """Take in a healthy look and what it agrees in, `passed_s` after the one before.

        In the long run the last `most_s` count, however often there is a look.
        """
        self._learnt_s = min(self._learnt_s + passed_s, max(most_s, passed_s))
        share = passed_s / self._learnt_s
        self._agreement += np.float32(share) * (np.clip(agrees, 0.0, 1.0) - self._agreement)
        self._outline = self._outline.moved_to(look.outline, share)
        self._strength = self._outline.times(self._outline)
        self._sharpness += share * (look.sharpness - self._sharpness)
        self._mean += max(share, _followed(passed_s)) * (look.mean - self._mean)
        self.bright += share * (look.bright - self.bright)

    def follow(self, look: Look, passed_s: float) -> None:
        """Take in how bright it is, and no more."""
        self._mean += _followed(passed_s) * (look.mean - self._mean)

    def _coarse(self, look: Look, tells: NDArray[np.bool_]) -> float:
        now, before = look.outline.coarse(), self._outline.coarse()
        alike = agreement(now.times(before), now.times(now), before.times(before))
        return float(np.median(alike[tells]))

    def _is_shifted(self, look: Look) -> bool:
        cells, sure = shift(self._outline, look.outline)
        return cells >= _SHIFT_CELLS and sure >= _SHIFT_SURE


def _followed(passed_s: float) -> float:
    """Return by which share brightness is followed after some time."""
    return min(passed_s / _FOLLOW_S, 1.0)


def _free(kept: NDArray[np.bool_], tells: NDArray[np.bool_]) -> float:
    """Return the share of blocks that are as ever along one border, the one where it is most."""
    borders = (np.s_[0, :], np.s_[-1, :], np.s_[:, 0], np.s_[:, -1])
    shares = (float(kept[each][tells[each]].mean()) for each in borders if tells[each].sum() >= _LEAST_BORDER)
    return max(shares, default=0.0)


def _upper_quarter(values: Floats) -> float:
    """Return the value that a quarter of them exceed; np.percentile costs ten times as much."""
    place = values.size * 3 // 4
    return float(np.partition(values, place)[place])


def _ratio(now: NDArray[np.bool_], before: NDArray[np.bool_]) -> float:
    """Return how many blocks are marked now to how many were."""
    return float(np.count_nonzero(now)) / max(1.0, float(np.count_nonzero(before)))
