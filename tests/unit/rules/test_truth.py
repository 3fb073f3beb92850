"""The tripwire on the true boxes of a real clip: what is left of an error is the detector's and the tracker's."""

from collections import Counter, defaultdict
from datetime import UTC

import pytest

from edge.model.event import Event
from edge.model.geometry import Box
from edge.model.scene import Origin, Scene, Sighting, Track
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from tests.support.shared_data import shared

WIDTH, HEIGHT, FPS = 768, 576, 10
A_TRUTH = {("A", "a_to_b"): 9, ("A", "b_to_a"): 6}
C_TRUTH = {("C", "a_to_b"): 1, ("C", "b_to_a"): 2}
"""Three go up near line C; the path of one meets it 4 pixels beyond its end, which is no crossing."""


def line(name: str, *points: tuple[float, float]) -> LineSettings:
    return LineSettings(line=name, id=name, points=tuple((x / WIDTH, y / HEIGHT) for x, y in points))


@pytest.mark.parametrize("every", [1, 2], ids=["10 fps", "5 fps"])
def test_true_boxes_of_vtest_give_the_true_counts(every: int) -> None:
    rules = make_rules(
        ChannelSettings(
            name="V",
            id="v",
            source=SourceSettings(demo=DemoSettings()),
            rules=(line("A", (255, 190), (255, 420)), line("C", (60, 330), (420, 330))),
            objects=False,
        ),
        UTC,
    )
    seen: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    for row in shared("data/video/vtest.gt.txt").read_text(encoding="ascii").splitlines():
        number, object_id, left, top, width, height = (float(word) for word in row.split(",")[:6])
        box = Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
        seen[int(number)].append((int(object_id), box))
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(1, max(seen) + 1, every):
        at_s = number / FPS
        tracks = tuple(
            Track(object_id, box, Origin.PEDESTRIAN, 1.0, 0.0, at_s, (Sighting(at_s, box),))
            for object_id, box in seen[number]
        )
        scene = Scene("v", 0, at_s, WIDTH / HEIGHT, tracks)
        for rule in rules:
            told = rule.update(scene)
            counts.update((each.rule_name, each.direction or "") for each in told if isinstance(each, Event))
    assert counts == A_TRUTH | C_TRUTH
