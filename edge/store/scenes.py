"""Scenes of one stream as bytes, and back (see replayed_scenes.py): all that rules need to judge them again.

Boxes are kept to 1/16384 of the frame, times to a ten-millionth of a second. Pictures are not kept, nor what is seen
beside the tracks (the view, things left behind).

A row a frame: `stream`, `late`, `settled`. A row a run of one object over frames that follow one another: `object`,
`begin`, `length`, `ended`, `first`, `label`. A row an object and frame: `sighted`, `stands`, `origin`, `confidence`.
A row a sighting: its box. What is not as expected has columns of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.model.geometry import Box
from edge.model.origin import Origin
from edge.model.scene import Scene, Track
from edge.store import columns
from edge.store.columns import Column

UNITS = 16_384
"""Steps of a box across the frame. Finer ones cost a quarter more for what no margin can tell."""
TICKS = 10_000_000
MICROSECONDS = 1_000_000
SHARES = 255
ORIGINS = tuple(Origin)
UNSEEN, SEEN, TOLD_LATE = range(3)
"""How an object was seen in a frame: not at all; once, now; or as a list of sightings with times of their own."""
APART = 3
"""Added to that where the object is not where it was last seen, or was last seen before what is kept of it."""
AS_BEFORE, SINCE_SEEN, GIVEN = range(3)
"""Since when an object stands: as before, since its last sighting, or since a given time."""
_CODES = {origin: code for code, origin in enumerate(ORIGINS)}
_DIFFERENCES = {"stream": 2} | dict.fromkeys(
    ("late", "object", "begin", "first", "left", "top", "right", "bottom", "origin", "confidence", "moved"), 1
)


@dataclass(slots=True)
class _Run:
    """One object over frames that follow one another, from the frame number `begin` on."""

    begin: int
    tracks: list[Track]
    ended: bool = False

    def goes_on(self, number: int, track: Track) -> bool:
        """Tell whether the object's next frame continues this run."""
        last = self.tracks[-1]
        follows = not self.ended and self.begin + len(self.tracks) == number
        return follows and (last.first_s, last.label) == (track.first_s, track.label)


@dataclass(slots=True)
class _Table:
    """Columns while they are being filled."""

    lists: dict[str, list[int]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    def add(self, **values: int) -> None:
        """Add a row of some columns."""
        for name, value in values.items():
            self.lists.setdefault(name, []).append(value)

    def add_box(self, box: Box) -> None:
        """Add a row of the columns of boxes."""
        left, top, right, bottom = box.left, box.top, box.right, box.bottom
        self.add(
            left=round(left * UNITS), top=round(top * UNITS), right=round(right * UNITS), bottom=round(bottom * UNITS)
        )

    def label(self, text: str) -> int:
        """Return the number of a label."""
        if text not in self.labels:
            self.labels.append(text)
        return self.labels.index(text)


def pack(scenes: Sequence[Scene]) -> bytes:
    """Return the scenes of one stream, which follow one another and have one aspect; there is at least one."""
    table = _Table()
    for scene in scenes:
        late_us = scene.time_us - round(scene.stream_s * MICROSECONDS)
        table.add(stream=ticks(scene.stream_s), late=late_us, settled=int(scene.settled))
    for run in _runs(scenes):
        _add_run(table, run, scenes)
    arrays: dict[str, Column] = {name: np.array(values, np.int64) for name, values in table.lists.items()}
    arrays["aspect"] = np.array([scenes[0].aspect], np.float64).view(np.int64)
    arrays["labels"] = np.frombuffer(json.dumps(table.labels).encode(), np.uint8).astype(np.int64)
    return columns.pack(arrays, _DIFFERENCES)


def ticks(stream_s: float) -> int:
    """Return a time in the units in which it is kept."""
    return round(stream_s * TICKS)


def _runs(scenes: Sequence[Scene]) -> list[_Run]:
    runs: list[_Run] = []
    going: dict[int, _Run] = {}
    for number, scene in enumerate(scenes):
        for track in (*scene.tracks, *scene.ended):
            run = going.get(track.object_id)
            if run is not None and run.goes_on(number, track):
                run.tracks.append(track)
                continue
            going[track.object_id] = _Run(number, [track])
            runs.append(going[track.object_id])
        for track in scene.ended:
            going[track.object_id].ended = True
    return runs


def _add_run(table: _Table, run: _Run, scenes: Sequence[Scene]) -> None:
    first = run.tracks[0]
    table.add(
        object=first.object_id,
        begin=run.begin,
        length=len(run.tracks),
        ended=int(run.ended),
        first=ticks(first.first_s),
        label=table.label(first.label),
    )
    before: Track | None = None
    for number, track in enumerate(run.tracks, run.begin):
        _add_track(table, track, before, scenes[number].stream_s)
        before = track


def _add_track(table: _Table, track: Track, before: Track | None, stream_s: float) -> None:
    """Add one object of one frame; `before` is the same in the frame before, None where its run begins."""
    new = track.new
    seen_now = len(new) == 1 and new[0].stream_s == stream_s
    sighted = UNSEEN if not new else SEEN if seen_now else TOLD_LATE
    if sighted == TOLD_LATE:
        table.add(told=len(new))
    for sighting in new:
        table.add_box(sighting.box)
        if sighted == TOLD_LATE:
            table.add(ago=ticks(stream_s) - ticks(sighting.stream_s))
    known = (new[-1].box, new[-1].stream_s) if new else None if before is None else (before.box, before.last_s)
    if known != (track.box, track.last_s):
        sighted += APART
        table.add_box(track.box)
        table.add(last=ticks(stream_s) - ticks(track.last_s))
    stands = GIVEN
    if before is not None and track.moved_s == before.moved_s:
        stands = AS_BEFORE
    elif track.moved_s == track.last_s:
        stands = SINCE_SEEN
    else:
        table.add(moved=ticks(track.moved_s))
    confidence = round(track.confidence * SHARES)
    table.add(sighted=sighted, stands=stands, origin=_CODES[track.origin], confidence=confidence)
