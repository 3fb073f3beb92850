"""What the rules cost a frame: 50 objects that walk about, 8 lines and 8 zones with all their sections."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC

import numpy as np

from edge.model.geometry import Box
from edge.model.origin import Origin
from edge.model.scene import Scene, Sighting, Track
from edge.rules.rule import Rule
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings, ZoneSettings
from edge.settings.rules import (
    AbandonedSettings,
    CrowdSettings,
    LoiteringSettings,
    MotionSettings,
    RuleSettings,
    TailgatingSettings,
)
from tests.bench.table import Table

_OBJECTS = 50
_RULES = 8
_ASPECT = 16 / 9
_SIZE = (0.03, 0.1)
_SPEED = 0.1
"""Share of the frame a second, at most, along each axis."""
_WARM = 10
_REPEATS = 5
_NOISE = 0.001


def _scenes(fps: float, seconds: float) -> list[Scene]:
    """Return what a tracker gives where everybody walks, and turns at the picture's edges."""
    random = np.random.default_rng(5)
    places = random.uniform(0.05, 0.85, (_OBJECTS, 2))
    steps = random.uniform(-_SPEED, _SPEED, (_OBJECTS, 2)) / fps
    scenes = []
    for number in range(int(fps * seconds)):
        places = places + steps
        steps = np.where((places < 0.02) | (places > 0.88), -steps, steps)
        shown = places + random.normal(0, _NOISE, places.shape)
        at_s = number / fps
        boxes = [Box(x, y, x + _SIZE[0], y + _SIZE[1]) for x, y in shown.tolist()]
        tracks = tuple(
            Track(key, box, Origin.PEDESTRIAN, 1.0, 0.0, at_s, (Sighting(at_s, box),), moved_s=at_s)
            for key, box in enumerate(boxes)
        )
        scenes.append(Scene("c", round(at_s * 1e6), at_s, _ASPECT, tracks))
    return scenes


def _lines() -> tuple[RuleSettings, ...]:
    random = np.random.default_rng(7)
    corners = [random.uniform(0.1, 0.9, (2 + number % 3, 2)).tolist() for number in range(_RULES)]
    return tuple(
        LineSettings(line=f"Line {number}", points=tuple((x, y) for x, y in points), tailgating=TailgatingSettings())
        for number, points in enumerate(corners)
    )


def _zones() -> tuple[RuleSettings, ...]:
    """Return zones of 4 to 7 corners; each holds about a tenth of the objects."""
    random = np.random.default_rng(9)
    zones = []
    for number in range(_RULES):
        (x, y), corners = random.uniform(0.25, 0.75, 2).tolist(), 4 + number % 4
        angles = np.arange(corners) * 2 * np.pi / corners
        outline = tuple((x + 0.15 * float(np.cos(each)), y + 0.2 * float(np.sin(each))) for each in angles)
        zones.append(
            ZoneSettings(
                zone=f"Zone {number}",
                polygon=outline,
                motion=MotionSettings(),
                join_leave=True,
                loitering=LoiteringSettings(),
                crowd=CrowdSettings(),
                abandoned=AbandonedSettings(),
            )
        )
    return tuple(zones)


def _cost_ms(make: Callable[[], Sequence[Rule]], scenes: Sequence[Scene]) -> tuple[float, float]:
    """Return what a frame costs: the mean, and the dearest; each frame's is the least of some repeats."""
    spent = np.empty((_REPEATS, len(scenes)))
    for repeat in range(_REPEATS):
        rules = make()
        for number, scene in enumerate(scenes):
            begun = time.thread_time()
            for rule in rules:
                rule.update(scene)
            spent[repeat, number] = time.thread_time() - begun
    least = spent.min(axis=0)[_WARM:] * 1000
    return float(least.mean()), float(least.max())


def _row(name: str, rules: tuple[RuleSettings, ...], *, objects: bool, seconds: float) -> list[str]:
    channel = ChannelSettings(
        name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=rules, objects=objects
    )
    figures = [_cost_ms(lambda: make_rules(channel, UTC), _scenes(fps, seconds)) for fps in (5, 15)]
    return [name, *(f"{each:.2f} ms" for pair in figures for each in pair)]


def run(*, quick: bool) -> Table:
    """Measure each kind of rule by itself, and all together."""
    seconds = 10.0 if quick else 60.0
    kinds: tuple[tuple[str, tuple[RuleSettings, ...], bool], ...] = (
        ("appear and disappear", (), True),
        ("8 lines", _lines(), False),
        ("8 zones", _zones(), False),
        ("all", (*_lines(), *_zones()), True),
    )
    return Table(
        "Cost of the rules",
        ("rules", "mean, 5 fps", "dearest frame", "mean, 15 fps", "dearest frame"),
        [_row(name, rules, objects=objects, seconds=seconds) for name, rules, objects in kinds],
        (
            f"{_OBJECTS} walking objects; lines of 2 to 4 points with tailgating, zones with all their sections",
            "bound: under 1 ms a frame for all of them",
            f"each frame's time is the least of {_REPEATS} repeats",
        ),
    )
