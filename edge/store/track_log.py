"""What was tracked, kept for some hours so that other rules can be judged by it: the worker that writes it."""

import errno
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.model.clock import Clock
from edge.model.scene import Scene
from edge.settings import RetentionSettings
from edge.store import faults, scenes
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
    """What waits of one channel's stream, and the last scene of it so far."""

    number: int
    last: Scene
    waiting: list[Scene] = field(default_factory=list)
    ended: bool = False

    def chunk(self) -> Chunk:
        """Return what waits, packed; there is some."""
        times = [scene.time_us for scene in self.waiting]
        packed = scenes.pack(self.waiting)
        return Chunk(self.last.channel_id, self.number, min(times), max(times), self.ended, packed)


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
            stream = self._stream_of(scene)
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
        taken = self._take()
        try:
            self._write(taken)
        except (sqlite3.Error, OSError) as error:
            self._let_go(taken, error)
            return
        if self._failing:
            LOG.warning("tracks are kept again; %d frames of them were not", self.lost)
            self._failing = ""

    def _stream_of(self, scene: Scene) -> _Stream:
        """Return the stream that a scene goes on with: a new one where time goes back or the picture has changed."""
        stream = self._going.get(scene.channel_id)
        if stream is not None and (scene.stream_s <= stream.last.stream_s or scene.aspect != stream.last.aspect):
            self._part(scene.channel_id)
            stream = None
        if stream is None:
            self._last_number = max(
                self._last_number + 1, self._clock.now_us()
            )  # no two are alike, after a restart too
            stream = self._going[scene.channel_id] = _Stream(self._last_number, scene)
        return stream

    def _part(self, channel_id: str) -> None:
        """Take a channel's stream for done: what comes next does not go on with it."""
        stream = self._going.pop(channel_id, None)
        if stream is not None:
            self._done.append(stream)

    def _take(self) -> list[_Stream]:
        """Return what waits and what has ended; the streams go on, empty."""
        with self._lock:
            taken = [*self._done, *self._going.values()]
            self._going = {key: _Stream(stream.number, stream.last) for key, stream in self._going.items()}
            self._done, self._objects = [], 0
            return taken

    def _write(self, taken: Sequence[_Stream]) -> None:
        if self._keep.tracks_h == 0:
            self._file.remove()
            return
        if self._file.is_in_the_way():
            self._file.remove()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        why = self._file.open()
        if why:
            LOG.error("what was tracked is begun anew: its file cannot be gone on with (%s)", why)
        now_s = self._clock.now_us() // _SECOND_US
        ended = [stream.number for stream in taken if stream.ended and not stream.waiting]
        self._file.put([stream.chunk() for stream in taken if stream.waiting], ended, now_s)
        self._file.trim(now_s - self._keep.tracks_h * _HOUR_S, round(self._keep.max_mb * _MB * TRACKS_SHARE))

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
