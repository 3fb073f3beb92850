"""What is out of the ordinary in the street, and in which block: a programme of ten minutes, over and over."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from edge.capture.street.plans import BLOCK_S


class Occasion(Enum):
    """Something that happens now and then."""

    WAIT = auto()
    """Someone waits at the bench, long enough to be told of."""
    FOLLOW = auto()
    """Two cross the pavement's line close behind each other."""
    MEETING = auto()
    """Five meet at the bench and go on together; it takes two blocks."""
    LEAVE_SUITCASE = auto()
    """Someone puts down a suitcase and goes away without it."""
    TAKE_SUITCASE = auto()
    """Someone takes it along."""
    COVER = auto()
    """A hand is held over the lens."""
    HANG = auto()
    """The camera hangs: it gives the very same picture again and again."""


CYCLE: Final = 25
"""Blocks of one programme: ten minutes."""
PROGRAMME: Final[dict[int, Occasion]] = {
    1: Occasion.WAIT,
    3: Occasion.FOLLOW,
    5: Occasion.MEETING,
    8: Occasion.LEAVE_SUITCASE,
    10: Occasion.TAKE_SUITCASE,
    11: Occasion.FOLLOW,
    14: Occasion.COVER,
    16: Occasion.MEETING,
    18: Occasion.FOLLOW,
    20: Occasion.HANG,
    22: Occasion.WAIT,
}
"""By block of the cycle. The camera's exposure switches where block 3, 8, 13, 18 and 23 begin."""
KEPT_FREE: Final[dict[Occasion, frozenset[int]]] = {
    Occasion.WAIT: frozenset({0, 1}),
    Occasion.FOLLOW: frozenset(range(5)),
    Occasion.MEETING: frozenset(range(5)),
    Occasion.LEAVE_SUITCASE: frozenset({1, 2, 3}),
    Occasion.TAKE_SUITCASE: frozenset({1, 2, 3}),
}
"""Turns of the near pavement's people that an occasion needs for its own."""
LONGEST_WAIT: Final = 3
"""Blocks before and after his own in which someone who waits may be at the bench."""
QUIET_BEFORE_S: Final = 2.0
QUIET_AFTER_S: Final = 5.0
"""The street is empty for so long before and after the camera fails: what it misses is nothing."""


class MishapKind(Enum):
    """What happens to the camera."""

    COVERED = auto()
    HUNG = auto()


@dataclass(frozen=True, slots=True)
class Mishap:
    """A time in which the camera does not show the street as it is."""

    kind: MishapKind
    since_s: float
    until_s: float


MISHAPS: Final = {
    Occasion.COVER: Mishap(MishapKind.COVERED, 6.0, 16.5),
    Occasion.HANG: Mishap(MishapKind.HUNG, 3.0, 21.0),
}
"""Seconds into the block."""


def occasion(block: int) -> Occasion | None:
    """Return what is out of the ordinary in a block."""
    return PROGRAMME.get(block % CYCLE) if block >= 0 else None


def kept_free(block: int) -> frozenset[int]:
    """Return which turns of the near pavement in a block are not for those who just pass."""
    if occasion(block - 1) is Occasion.MEETING:
        return KEPT_FREE[Occasion.MEETING]
    what = occasion(block)
    return KEPT_FREE.get(what, frozenset()) if what else frozenset()


def bench_is_taken(block: int) -> bool:
    """Tell whether whoever waits at the bench in a block's turn would meet those who gather there."""
    near = range(block - LONGEST_WAIT, block + LONGEST_WAIT + 1)
    return any(occasion(other) is Occasion.MEETING for other in near)


def mishap(block: int) -> Mishap | None:
    """Return what happens to the camera in a block, in seconds of the street."""
    what = occasion(block)
    here = MISHAPS.get(what) if what else None
    if here is None:
        return None
    begins_s = block * BLOCK_S
    return Mishap(here.kind, begins_s + here.since_s, begins_s + here.until_s)


def mishaps(since_s: float, until_s: float) -> tuple[Mishap, ...]:
    """Return what happens to the camera in a time."""
    blocks = range(max(0, int(since_s // BLOCK_S)), int(until_s // BLOCK_S) + 1)
    found = [mishap(block) for block in blocks]
    return tuple(each for each in found if each and each.since_s <= until_s and each.until_s >= since_s)


def is_quiet(since_s: float, until_s: float) -> bool:
    """Tell whether a time touches one in which the street is empty because the camera fails."""
    return bool(mishaps(since_s - QUIET_AFTER_S, until_s + QUIET_BEFORE_S))
