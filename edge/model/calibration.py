"""What is known of a channel's scale: how tall people are in its picture."""

from dataclasses import dataclass
from enum import StrEnum

from edge.model.geometry import Point


class RulerSource(StrEnum):
    """Where a channel's rulers are from."""

    SETTINGS = "settings"
    LEARNED = "learned"
    NONE = "none"


SURE_ENOUGH = 0.6
"""From here on a learnt ruler is believed: heights are right to 8 %, twice the standard error."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """How tall a standing person is at one place of the picture: a share of the frame's height."""

    foot: Point
    height: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """One ruler or two, the nearer one first; none where nothing is known.

    `sure` goes from 0 to 1, and is 1 for rulers of the settings; `people` is from how many it was learnt. A learnt
    ruler is in use from SURE_ENOUGH on.
    """

    source: RulerSource = RulerSource.NONE
    sure: float = 0.0
    people: int = 0
    rulers: tuple[Ruler, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Tell whether the rulers are in use."""
        return self.sure >= SURE_ENOUGH


UNKNOWN_SCALE = Calibration()
