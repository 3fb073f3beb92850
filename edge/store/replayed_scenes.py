"""Scenes read back from bytes (see scenes.py)."""

import json
from collections.abc import Iterator, Mapping

import numpy as np

from edge.model.geometry import Box
from edge.model.scene import Scene, Sighting, Track
from edge.store import columns
from edge.store.columns import Column
from edge.store.scenes import APART, GIVEN, MICROSECONDS, ORIGINS, SEEN, SHARES, SINCE_SEEN, TICKS, TOLD_LATE, UNITS


def unpack(channel_id: str, packed: bytes, shift_us: int = 0) -> tuple[Scene, ...]:
    """Return the scenes that `scenes.pack` was given, rounded; raises ValueError where the bytes are damaged.

    `shift_us` makes their times right where they were told by a clock that nobody had set.
    """
    try:
        return _Reading(columns.unpack(packed)).scenes(channel_id, shift_us)
    except (KeyError, IndexError, StopIteration, TypeError) as error:
        raise ValueError(f"damaged scenes: {error!r}") from error


class _Reading:
    """Goes through the columns once, in the order in which they were filled."""

    def __init__(self, found: Mapping[str, Column]) -> None:
        self._stream = found["stream"].tolist()
        self._late = found["late"].tolist()
        self._settled = found["settled"].tolist()
        self._aspect = float(found["aspect"].view(np.float64)[0])
        self._labels = json.loads(found["labels"].astype(np.uint8).tobytes())
        self._values: dict[str, Iterator[int]] = {name: iter(column.tolist()) for name, column in found.items()}
        self._runs = len(found.get("object", ()))
        self._tracks: list[list[Track]] = [[] for _ in self._stream]
        self._ended: list[list[Track]] = [[] for _ in self._stream]

    def scenes(self, channel_id: str, shift_us: int) -> tuple[Scene, ...]:
        for _ in range(self._runs):
            self._read_run()
        return tuple(
            Scene(
                channel_id=channel_id,
                time_us=late + round(at / TICKS * MICROSECONDS) + shift_us,
                stream_s=at / TICKS,
                aspect=self._aspect,
                tracks=tuple(self._tracks[number]),
                ended=tuple(self._ended[number]),
                settled=bool(settled),
            )
            for number, (at, late, settled) in enumerate(zip(self._stream, self._late, self._settled, strict=True))
        )

    def _next(self, name: str) -> int:
        return next(self._values[name])

    def _read_run(self) -> None:
        object_id, begin, length, ended = (self._next(name) for name in ("object", "begin", "length", "ended"))
        first_s, label = self._next("first") / TICKS, self._labels[self._next("label")]
        before: Track | None = None
        for number in range(begin, begin + length):
            before = self._read_track(self._stream[number], object_id, first_s, label, before)
            last = ended and number == begin + length - 1
            (self._ended if last else self._tracks)[number].append(before)

    def _read_track(self, now: int, object_id: int, first_s: float, label: str, before: Track | None) -> Track:
        sighted = self._next("sighted")
        new = tuple(self._sightings(now, sighted % APART))
        if sighted >= APART:
            box, last_s = self._box(), (now - self._next("last")) / TICKS
        elif new:
            box, last_s = new[-1].box, new[-1].stream_s
        elif before is not None:
            box, last_s = before.box, before.last_s
        else:
            raise KeyError("an object that was never seen")
        return Track(
            object_id=object_id,
            box=box,
            origin=ORIGINS[self._next("origin")],
            confidence=self._next("confidence") / SHARES,
            first_s=first_s,
            last_s=last_s,
            new=new,
            label=label,
            moved_s=self._moved_s(last_s, before),
        )

    def _moved_s(self, last_s: float, before: Track | None) -> float:
        stands = self._next("stands")
        if stands == GIVEN:
            return self._next("moved") / TICKS
        if stands == SINCE_SEEN or before is None:
            return last_s
        return before.moved_s

    def _sightings(self, now: int, how: int) -> Iterator[Sighting]:
        if how == SEEN:
            yield Sighting(now / TICKS, self._box())
        elif how == TOLD_LATE:
            for _ in range(self._next("told")):
                box = self._box()
                yield Sighting((now - self._next("ago")) / TICKS, box)

    def _box(self) -> Box:
        left, top, right, bottom = (self._next(name) / UNITS for name in ("left", "top", "right", "bottom"))
        return Box(left, top, right, bottom)
