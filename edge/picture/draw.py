"""Draws what is understood of a frame into its picture: objects, their trails, lines with counts, zones, the time."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Final

from edge.model.event import Direction
from edge.model.geometry import Point
from edge.model.scene import Origin, Track
from edge.picture.board import View
from edge.picture.brush import WHITE, Brush, Colour
from edge.picture.colour import Bgr, to_bgr
from edge.picture.occupancy import inside
from edge.settings import LineSettings, RuleSettings, ZoneSettings

COLOURS: Final[Mapping[Origin, Colour]] = {
    Origin.PEDESTRIAN: (120, 200, 110),
    Origin.VEHICLE: (226, 168, 84),
    Origin.UNKNOWN: (180, 180, 190),
}
LINE: Final[Colour] = (90, 200, 250)
ZONE: Final[Colour] = (214, 150, 190)
MARKS: Final[Mapping[Direction, str]] = {Direction.A_TO_B: "a", Direction.B_TO_A: "b"}
"""The letter of the side that one comes from."""
NO_TRAILS: Final[Mapping[int, Sequence[Point]]] = {}
NEVER_WIDER: Final = 100_000

Counts = Mapping[tuple[str, Direction], int]
"""How often each rule (by id) was crossed in each direction."""


def draw(
    view: View,
    rules: Sequence[RuleSettings],
    counts: Counts,
    *,
    trails: Mapping[int, Sequence[Point]] = NO_TRAILS,
    max_width: int = NEVER_WIDER,
    timezone: tzinfo = UTC,
) -> Bgr:
    """Return the view's picture in new memory as BGR, at most `max_width` wide, with everything drawn in.

    `trails` are each object's last places, the oldest first, in fractions of the frame: see `Trails`.
    """
    image = to_bgr(view.frame.shown(), max_width)
    brush = Brush(image)
    for rule in rules:
        if isinstance(rule, ZoneSettings):
            _zone(brush, rule, inside(view.scene, rule))
    for track in view.scene.tracks:
        _track(brush, track, trails.get(track.object_id, ()))
    for rule in rules:
        if isinstance(rule, LineSettings):
            _line(brush, rule, counts)
    _time(brush, view.frame.time_us, timezone)
    return image


def _track(brush: Brush, track: Track, trail: Sequence[Point]) -> None:
    colour = COLOURS[track.origin]
    if len(trail) > 1:
        brush.path(trail, colour, 1.6, edge=False)
    brush.box(track.box, colour)
    left, top = brush.pixel(Point(track.box.left, track.box.top))
    brush.label(f"{track.object_id} {track.label or track.origin}", left, top, colour)


def _zone(brush: Brush, zone: ZoneSettings, count: int) -> None:
    """Tint a zone and write its name and how many are inside at its lowest corner."""
    points = [Point(*corner) for corner in zone.polygon]
    brush.area(points, ZONE, 0.16)
    x, y = brush.pixel(max(points, key=lambda point: (point.y, -point.x)))
    brush.label(f"{zone.zone}  {count}", x, y, ZONE)


def _line(brush: Brush, line: LineSettings, counts: Counts) -> None:
    """Draw a line with its name at its first end and, at its middle, an arrow and a count each way."""
    points = [Point(*corner) for corner in line.points]
    brush.path(points, LINE, 2.4)
    pixels = [brush.pixel(point) for point in points]
    middle, along = _middle(pixels)
    for direction, turn in ((Direction.A_TO_B, math.pi / 2), (Direction.B_TO_A, -math.pi / 2)):
        if line.direction not in ("any", direction):
            continue
        reach = 26 * brush.unit
        tip = brush.arrow(middle, along + turn, reach, LINE)
        place = (tip[0] + 14 * brush.unit * math.cos(along + turn), tip[1] + 14 * brush.unit * math.sin(along + turn))
        brush.label(f"{MARKS[direction]} {counts.get((line.id, direction), 0)}", *place, WHITE, centred=True)
    first = min(pixels, key=lambda pixel: pixel[1])
    brush.label(line.line, first[0], first[1] - 8 * brush.unit, LINE, centred=True)


def _middle(pixels: Sequence[tuple[int, int]]) -> tuple[tuple[float, float], float]:
    """Return the pixel halfway along a line, and the line's angle there (radians, clockwise from the right)."""
    legs = [(*first, *last) for first, last in pairwise(pixels)]
    lengths = [math.hypot(x2 - x1, y2 - y1) for x1, y1, x2, y2 in legs]
    left = sum(lengths) / 2
    for (x1, y1, x2, y2), length in zip(legs, lengths, strict=True):
        if left <= length and length > 0:
            share = left / length
            return (x1 + share * (x2 - x1), y1 + share * (y2 - y1)), math.atan2(y2 - y1, x2 - x1)
        left -= length
    return (float(pixels[0][0]), float(pixels[0][1])), 0.0


def _time(brush: Brush, time_us: int, timezone: tzinfo) -> None:
    text = datetime.fromtimestamp(time_us / 1e6, timezone).strftime("%Y-%m-%d %H:%M:%S")
    brush.label(text, 6 * brush.unit, 6 * brush.unit, WHITE)
