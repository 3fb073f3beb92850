"""What was tracked, kept for some hours so that other rules can be judged by it: the worker that writes it."""

import errno
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.model.clock import Clock
from edge.model.scene import Scene
from edge.settings import RetentionSettings
from edge.store import faults, scenes
from edge.store.eras import STEP_US, Base, Moment
from edge.store.retention import TRACKS_SHARE
from edge.store.track_file import FILE_NAME, Chunk, TrackFile

WRITE_S = 60.0
"""Written so often at most: a power cut takes no more than this, and a card is spared."""
MANY = 20_000
"""Where so many objects of so many scenes wait, they are written sooner."""
MOST = 60_000
"""No more than these wait: what then comes is not kept, and counted."""
_TICK_S = 1.0
_HOUR_S = 3600
_MB = 1024 * 1024
_SECOND_US = 1_000_000

LOG = logging.getLogger("edge.store")


@dataclass(slots=True, eq=False)
class _Stream:
    """What waits of one channel's stream, and the last scene of it so far; `begun` is when the first of these came."""

    number: int
    last: Scene
    begun: Moment
    waiting: list[Scene] = field(default_factory=list)
    ended: bool = False

    def is_told_alike(self, scene: Scene, now: Moment) -> bool:
        """Tell whether a scene was told by the same clock as what waits: none is set, neither ours nor the source's."""
        passed_us = round((scene.stream_s - self.last.stream_s) * _SECOND_US)
        stepped_us = scene.time_us - self.last.time_us - passed_us
        same = now.synced is self.begun.synced and abs(now.started_us - self.begun.started_us) <= STEP_US
        return same and abs(stepped_us) <= STEP_US

    def chunk(self, told: Base) -> Chunk:
        """Return what waits, packed; there is some. `told` says by which clock."""
        waiting = self.waiting
        if told.shift_us:
            waiting = [replace(scene, time_us=scene.time_us + told.shift_us) for scene in waiting]
        times = [scene.time_us for scene in waiting]
        packed = scenes.pack(waiting)
        return Chunk(self.last.channel_id, self.number, min(times), max(times), self.ended, packed, told.era)


class TrackLog:
    """Takes scenes from any thread and has the thread of `run` write them.

    Tracks are worth less than events: whatever keeps them from being written costs them only. A full disk is waited out
    without them, a damaged file is begun anew.
    """

    name = "tracks"

    def __init__(self, folder: Path, clock: Clock, retention: RetentionSettings) -> None:
        self._file = TrackFile(folder / FILE_NAME)
        self._clock = clock
        self._keep = retention
        self._lock = threading.Lock()
        self._hurry = threading.Event()
        self._going: dict[str, _Stream] = {}
        self._done: list[_Stream] = []
        self._objects = 0
        self._last_number = 0
        self._failing = ""
        self.lost = 0

    def add(self, scene: Scene) -> None:
        """Take a channel's next scene; costs next to nothing and never waits for the disk."""
        if self._keep.tracks_h == 0:
            return
        with self._lock:
            if self._objects >= MOST:
                self.lost += 1
                self._part(scene.channel_id)
                return
            stream = self._stream_of(scene, self._moment())
            stream.last = scene
            stream.waiting.append(scene)
            self._objects += 1 + len(scene.tracks)
        if self._objects >= MANY:
            self._hurry.set()

    def end(self, channel_id: str) -> None:
        """Note that a channel's stream has ended: all that was open in it is closed."""
        with self._lock:
            if channel_id in self._going:
                self._going[channel_id].ended = True
                self._part(channel_id)

    def retain(self, retention: RetentionSettings) -> None:
        """Keep to other limits from now on."""
        self._keep = retention
        self._hurry.set()

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Write until told to stop; everything taken by then is written."""
        written_s = self._clock.monotonic_s()
        while not stop.is_set():
            beat()
            self._hurry.wait(_TICK_S)
            if self._hurry.is_set() or self._clock.monotonic_s() - written_s >= WRITE_S:
                self._hurry.clear()
                self.write()
                written_s = self._clock.monotonic_s()
        self.write()
        self._file.close()

    def write(self) -> None:
        """Write what waits and delete what is too old or too much; what cannot be written is let go and counted."""
        now, taken = self._take()
        try:
            self._write(taken, now)
        except (sqlite3.Error, OSError) as error:
            self._let_go(taken, error)
            return
        if self._failing:
            LOG.warning("tracks are kept again; %d frames of them were not", self.lost)
            self._failing = ""

    def _moment(self) -> Moment:
        synced = self._clock.synced()  # first: a clock that is set right after this gives no wrong time as right
        started_us, wall_us = self._clock.started_us(), self._clock.now_us()
        age_s = wall_us // _SECOND_US
        return Moment(wall_us, self._clock.monotonic_s(), synced, started_us, self._clock.boot(), age_s)

    def _stream_of(self, scene: Scene, now: Moment) -> _Stream:
        """Return the stream that a scene goes on with: a new one where time goes back or the picture has changed.

        Where the clock was set meanwhile the stream goes on, and what waits of it is a chunk of its own.
        """
        stream = self._going.get(scene.channel_id)
        if stream is not None and (scene.stream_s <= stream.last.stream_s or scene.aspect != stream.last.aspect):
            self._part(scene.channel_id)
            stream = None
        if stream is None:
            # no two are alike, after a restart too
            self._last_number = max(self._last_number + 1, now.wall_us)
            stream = self._going[scene.channel_id] = _Stream(self._last_number, scene, now)
        elif not stream.waiting:
            stream.begun = now
        elif not stream.is_told_alike(scene, now):
            self._done.append(stream)
            stream = self._going[scene.channel_id] = _Stream(stream.number, scene, now)
        return stream

    def _part(self, channel_id: str) -> None:
        """Take a channel's stream for done: what comes next does not go on with it."""
        stream = self._going.pop(channel_id, None)
        if stream is not None:
            self._done.append(stream)

    def _take(self) -> tuple[Moment, list[_Stream]]:
        """Return the present, what waits and what has ended; the streams go on, empty."""
        with self._lock:
            now, taken = self._moment(), [*self._done, *self._going.values()]
            self._going = {key: _Stream(stream.number, stream.last, now) for key, stream in self._going.items()}
            self._done, self._objects = [], 0
            return now, taken

    def _write(self, taken: Sequence[_Stream], now: Moment) -> None:
        if self._keep.tracks_h == 0:
            self._file.remove()
            return
        if self._file.is_in_the_way():
            self._file.remove()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        why = self._file.open()
        if why:
            LOG.error("what was tracked is begun anew: its file cannot be gone on with (%s)", why)
        filled = [stream for stream in taken if stream.waiting]
        ended = [stream.number for stream in taken if stream.ended and not stream.waiting]
        self._file.look([*sorted((each.begun for each in filled), key=lambda each: each.monotonic_s), now])
        told = [self._file.eras.base(each.waiting[0].time_us, each.begun.monotonic_s, now) for each in filled]
        self._file.put([each.chunk(base) for each, base in zip(filled, told, strict=True)], ended, now)
        self._file.trim(now, self._keep.tracks_h * _HOUR_S, round(self._keep.max_mb * _MB * TRACKS_SHARE))

    def _let_go(self, taken: Sequence[_Stream], error: BaseException) -> None:
        """Count what could not be written; what follows does not go on with it."""
        text = "the file is damaged" if faults.is_damage(error) else faults.passing(error) or str(error)
        with self._lock:
            self.lost += sum(len(stream.waiting) for stream in taken)
            for channel_id in list(self._going):
                self._part(channel_id)
        if text != self._failing:
            LOG.warning("tracks are not kept: %s", text)
        self._failing = text
        self._file.close()  # opened anew the next time, or begun anew where it is damaged
