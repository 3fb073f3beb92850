"""The truth of vtest.avi as scenes, and lines to count at: what a perfect tracker would give the rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.model.event import Direction
from edge.model.geometry import Box
from edge.model.scene import Origin, Scene, Sighting, Track
from edge.rules.crossing import LineCrossings
from edge.rules.sieve import Sieve
from edge.rules.walks import Walks
from edge.settings import LineSettings

WIDTH, HEIGHT, FPS = 768, 576, 10
Counts = tuple[int, int]
"""Crossings a_to_b and b_to_a."""


def line(name: str, *points: tuple[float, float]) -> LineSettings:
    """Return a line through points in pixels of vtest.avi."""
    return LineSettings(line=name, points=tuple((x / WIDTH, y / HEIGHT) for x, y in points))


LINE_A = line("A", (255, 190), (255, 420))
LINE_C = line("C", (60, 330), (420, 330))
LINES = (
    LINE_A,
    line("tall left", (150, 150), (150, 560)),
    line("tall middle", (350, 150), (350, 560)),
    line("across", (10, 300), (750, 300)),
    line("slanted", (650, 120), (200, 500)),
    line("short", (267, 172), (212, 346)),
    line("bent", (700, 150), (560, 260), (520, 400), (700, 450)),
    line("bent the other way", (435, 192), (372, 314), (273, 353)),
)


def true_scenes(path: Path, shift: tuple[float, float] = (0.0, 0.0)) -> Iterator[Scene]:
    """Yield a scene for each frame of a MOT15 file; `shift` moves every box, in shares of its height."""
    rows = np.loadtxt(path, delimiter=",")
    before: dict[int, Track] = {}
    for number in range(1, int(rows[:, 0].max()) + 1):
        stream_s = (number - 1) / FPS
        tracks = [_track(row, stream_s, shift) for row in rows[rows[:, 0] == number]]
        here = {track.object_id: track for track in tracks}
        ended = tuple(
            replace(track, new=())
            for key, track in before.items()
            if key not in here and not (rows[rows[:, 1] == key, 0] >= number).any()
        )
        before = here
        yield Scene("c", 0, stream_s, WIDTH / HEIGHT, tuple(tracks), ended)


def _track(
    row: np.ndarray[tuple[int, ...], np.dtype[np.float64]], stream_s: float, shift: tuple[float, float]
) -> Track:
    key, left, top, width, height = row[1:6].tolist()
    left, top = left + shift[0] * height, top + shift[1] * height
    box = Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
    return Track(int(key), box, Origin.PEDESTRIAN, 1.0, stream_s, stream_s, (Sighting(stream_s, box),))


def count(scenes: Iterable[Scene], lines: Sequence[LineSettings]) -> list[Counts]:
    """Return the crossings of each line."""
    sieve = Sieve(Walks())
    counters = [LineCrossings(each, sieve) for each in lines]
    totals = [[0, 0] for _ in lines]
    for scene in scenes:
        for total, counter in zip(totals, counters, strict=True):
            for crossing in (each for each in counter.update(scene) if each.why is None):
                total[crossing.direction is Direction.B_TO_A] += 1
    return [(a_to_b, b_to_a) for a_to_b, b_to_a in totals]


def error(counted: Sequence[Counts], true: Sequence[Counts]) -> float:
    """Return the sum of the differences over lines and directions, divided by the true crossings."""
    wrong = sum(abs(c[0] - t[0]) + abs(c[1] - t[1]) for c, t in zip(counted, true, strict=True))
    return wrong / max(1, sum(map(sum, true)))


def random_lines(truth: Path, wanted: int, seed: int, least: int = 5) -> list[LineSettings]:
    """Return random lines of 2 to 4 points with a truth that does not hang on a hair.

    Each has `least` true crossings, and as many where all boxes are moved by 6 % of their height.
    """
    random = np.random.default_rng(seed)
    lines: list[LineSettings] = []
    shifts = ((0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.0, 0.06), (0.0, -0.06))
    while len(lines) < wanted:
        some = [each for each in (_random_line(random) for _ in range(120)) if each is not None]
        counts = [count(true_scenes(truth, shift), some) for shift in shifts]
        lines += [
            each
            for each, same in zip(some, zip(*counts, strict=True), strict=True)
            if sum(same[0]) >= least and len(set(same)) == 1
        ]
    return lines[:wanted]


def _random_line(random: np.random.Generator) -> LineSettings | None:
    points = [random.uniform((0.05, 0.2), (0.95, 0.95))]
    heading, pieces = random.uniform(0, 2 * np.pi), int(random.integers(1, 4))
    for _ in range(pieces):
        heading += random.normal(0, 0.5)
        step = random.uniform(0.12, 0.5 if pieces == 1 else 0.3)
        points.append(points[-1] + step * np.array([np.cos(heading), np.sin(heading) * WIDTH / HEIGHT]))
    if any(not (0.02 < x < 0.98 and 0.02 < y < 0.98) for x, y in points):
        return None
    return LineSettings(line="random", points=tuple((round(float(x), 3), round(float(y), 3)) for x, y in points))


def mirrored(lines: Sequence[LineSettings]) -> list[LineSettings]:
    """Return the lines as in a mirror: left is right, so that both directions change places."""
    return [replace(each, points=tuple((1 - x, y) for x, y in each.points)) for each in lines]
