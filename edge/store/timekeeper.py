"""What the log knows of the time: whether it is right, what is to be made right, how old things are."""

import logging
import threading
import time
from collections.abc import Callable

from edge.health import Health
from edge.model.clock import Clock
from edge.store.eras import SECOND_US, STEP_US, Moment
from edge.store.reader import newest_commit
from edge.store.restamp import note_right, restamp
from edge.store.tail import Tail
from edge.store.writer import Writer

NOTICE = "clock"
DAY_S = 86_400
LEAP_S = 30 * DAY_S
"""A clock that is right and yet so far ahead of what was known is not believed at once for what is to be deleted."""
PROBATION_S = DAY_S

LOG = logging.getLogger("edge.store")


class Timekeeper:
    """Looks at the clock before anything is committed; used under the committer's lock, but for `settled`.

    `wait_s`: so long after the start of the machine others wait for the right time; then they go on without.
    `settled` is set while nobody has to wait: the clock is right and so are all events, or it was waited for in vain.
    """

    def __init__(self, clock: Clock, writer: Writer, tail: Tail, health: Health) -> None:
        self._clock = clock
        self._writer = writer
        self._tail = tail
        self._health = health
        self._believed: tuple[int, float] | None = None
        self._after_id = 0
        self._count = 0
        self._seen: Moment | None = None
        self._rooted = False
        self.wait_s = 0.0
        self.settled = threading.Event()
        self.restamps = 0

    def is_settled(self, timeout_s: float) -> bool:
        """Tell, within a time, whether nobody has to wait; from any thread.

        Not where the clock has been set in this very moment, and events have not got their right times yet.
        """
        end_s = time.monotonic() + timeout_s
        while self.settled.wait(max(0.0, end_s - time.monotonic())):
            if self._is_as_seen():
                return True
            self.settled.clear()
            if timeout_s <= 0:
                return False
        return False

    def _is_as_seen(self) -> bool:
        seen = self._seen
        if seen is None or self._clock.synced() is not seen.synced:
            return False
        return abs(self._clock.started_us() - seen.started_us) <= STEP_US

    def moment(self) -> Moment:
        """Return the present."""
        synced = self._clock.synced()  # first: a clock that is set right after this gives no wrong time as right
        started_us, wall_us = self._clock.started_us(), self._clock.now_us()
        monotonic_s = self._clock.monotonic_s()
        age_s = wall_us // SECOND_US
        if not synced and self._believed is not None:
            believed_s, at_s = self._believed
            age_s = believed_s + round(monotonic_s - at_s)
        return Moment(wall_us, monotonic_s, synced, started_us, self._clock.boot(), age_s)

    def open(self) -> Moment:
        """Begin with what the log's file ends with, and return the present."""
        newest_s = newest_commit(self._writer.connected())
        if newest_s is not None:
            self._believed, self._rooted = (newest_s, self._clock.monotonic_s()), True
        moment = self.moment()
        self._writer.eras.look(moment, self._writer.state.last_id + 1)
        return moment

    def now(self) -> Moment:
        """Look at the clock and return the present, for a commit."""
        moment = self.moment()
        self._look(moment)
        return moment

    def aging(self, moment: Moment) -> bool:
        """Tell whether what is old may be deleted: not right after a clock has leapt ahead."""
        state = self._writer.state
        return not (moment.synced and state.leapt_s)

    def turn(self, beat: Callable[[], None]) -> None:
        """Look at the clock, and make right what can be; raises sqlite3.Error, then it is tried again."""
        moment = self.now()
        if right := self._writer.eras.settle(moment):
            note_right(self._writer.connected(), right)
            self._writer.eras.kept(right)
        while self._writer.eras.due() is not None:
            self.settled.clear()
            self._restamp()
            beat()
        if moment.synced or moment.wall_us - moment.started_us >= self.wait_s * SECOND_US:
            self.settled.set()
        else:
            self.settled.clear()

    def _look(self, moment: Moment) -> None:
        self._writer.look(moment)
        self._watch_for_leaps(moment)
        if moment.synced or self._believed is None:
            self._believed = moment.age_s, moment.monotonic_s
            self._rooted = self._rooted or moment.synced
        if self._seen is None or moment.synced is not self._seen.synced:
            self._health.set_notice(NOTICE, "" if moment.synced else self._unknown())
        self._seen = moment

    def _unknown(self) -> str:
        waiting = f"Webhooks wait for it, for at most {self.wait_s / 60:g} min from power on. " if self.wait_s else ""
        return (
            "nothing has set the clock yet, it may be wrong: events are marked, and get their right times once it is "
            f"set. {waiting}Is there a network with a time server?"
        )

    def _watch_for_leaps(self, moment: Moment) -> None:
        if not moment.synced or self._believed is None or not self._rooted:
            return
        state = self._writer.state
        believed_s, at_s = self._believed
        now_s = moment.wall_us // SECOND_US
        if now_s - believed_s - (moment.monotonic_s - at_s) > LEAP_S:  # a second leap is no day that has passed
            state.leapt_s = now_s
            self._writer.save_state()
            LOG.warning(
                "the clock is %d days ahead of the newest event: nothing is deleted for its age for a day",
                (now_s - believed_s) // DAY_S,
            )
        elif state.leapt_s and not state.leapt_s <= now_s < state.leapt_s + PROBATION_S:
            state.leapt_s = 0

    def _restamp(self) -> None:
        era = self._writer.eras.due()
        if era is None:
            return
        done = restamp(self._writer.connected(), era, self._after_id, self._writer.state, self._writer.seals)
        self._tail.replace(done.events)
        self._count += len(done.events)
        self._after_id = done.next_id or 0
        if done.next_id is None:
            self._writer.eras.forget(era)
            LOG.warning(
                "the clock is right now: it was set by %+.1f s, %d events have got their right times",
                era.shift_us / SECOND_US,
                self._count,
            )
            self._count = 0
            self.restamps += 1
