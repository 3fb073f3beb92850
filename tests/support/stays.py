"""Stays of objects in zones: counted from scenes, matched with the truth, and random zones of vtest.avi to count in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.event import Event, EventType
from edge.model.geometry import diagonal
from edge.model.scene import Scene
from edge.rules.anchor import anchor, margin_of
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import LoiteringSettings
from tests.support.truth import HEIGHT, WIDTH, true_scenes

Polygon = tuple[tuple[float, float], ...]
"""Corners in fractions of the picture."""

_MARGIN = 0.01
_HOLD_S = 0.4 * 0.9
"""Three frames at 5 fps."""
_BUSY_SHARE, _QUIET_SHARE = 0.2, 0.1
_LEAST_ANGLE = 0.15
NEAR_S = 1.5
"""An event this near to a true one in time is that one."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Someone's stay in a zone, from join to leave, in seconds into the stream."""

    object_id: int
    join_s: float
    leave_s: float

    @property
    def dwell_s(self) -> float:
        """How long it was."""
        return self.leave_s - self.join_s


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """All that scenes say of where objects were: a row for each sighting, an object's in their order.

    `place` is the anchor in units of the frame's height, `margin` what counts as clearly inside there.
    """

    object_id: NDArray[np.int64]
    stream_s: NDArray[np.float64]
    place: NDArray[np.float32]
    margin: NDArray[np.float64]
    aspect: float


def paths(scenes: Iterable[Scene]) -> Paths:
    """Return where everybody was; what is not settled is left out."""
    rows: list[tuple[int, float, float, float, float]] = []
    aspect = 1.0
    for scene in scenes:
        aspect = scene.aspect
        if not scene.settled:
            continue
        for track in (*scene.tracks, *scene.ended):
            for each in track.new:
                x, y = anchor(each.box, "bottom_center", aspect)
                margin = margin_of(_MARGIN, diagonal(aspect), each.box.height)
                rows.append((track.object_id, each.stream_s, x, y, margin))
    table = np.array(rows, np.float64).reshape(-1, 5)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    return Paths(
        table[:, 0].astype(np.int64), table[:, 1], np.ascontiguousarray(table[:, 2:4], np.float32), table[:, 4], aspect
    )


def stays(walked: Paths, polygon: Polygon) -> list[Stay]:
    """Return the stays in a zone: joined when inside for three frames at 5 fps, left when outside for as long.

    Who is lost inside has left when last seen.
    """
    outline = np.array([(x * walked.aspect, y) for x, y in polygon], np.float32).reshape(-1, 1, 2)
    depth = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=True) for x, y in walked.place])
    result: list[Stay] = []
    starts = np.flatnonzero(np.diff(walked.object_id, prepend=-1))
    for low, high in zip(starts, [*starts[1:], len(depth)], strict=True):
        rows = slice(int(low), int(high))
        result += _stays_of(int(walked.object_id[low]), walked.stream_s[rows], depth[rows], walked.margin[rows])
    return result


def _stays_of(
    object_id: int, stream_s: NDArray[np.float64], depth: NDArray[np.float64], margin: NDArray[np.float64]
) -> list[Stay]:
    result: list[Stay] = []
    joined_s = crossed_s = since_s = None
    inside = False
    for now_s, deep, least in zip(stream_s.tolist(), depth.tolist(), margin.tolist(), strict=True):
        if (deep >= 0) == inside:
            crossed_s = since_s = None
            continue
        crossed_s = now_s if crossed_s is None else crossed_s
        if abs(deep) < least:
            since_s = None
            continue
        since_s = now_s if since_s is None else since_s
        if now_s - since_s >= _HOLD_S:
            if joined_s is None:
                joined_s = crossed_s
            else:
                result.append(Stay(object_id, joined_s, crossed_s))
                joined_s = None
            inside, crossed_s, since_s = not inside, None, None
    if joined_s is not None:
        result.append(Stay(object_id, joined_s, crossed_s or float(stream_s[-1])))
    return result


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules say of a zone: stays, and the ids of those who loiter, in their order."""

    stays: tuple[Stay, ...]
    loiter: tuple[int, ...]


def told(scenes: Iterable[Scene], zones: Sequence[Polygon], loitering_s: float = 15.0) -> list[Told]:
    """Return what the rules themselves say of each zone; who is inside at the end leaves then."""
    settings = tuple(
        ZoneSettings(zone=str(number), polygon=zone, join_leave=True, loitering=LoiteringSettings(seconds=loitering_s))
        for number, zone in enumerate(zones)
    )
    source = SourceSettings(demo=DemoSettings())
    rules = make_rules(ChannelSettings(name="c", id="c", source=source, rules=settings), UTC)
    events: list[Event] = []
    stream_s = 0.0
    for scene in scenes:
        stream_s = scene.stream_s
        events += [each for rule in rules for each in rule.update(scene) if isinstance(each, Event)]
    events += [each for rule in rules for each in rule.close(round(stream_s * 1e6), stream_s)]
    return [_told(events, str(number)) for number in range(len(zones))]


def _told(events: Sequence[Event], zone: str) -> Told:
    here = [each for each in events if each.rule_name == zone]
    joined: dict[int, float] = {}
    result: list[Stay] = []
    for each in here:
        if each.type is EventType.REGION_JOIN:
            joined[each.object_id] = each.stream_s
        elif each.type is EventType.REGION_LEAVE:
            result.append(Stay(each.object_id, joined.pop(each.object_id), each.stream_s))
    return Told(
        tuple(sorted(result, key=lambda stay: stay.join_s)),
        tuple(each.object_id for each in here if each.type is EventType.LOITERING),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """Measured stays of a zone against the true ones.

    `right` events (joins and leaves) of `told` and of `true` ones; `dwell` are (measured, true) seconds of the stays
    whose join was found; `peak` is how many more were inside at once than truly.
    """

    right: int
    told: int
    true: int
    dwell: tuple[tuple[float, float], ...]
    peak: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.told + self.true)

    @property
    def dwell_right(self) -> int:
        """How many dwell times are within 10 % or 1 s."""
        return sum(abs(told - true) <= max(1.0, 0.1 * true) + 1e-6 for told, true in self.dwell)


def score(seen: Sequence[Stay], true: Sequence[Stay]) -> Score:
    """Match joins and leaves one to one in time."""
    joins = pair([stay.join_s for stay in seen], [stay.join_s for stay in true])
    leaves = pair([stay.leave_s for stay in seen], [stay.leave_s for stay in true])
    dwell = tuple((seen[one].dwell_s, true[other].dwell_s) for one, other in joins)
    return Score(len(joins) + len(leaves), 2 * len(seen), 2 * len(true), dwell, _peak(seen) - _peak(true))


def pair(told: Sequence[float], true: Sequence[float]) -> list[tuple[int, int]]:
    """Return pairs of indices of moments that are near one another; the nearest are paired first."""
    near = sorted((abs(a - b), i, j) for i, a in enumerate(told) for j, b in enumerate(true) if abs(a - b) <= NEAR_S)
    result: list[tuple[int, int]] = []
    for _, one, other in near:
        if all(one != i and other != j for i, j in result):
            result.append((one, other))
    return result


def _peak(some: Sequence[Stay]) -> int:
    changes = sorted([(stay.join_s, 1) for stay in some] + [(stay.leave_s, -1) for stay in some])
    return int(max(np.cumsum([change for _, change in changes]), default=0))


def crowded_places(truth: Path) -> NDArray[np.float64]:
    """Return the feet, in fractions of the picture, of all who overlap another by a tenth of their box."""
    rows = np.loadtxt(truth, delimiter=",")
    result = []
    for number in np.unique(rows[:, 0]):
        here = rows[rows[:, 0] == number][:, 2:6]
        low = np.maximum(here[:, None, :2], here[None, :, :2])
        high = np.minimum(here[:, None, :2] + here[:, None, 2:], here[None, :, :2] + here[None, :, 2:])
        common = np.prod(np.clip(high - low, 0, None), axis=2) / np.prod(here[:, 2:], axis=1)[:, None]
        np.fill_diagonal(common, 0)
        busy = here[(common > 0.1).any(axis=1)]
        result.append(np.column_stack(((busy[:, 0] + busy[:, 2] / 2) / WIDTH, (busy[:, 1] + busy[:, 3]) / HEIGHT)))
    return np.concatenate(result)


def random_zones(truth: Path, wanted: int, seed: int, *, busy: bool, least: int = 3) -> list[Polygon]:
    """Return zones of 4 to 9 corners, convex or not, small to large, in the busy junction or elsewhere.

    Each truly has `least` stays and as many where all boxes are moved by 5 % of their height. A zone in the junction
    holds a fifth of the feet of people who overlap others, one elsewhere less than a tenth.
    """
    random = np.random.default_rng(seed)
    shifts = ((0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.0, 0.05), (0.0, -0.05))
    walked = [paths(true_scenes(truth, shift)) for shift in shifts]
    crowd = crowded_places(truth)
    zones: list[Polygon] = []
    while len(zones) < wanted:
        zone = _random_zone(random)
        share = 0.0 if zone is None else _share(crowd, zone)
        if zone is None or not (share > _BUSY_SHARE if busy else share < _QUIET_SHARE):
            continue
        counts = {len(stays(each, zone)) for each in walked[:1]}
        if min(counts) >= least and len({len(stays(each, zone)) for each in walked}) == 1:
            zones.append(zone)
    return zones


def _share(places: NDArray[np.float64], zone: Polygon) -> float:
    outline = np.array(zone, np.float32).reshape(-1, 1, 2)
    return float(
        np.mean([cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) >= 0 for x, y in places[::7]])
    )


def _random_zone(random: np.random.Generator) -> Polygon | None:
    middle, corners = random.uniform((0.08, 0.3), (0.92, 0.9)), int(random.integers(4, 10))
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    between = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    if between.max() > np.pi * 0.9 or between.min() < _LEAST_ANGLE:
        return None
    radius = random.uniform(0.08, 0.3) * random.uniform(0.55 if random.random() < 0.5 else 1.0, 1.0, corners)
    points = middle + np.column_stack((radius * np.cos(angles), radius * np.sin(angles) * WIDTH / HEIGHT * 0.8))
    if not ((points > 0.0) & (points < 1.0)).all():
        return None
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


def mirrored(zones: Sequence[Polygon]) -> list[Polygon]:
    """Return the zones as in a mirror."""
    return [tuple((1 - x, y) for x, y in zone) for zone in zones]
