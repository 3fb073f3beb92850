"""Whether the board carries its cameras, by what each should get and gets. Pure: rates and moments come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

SHORT_SHARE = 0.8
"""Less than this share of what is wanted is too little."""
WELL_SHARE = 0.9
FLOOR_FPS = 3.0
"""Down to so many analysed pictures a second events stay right: see docs/adr/0108-load-shared-evenly.md."""
_OVER_FLOOR = 1.1
FOR_S = 15.0
"""For so long a rate must be too low before that is said."""
CLEAR_S = 60.0
"""For so long all must be well before it is taken back."""


class Load(Enum):
    """How the board carries its cameras."""

    CARRIED = "carried"
    SHORT = "short"
    BELOW_FLOOR = "below the floor"


@dataclass(frozen=True, slots=True)
class Share:
    """What one channel should get and gets, in analysed pictures a second: `wanted` is what its camera can give."""

    name: str
    wanted: float
    got: float

    @property
    def part(self) -> float:
        """What it gets of what it wants, 1: all."""
        return self.got / self.wanted if self.wanted > 0.0 else 1.0


class Latch:
    """A finding that must hold for a while to be believed, and the opposite for another while to be taken back."""

    def __init__(self, set_s: float, clear_s: float) -> None:
        self._set_s, self._clear_s = set_s, clear_s
        self._since_s: float | None = None
        self.is_set = False

    def look(self, now_s: float, *, found: bool, gone: bool) -> bool:
        """Take in what is found at a moment; what is neither `found` nor `gone` leaves it as it is."""
        if not (gone if self.is_set else found):
            self._since_s = None
            return self.is_set
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s >= (self._clear_s if self.is_set else self._set_s):
            self.is_set, self._since_s = not self.is_set, None
        return self.is_set


class LoadJudge:
    """Judges by the channel that gets the least; looked at about once a second."""

    def __init__(self) -> None:
        self._short = Latch(FOR_S, CLEAR_S)
        self._below = Latch(FOR_S, CLEAR_S)

    def judge(self, now_s: float, shares: Sequence[Share]) -> Load:
        """Return how the board carries these channels."""
        least = min((share.part for share in shares), default=1.0)
        short = self._short.look(now_s, found=least < SHORT_SHARE, gone=least >= WELL_SHARE)
        slow = [share.got for share in shares if share.part < SHORT_SHARE]
        below = self._below.look(
            now_s,
            found=min(slow, default=FLOOR_FPS) < FLOOR_FPS,
            gone=min(slow, default=FLOOR_FPS * _OVER_FLOOR) >= FLOOR_FPS * _OVER_FLOOR,
        )
        if below:
            return Load.BELOW_FLOOR
        return Load.SHORT if short else Load.CARRIED


def in_words(load: Load, shares: Sequence[Share]) -> str:
    """Return what an installer should know and do; empty where the board carries all."""
    slow = sorted((share for share in shares if share.part < WELL_SHARE), key=lambda share: share.part)
    if load is Load.CARRIED or not slow:
        return ""
    worst, one = slow[0], len(slow) == 1 < len(shares)
    whose = f"{worst.name}: " if one else ""
    what = "its stream" if one else f"{len(shares)} cameras" if len(shares) > 1 else "this camera"
    advice = "use a smaller stream" if len(slow) == 1 else "use smaller streams"
    text = f"{whose}about {_rate(worst.got)} of {_rate(worst.wanted)} pictures a second are analysed: "
    text += f"the board is too slow for {what}; {advice}, or lower analysis.fps"
    missed = f"; under {FLOOR_FPS:g} a second events are missed"
    return text + (missed if load is Load.BELOW_FLOOR else "")


def _rate(fps: float) -> str:
    """Return a rate to the half picture, so that the words do not change with each breath."""
    return f"{round(fps * 2) / 2:g}"
