"""Which stays in a zone count: by class and size, and while the zone is watched.

Whose class or size counts only later joins then: with the moment at which it came in, if it was the class that was not
known, or with that at which it had the size. Outside of the schedule nobody counts: who is inside when it ends leaves
at that moment, who is inside when it begins joins at that moment.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.model.event import Why
from edge.model.scene import Scene, Track
from edge.rules.filters import why_not
from edge.rules.schedule import Schedule
from edge.rules.stays import Change, Stay, Stays, Turn
from edge.settings import ZoneSettings

LOST_S = 2.0
"""Who is out of sight for longer and has not ended is parked: still there. The tracker loses others by then."""

_MISSED = {Turn.TOO_SHORT: Why.TOO_SHORT, Turn.SWAYED: Why.SWAYING}


@dataclass(slots=True, eq=False)
class Visit:
    """A stay that counts, from `join_s` on; `left_s` is None while it lasts."""

    stay: Stay
    join_s: float
    left_s: float | None = None

    @property
    def object_id(self) -> int:
        """Whose visit it is."""
        return self.stay.object_id

    def ended_s(self, track: Track) -> float:
        """Return when it has ended or, while it lasts, until when it was seen, given the track as it is now."""
        ends = (self.left_s, self.stay.left_s, self.stay.outside_s, track.last_s)
        return max(next(each for each in ends if each is not None), self.join_s)


@dataclass(frozen=True, slots=True, eq=False)
class Miss:
    """A stay that never counted, told when it is over."""

    why: Why
    stay: Stay
    at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What a scene changed: nobody is in `came` and then in `went`; who leaves at once does so with the next scene."""

    came: tuple[Visit, ...] = ()
    went: tuple[Visit, ...] = ()
    missed: tuple[Miss, ...] = ()


NO_NEWS = News()


@dataclass(slots=True, eq=False)
class _Waiting:
    """A stay that does not count for now; `counted` tells whether it did before."""

    stay: Stay
    why: Why
    counted: bool = False


class Visitors:
    """The visitors of one zone, worked out once a scene for all of its rules."""

    def __init__(self, zone: ZoneSettings, schedule: Schedule, stays: Stays) -> None:
        self.inside: dict[int, Visit] = {}
        self._zone = zone
        self._schedule = schedule
        self._stays = stays
        self._queue: list[Change] = []
        self._waiting: dict[int, _Waiting] = {}
        self._tracks: Mapping[int, Track] = {}
        self._scene: Scene | None = None
        self._news = NO_NEWS
        self._dark_s = -math.inf

    def update(self, scene: Scene) -> News:
        """Return what this scene changed; scenes come in order, each may be asked for more than once."""
        if scene is not self._scene:
            self._scene = scene
            self._tracks = self._stays.tracks(scene)
            for track in scene.ended:
                if track.object_id in self.inside:
                    self.inside[track.object_id].stay.track = track
            self._queue += self._stays.update(scene)
            if not scene.settled:
                self._dark_s = scene.stream_s
            self._news = self._judge(scene) if scene.settled else NO_NEWS
        return self._news

    def track(self, visit: Visit) -> Track:
        """Return a visitor as it was known last."""
        return self._tracks.get(visit.object_id, visit.stay.track)

    def until_s(self, visit: Visit, scene: Scene) -> float:
        """Return until when a visit is known to have lasted; who is parked out of sight is there now."""
        track, stay = self.track(visit), visit.stay
        there = stay.left_s is None and stay.outside_s is None and track.object_id in self._tracks
        if there and scene.stream_s - track.last_s > LOST_S:
            return scene.stream_s
        return visit.ended_s(track)

    def shut_s(self, scene: Scene) -> float | None:
        """Return when the schedule ended, in seconds into the stream; None while the zone is watched."""
        return self._schedule.shut_s(scene)

    def _judge(self, scene: Scene) -> News:
        is_open = self._schedule.open_at(scene.time_us)
        if not (self._queue or self._waiting) and (is_open or not self.inside):
            return NO_NEWS
        since_s = self._schedule.since_s(scene)
        went = [] if is_open else [self._shut(visit, since_s) for visit in tuple(self.inside.values())]
        came = self._retry(scene, self._waiting.values(), since_s, is_open=is_open)
        missed: list[Miss] = []
        queue, self._queue = self._queue, []
        fresh = {visit.object_id for visit in came}
        held: set[int] = set()
        for turn, stay in queue:
            if stay.object_id in held or (turn is Turn.LEFT and stay.object_id in fresh):
                held.add(stay.object_id)
                self._queue.append((turn, stay))
            elif turn is Turn.JOINED:
                self._waiting[stay.object_id] = waiting = _Waiting(stay, Why.OTHER_CLASS)
                new = self._retry(scene, (waiting,), since_s, is_open=is_open)
                came += new
                fresh |= {visit.object_id for visit in new}
            elif turn is not Turn.LEFT:
                missed.append(self._missed(scene, turn, stay))
            else:
                self._go(stay, went, missed)
        return News(tuple(came), tuple(went), tuple(missed))

    def _missed(self, scene: Scene, turn: Turn, stay: Stay) -> Miss:
        """Return a stay that was none, or of which a change of light hid the rest."""
        why = Why.LIGHT_CHANGE if self._dark_s > stay.join_s else _MISSED[turn]
        return Miss(why, stay, scene.stream_s if stay.outside_s is None else stay.outside_s)

    def _go(self, stay: Stay, went: list[Visit], missed: list[Miss]) -> None:
        """Let someone leave, who counted or did not."""
        visit = self.inside.pop(stay.object_id, None)
        waiting = self._waiting.pop(stay.object_id, None)
        if visit is not None:
            visit.left_s = visit.ended_s(stay.track)
            went.append(visit)
        elif waiting is not None and not waiting.counted and stay.left_s is not None:
            missed.append(Miss(waiting.why, stay, stay.join_s))

    def _shut(self, visit: Visit, end_s: float) -> Visit:
        """End a visit with the schedule; the stay may count again when that begins anew."""
        del self.inside[visit.object_id]
        stay = visit.stay
        ends = [each for each in (end_s, stay.left_s, stay.outside_s) if each is not None]
        visit.left_s = max(min(ends), visit.join_s)
        self._waiting[visit.object_id] = _Waiting(stay, Why.OUTSIDE_SCHEDULE, counted=True)
        return visit

    def _retry(self, scene: Scene, candidates: Iterable[_Waiting], since_s: float, *, is_open: bool) -> list[Visit]:
        """Let those in who count by now."""
        came = []
        for waiting in tuple(candidates):
            stay = waiting.stay
            track = self._tracks.get(stay.object_id, stay.track)
            why = why_not(self._zone, track) if is_open else Why.OUTSIDE_SCHEDULE
            if why is None:
                grown_s = track.last_s if waiting.why is Why.OTHER_SIZE else stay.join_s
                visit = Visit(stay, min(max(stay.join_s, grown_s, since_s), scene.stream_s))
                self.inside[stay.object_id] = visit
                del self._waiting[stay.object_id]
                came.append(visit)
            else:
                waiting.why = why
        return came
