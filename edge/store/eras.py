"""Eras: times of one start of the machine in which its wall clock was not known to be right, and did not step.

An event of an era has a time that is wrong by the same amount as all others of it. Once the clock is right, that amount
is known, as long as the machine was not started anew in between.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

SECOND_US = 1_000_000
STEP_US = SECOND_US // 2
"""What the wall clock moves against the machine's own by more than this is a step."""
LIVE_US = 10 * SECOND_US
"""A frame whose time is farther than this from the device's own is of a clip with a clock of its own."""
REMEMBERED = 16


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a commit on the device's clocks.

    `started_us` is when the machine was started as the wall clock tells it now, `boot` the name of this start. `age_s`
    is what ages are counted by: the wall clock where it is right, else what is believed (see timekeeper.py).
    """

    wall_us: int
    monotonic_s: float
    synced: bool
    started_us: int
    boot: str
    age_s: int


@dataclass(frozen=True, slots=True)
class Era:
    """One era: when the machine was started by the clock as it was then, and by the right one, None where unknown.

    No event of it has an id below `first_id`.
    """

    number: int
    boot: str
    started_us: int
    first_id: int
    right_us: int | None = None

    @property
    def shift_us(self) -> int:
        """By how much its times are wrong; less than a step is nothing."""
        shift_us = 0 if self.right_us is None else self.right_us - self.started_us
        return shift_us if abs(shift_us) > STEP_US else 0


@dataclass(frozen=True, slots=True)
class Base:
    """By which clock the events of a frame were told: `shift_us` makes their times right, `sure` says that they are.

    `era` is the number of the era whose events they are, None where nothing is to be made good later.
    """

    shift_us: int = 0
    era: int | None = None
    sure: bool = True


class Eras:
    """The eras of the log's file and of this run; used under the committer's lock."""

    def __init__(self) -> None:
        self._kept: dict[int, Era] = {}
        self._current: Era | None = None
        self._past: deque[Era] = deque(maxlen=REMEMBERED)

    def load(self, connection: sqlite3.Connection) -> None:
        """Read what the file has."""
        rows = connection.execute("SELECT number, boot, started_us, first_id, right_us FROM era")
        self._kept = {row[0]: Era(*row) for row in rows}

    @property
    def current(self) -> int | None:
        """The number of the era that goes on, None where the clock is right or was not looked at yet."""
        return None if self._current is None else self._current.number

    def look(self, moment: Moment, next_id: int) -> bool:
        """Take note of the clock as it is: an era begins where it is not right, or has stepped, and ends with that.

        Return whether it has been set, or is not known to be right any more.
        """
        current = self._current
        if current is not None and (moment.synced or _apart(current, moment)):
            self._past.append(current)
            self._current = None
        if self._current is None and not moment.synced:
            again = [each for each in self._kept.values() if _unsettled(each, moment) and not _apart(each, moment)]
            number = max([0, *self._kept, *(each.number for each in self._past)]) + 1
            self._current = again[-1] if again else Era(number, moment.boot, moment.started_us, next_id)
        return self._current is not current

    def base(self, now_us: int, queued_s: float, moment: Moment) -> Base:
        """Return by which clock a frame of the time `now_us` was told, that came at the monotonic time `queued_s`.

        It may have been taken just before the clock was set; and a clip goes on by the clock that it began with.
        """
        up_us = moment.wall_us - moment.started_us - round((moment.monotonic_s - queued_s) * SECOND_US)
        here = self._current
        candidates = [(abs(now_us - moment.started_us - up_us), here)]
        candidates += [(abs(now_us - each.started_us - up_us), each) for each in self._past]
        off_us, era = min(candidates, key=lambda each: each[0])
        if off_us > LIVE_US:
            return Base(sure=moment.synced)
        if era is None:
            return Base()
        if here is None:
            return Base(shift_us=replace(era, right_us=moment.started_us).shift_us)
        return Base(era=era.number, sure=False)

    def put(self, numbers: Iterable[int | None], connection: sqlite3.Connection) -> list[Era]:
        """Write the rows of eras that the file does not have yet, within a transaction, and return them."""
        wanted = {number for number in numbers if number is not None} - self._kept.keys()
        known = {each.number: each for each in (*self._past, *([self._current] if self._current else []))}
        fresh = [known[number] for number in sorted(wanted) if number in known]
        values = [(each.number, each.boot, each.started_us, each.first_id) for each in fresh]
        sql = "INSERT OR IGNORE INTO era (number, boot, started_us, first_id) VALUES (?, ?, ?, ?)"
        connection.executemany(sql, values)
        return fresh

    def kept(self, fresh: Iterable[Era]) -> None:
        """Note that rows are in the file."""
        self._kept |= {each.number: each for each in fresh}

    def settle(self, moment: Moment) -> list[Era]:
        """Return the eras of this start with the right time, now that it is known; to be written down first of all."""
        found = [each for each in self._kept.values() if _unsettled(each, moment)]
        return [replace(each, right_us=moment.started_us) for each in found] if moment.synced else []

    def due(self) -> Era | None:
        """Return an era whose events are to be made right, None where there is none."""
        return next((each for each in self._kept.values() if each.right_us is not None), None)

    def forget(self, era: Era) -> None:
        """Note that all events of an era are right."""
        self._kept.pop(era.number, None)


def _unsettled(era: Era, moment: Moment) -> bool:
    return era.boot == moment.boot and era.right_us is None


def _apart(era: Era, moment: Moment) -> bool:
    return abs(era.started_us - moment.started_us) > STEP_US
