"""Objects that stood still when they were lost: found again at the same place and size, they are the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.model.geometry import Box, distance
from edge.track.life import Life

_KEEP_S = 300.0
_SAME_PLACE = 0.25
_SAME_SIZE = 1.3
_STOOD_S = 3.0
"""Stood still for so long before it was lost."""


@dataclass(frozen=True, slots=True)
class Parked:
    """An object lost while it stood, and when."""

    life: Life
    lost_s: float


class ParkedObjects:
    """Remembers parked objects for five minutes."""

    def __init__(self) -> None:
        self._parked: list[Parked] = []

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, life: Life, stream_s: float) -> None:
        """Remember an object that has just been lost."""
        self._parked.append(Parked(life, stream_s))

    def forget(self, stream_s: float) -> None:
        """Forget what was lost too long ago."""
        self._parked = [each for each in self._parked if stream_s - each.lost_s <= _KEEP_S]

    def take(self, box: Box, aspect: float) -> Life | None:
        """Return the object that was parked just here, and forget it as parked."""
        for index, each in enumerate(self._parked):
            if same_place(each.life.last.box, box, aspect):
                del self._parked[index]
                return each.life
        return None


def same_place(before: Box, now: Box, aspect: float) -> bool:
    """Tell whether two boxes are of about the same place and size."""
    near = distance(before.center, now.center, aspect) <= _SAME_PLACE * min(before.height, now.height)
    return near and all(_alike(pair) for pair in ((before.width, now.width), (before.height, now.height)))


def _alike(sizes: Sequence[float]) -> bool:
    return max(sizes) <= _SAME_SIZE * min(sizes)
