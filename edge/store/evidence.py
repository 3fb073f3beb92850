"""What led to an event, packed small enough to stand in the event's own row."""

import json
import math
import zlib
from collections.abc import Sequence
from typing import Any

from edge.model.event import Evidence, Measure, Waypoint
from edge.model.geometry import Box, Point

MOST_WAYPOINTS = 40
MOST_MEASURES = 16
TOLERANCE = 0.004
"""A waypoint that lies so close to the straight way between its neighbours, in fractions of the frame, is left out."""
_PLACES = 10_000
_MILLISECONDS = 1000
_DECIMALS = 4
_RAW = -15
_WORDS = (
    b'"lasted_s","few_s","inside_s","dwell_s","inside","owner_away_s","still_s","dark_share","changed_share",'
    b'"same_s","away_s","seconds","gap_s","past_end_share","frames","height_share","angle_deg","beyond_share"'
    b"]],[[0,200,-100],[200,100,-1],null,0.0,0.1,[5000,4000],[4500,2000,5500,"
)
"""Text that is likely in evidence, which the packing then need not spell out. It may never change: what was packed with
it can only be read with it."""


def pack(evidence: Evidence) -> bytes:
    """Return evidence as compressed JSON: 150 bytes as a rule, some 600 at most.

    The path is kept to the millisecond and a ten-thousandth of the frame, each point as the step from the one before.
    """
    path = _thinned(evidence.path[-MOST_WAYPOINTS:])
    rows = [(round(each.stream_s * _MILLISECONDS), round(each.x * _PLACES), round(each.y * _PLACES)) for each in path]
    steps = [
        [b - a for a, b in zip(before, now, strict=True)] for before, now in zip([(0, 0, 0), *rows], rows, strict=False)
    ]
    place, box = evidence.place, evidence.box
    body = [
        steps,
        None if place is None else _fractions(place.x, place.y),
        None if box is None else _fractions(box.left, box.top, box.right, box.bottom),
        [[each.name, *_numbers(each)] for each in evidence.measures[:MOST_MEASURES] if math.isfinite(each.value)],
    ]
    press = zlib.compressobj(wbits=_RAW, zdict=_WORDS)
    return press.compress(json.dumps(body, separators=(",", ":")).encode()) + press.flush()


def unpack(packed: bytes) -> Evidence:
    """Return what `pack` was given, rounded; raises ValueError where the bytes are damaged."""
    try:
        press = zlib.decompressobj(wbits=_RAW, zdict=_WORDS)
        steps, place, box, measures = json.loads(press.decompress(packed) + press.flush())
        return Evidence(
            path=_path(steps),
            place=None if place is None else Point(*_whole(place)),
            box=None if box is None else Box(*_whole(box)),
            measures=tuple(Measure(*each) for each in measures),
        )
    except (zlib.error, TypeError, ValueError) as error:
        raise ValueError(f"damaged evidence: {error}") from error


def _path(steps: Sequence[Sequence[int]]) -> tuple[Waypoint, ...]:
    at = [0, 0, 0]
    path = []
    for step in steps:
        at = [a + b for a, b in zip(at, step, strict=True)]
        path.append(Waypoint(at[0] / _MILLISECONDS, at[1] / _PLACES, at[2] / _PLACES))
    return tuple(path)


def _fractions(*values: float) -> list[int]:
    return [round(value * _PLACES) for value in values]


def _whole(values: Sequence[int]) -> list[float]:
    return [value / _PLACES for value in values]


def _numbers(measure: Measure) -> list[Any]:
    limit = measure.limit
    if limit is None or not math.isfinite(limit):
        return [round(measure.value, _DECIMALS)]
    return [round(measure.value, _DECIMALS), round(limit, _DECIMALS)]


def _thinned(path: Sequence[Waypoint]) -> list[Waypoint]:
    """Return the ends of a path and the points in between that a straight and even walk would miss."""
    if len(path) <= 2:  # noqa: PLR2004 - the ends
        return list(path)
    first, last = path[0], path[-1]
    off = [_off(first, each, last) for each in path[1:-1]]
    worst = max(range(len(off)), key=off.__getitem__)
    if off[worst] <= TOLERANCE:
        return [first, last]
    return _thinned(path[: worst + 2])[:-1] + _thinned(path[worst + 1 :])


def _off(first: Waypoint, each: Waypoint, last: Waypoint) -> float:
    """Return how far a point lies from where an even walk from the first to the last would be at its time."""
    share = (each.stream_s - first.stream_s) / max(last.stream_s - first.stream_s, 1e-9)
    across = first.x + share * (last.x - first.x) - each.x
    down = first.y + share * (last.y - first.y) - each.y
    return max(abs(across), abs(down))
