"""Who is who after people have met: the colours they wore before tell whether they have been taken for one another.

People whose boxes overlap are in a meeting, with all whom they touch until they are apart again. While it is unclear,
since one of them is hidden or searched for in a crowd, what is seen of them is told late: it may prove to be another's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from edge.track.life import Life
from edge.track.motion import Numbers

LATE_S = 1.5
"""What is seen of those in an unclear meeting is told when it is so old, or when the meeting is over."""
_TOUCH = 0.15
"""Whose boxes have this share of the smaller one in common have met."""
_APART_S = 0.35
"""Colours seen for so long are those of whom they are seen on."""
_WAIT_S = 2.0
"""Who has been apart for so long waits no longer for the others of the meeting."""
_MOST = 5
_ALONE = 0.75
_LIGHT_AND_HUES = (1 / 3**0.5, 2 / 3**0.5, 2 / 3**0.5)
"""Brightness changes with the place and with what is in the way more than hues do."""
_LEAST_GAIN = 75.0
"""A change of ids must bring so much for each of them (mean squared grey levels)."""
_CLEARLY = 3.0
"""And what is left must be so many times less than what it was."""


@dataclass(slots=True)
class _Member:
    """One of a meeting: the colours from before it, and the sum of those seen since it came apart."""

    life: Life
    known: tuple[float, ...]
    unclear: bool = False
    since_s: float | None = None
    total: tuple[float, ...] = ()
    count: int = 0

    def touch(self) -> None:
        """Begin anew: it is not apart, or not any more."""
        self.since_s, self.total, self.count = None, (), 0

    def wear(self, colours: tuple[float, ...]) -> None:
        """Take in the colours seen on it alone."""
        if colours:
            self.since_s = self.life.last.stream_s if self.since_s is None else self.since_s
            self.total = tuple(a + b for a, b in zip(self.total, colours, strict=True)) if self.total else colours
            self.count += 1

    def apart_s(self) -> float:
        """Return for how long it has been seen alone."""
        return 0.0 if self.since_s is None else self.life.last.stream_s - self.since_s

    def worn(self) -> tuple[float, ...]:
        """Return the mean colours since it came apart."""
        return tuple(each / self.count for each in self.total)


_Meeting = dict[int, _Member]


class Meetings:
    """The meetings of one channel's confirmed objects, by the tracker's keys."""

    def __init__(self) -> None:
        self._meetings: list[_Meeting] = []

    def late(self) -> Collection[int]:
        """Return who is in an unclear meeting."""
        return {key for meeting in self._meetings if _is_unclear(meeting) for key in meeting}

    def meet(self, lives: Sequence[Life], together: NDArray[np.bool_]) -> None:
        """Take in who touches whom, (lives, lives), before they wear this frame's colours; who has gone is left out."""
        rows = np.flatnonzero(together.any(axis=1)).tolist()
        if not rows and not self._meetings:
            return
        alive = {life.key for life in lives}
        for meeting in self._meetings:
            for key in meeting.keys() - alive:
                del meeting[key]
        for row in rows:
            self._join([lives[row], *(lives[each] for each in np.flatnonzero(together[row]).tolist())])
        self._meetings = [meeting for meeting in self._meetings if len(meeting) > 1]

    def resume(self, before: Life, now: Life) -> None:
        """Let one who was lost and is seen again as `now` go on in its meeting."""
        for meeting in self._meetings:
            member = meeting.pop(before.key, None)
            if member is not None:
                meeting[now.key] = _Member(now, member.known, unclear=True)
                return

    def part(self, alone: Mapping[int, tuple[float, ...]], stream_s: float) -> None:
        """Take in the colours of all who are seen alone; give those who were taken for one another their own ids."""
        for meeting in self._meetings:
            for key, member in meeting.items():
                member.unclear |= member.life.last.stream_s < stream_s or member.life.confidence < _ALONE
                if key in alone:
                    member.wear(alone[key])
            apart = [member for member in meeting.values() if member.apart_s() >= _APART_S]
            some = [member for member in apart if member.known]
            if 1 < len(some) <= _MOST and _is_unclear(meeting):
                _tell_apart(some)
            over = len(apart) == len(meeting)
            for member in apart:
                if over or member.apart_s() >= _WAIT_S:
                    del meeting[member.life.key]

    def _join(self, together: Sequence[Life]) -> None:
        """Bring some who touch, and all whom they have met, into one meeting."""
        keys = {life.key for life in together}
        same = next((each for each in self._meetings if together[0].key in each), {})
        if keys <= same.keys():
            same[together[0].key].touch()
            return
        joined: _Meeting = {}
        for meeting in [each for each in self._meetings if each.keys() & keys]:
            joined.update(meeting)
            self._meetings.remove(meeting)
        for life in together:
            joined.setdefault(life.key, _Member(life, life.colours)).touch()
        self._meetings.append(joined)


def _is_unclear(meeting: _Meeting) -> bool:
    return any(member.unclear for member in meeting.values())


def _tell_apart(members: Sequence[_Member]) -> None:
    """Give everybody the id of whose colours they wear, where that fits clearly better than as it is."""
    known, worn = np.array([each.known for each in members]), np.array([each.worn() for each in members])
    weights = np.resize(_LIGHT_AND_HUES, known.shape[1])
    cost = np.mean((weights * (known[:, None, :] - worn[None, :, :])) ** 2, axis=2)
    bodies, orders = np.arange(len(members)), _orders(len(members))
    changed = orders != bodies
    whole = cost[orders, bodies].sum(axis=1) + _LEAST_GAIN * changed.sum(axis=1)
    best = int(np.argmin(whole))
    moved, who = bodies[changed[best]], orders[best]
    if not len(moved) or _CLEARLY * cost[who[moved], moved].sum() > cost[moved, moved].sum():
        return
    was = [(each.life.identity(), each.known) for each in members]
    for body in moved.tolist():
        member = members[body]
        identity, member.known = was[int(who[body])]
        member.life.become(identity)
        member.life.colours = member.worn()


@lru_cache(maxsize=_MOST)
def _orders(count: int) -> NDArray[np.intp]:
    """Return all ways to give `count` ids to as many bodies, the present one first: (ways, count)."""
    return np.array(list(permutations(range(count))), np.intp)


def touching(boxes: Numbers, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of the boxes `wanted` overlap: (boxes, boxes); rows of centre x, bottom y, width, height."""
    result = np.zeros((len(boxes), len(boxes)), bool)
    rows = np.flatnonzero(wanted)
    if len(rows) < 2:  # noqa: PLR2004 - a pair
        return result
    some = boxes[rows]
    low = np.column_stack((some[:, 0] - some[:, 2] / 2, some[:, 1] - some[:, 3]))
    high = np.column_stack((some[:, 0] + some[:, 2] / 2, some[:, 1]))
    common = np.clip(np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None]), 0.0, None)
    area = some[:, 2] * some[:, 3]
    touch = common[:, :, 0] * common[:, :, 1] > _TOUCH * np.minimum(area[:, None], area[None])
    np.fill_diagonal(touch, val=False)
    result[np.ix_(rows, rows)] = touch
    return result
