"""Objects that stood still when they were lost: found again at the same place and size, they are the same."""

from collections.abc import Sequence

from edge.model.geometry import Box, distance
from edge.model.scene import Track
from edge.track.life import Life

KEEP_S = 300.0
STOOD_S = 10.0
_SAME_PLACE = 0.2
_SAME_SIZE = 1.3


class ParkedObjects:
    """Parked objects out of sight, for five minutes each. They are still there, so they are told with the others."""

    def __init__(self) -> None:
        self._lives: list[Life] = []

    def __len__(self) -> int:
        return len(self._lives)

    def park(self, life: Life) -> bool:
        """Keep an object that is out of sight, if it had been standing."""
        if life.stood_s() < STOOD_S:
            return False
        self._lives.append(life)
        return True

    def take(self, box: Box, aspect: float) -> Life | None:
        """Return the object that is parked just here; it is followed again."""
        for index, life in enumerate(self._lives):
            if same_place(life.last.box, box, aspect):
                return self._lives.pop(index)
        return None

    def tell(self) -> list[Track]:
        """Return all as they were seen last."""
        return [life.tell() for life in self._lives]

    def lose(self, stream_s: float) -> list[Track]:
        """Forget, and return, what has not been seen for too long."""
        gone = [life.tell() for life in self._lives if stream_s - life.last.stream_s > KEEP_S]
        self._lives = [life for life in self._lives if stream_s - life.last.stream_s <= KEEP_S]
        return gone


def same_place(before: Box, now: Box, aspect: float) -> bool:
    """Tell whether two boxes are of about the same place and size."""
    near = distance(before.center, now.center, aspect) <= _SAME_PLACE * min(before.height, now.height)
    return near and all(_alike(pair) for pair in ((before.width, now.width), (before.height, now.height)))


def _alike(sizes: Sequence[float]) -> bool:
    return max(sizes) <= _SAME_SIZE * min(sizes)
