"""Polygons as the settings have them: corners as (x, y) in fractions of the frame."""

from collections.abc import Sequence

Corner = tuple[float, float]


def area(corners: Sequence[Corner]) -> float:
    """Return the area as a share of the frame (the shoelace formula)."""
    sides = zip(corners, [*corners[1:], *corners[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in sides)) / 2


def crossing_sides(corners: Sequence[Corner]) -> tuple[int, int] | None:
    """Return the numbers (from 1) of two sides that cross, touch or run back over one another; side 1 leaves corner 1.

    Sides that follow one another share a corner and may not fold back; all others may not meet at all.
    """
    count = len(corners)
    sides = [(corners[i], corners[(i + 1) % count]) for i in range(count)]
    for i in range(count):
        for j in range(i + 1, count):
            if j == i + 1 or (i == 0 and j == count - 1):
                clash = _folds_back(sides[i], sides[j]) if j == i + 1 else _folds_back(sides[j], sides[i])
            else:
                clash = _meet(*sides[i], *sides[j])
            if clash:
                return i + 1, j + 1
    return None


def _turn(a: Corner, b: Corner, c: Corner) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _folds_back(first: tuple[Corner, Corner], second: tuple[Corner, Corner]) -> bool:
    """Tell whether the second side runs back over the first, whose end it begins at."""
    (a, b), (_, c) = first, second
    backwards = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0
    return backwards and _turn(a, b, c) == 0


def _meet(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    touching = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _within(*points) for turn, points in zip(turns, touching, strict=True))


def _within(a: Corner, b: Corner, point: Corner) -> bool:
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])


def contains(corners: Sequence[Corner], x: float, y: float) -> bool:
    """Tell whether a point is inside: a ray to the right meets the outline an odd number of times."""
    sides = zip(corners, [*corners[1:], *corners[:1]], strict=True)
    met = [x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in sides if (y1 > y) != (y2 > y)]
    return sum(place > x for place in met) % 2 == 1
