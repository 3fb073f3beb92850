"""A ruler learnt from who walks by: right where people walk, silent where none do, not taken in by cars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edge.model.calibration import RulerSource
from edge.model.geometry import Box, Point
from edge.model.scene import Origin, Scene, Sighting, Track
from edge.settings import CalibrationRuler
from edge.track.classify import Classifier
from edge.track.learned import LearnedRuler

ASPECT = 16 / 9
FPS = 5.0


@dataclass(frozen=True)
class Passer:
    """Someone who passes in a straight line; heights in those of the frame, `speed` in own heights a second."""

    row: float
    height: float
    to_row: float = 0.0
    shape: float = 0.4
    speed: float = 0.8
    since_s: float = 0.0

    def box(self, stream_s: float, heights: tuple[float, float]) -> Box | None:
        """Return the box at a moment; the height grows with the row as the line `heights` (slope, level) does."""
        share = (stream_s - self.since_s) * self.speed * self.height / (0.9 * ASPECT)
        if not 0.0 <= share <= 1.0:
            return None
        foot = self.row + share * ((self.to_row or self.row) - self.row)
        slope, level = heights
        height = self.height * (slope * foot + level) / (slope * self.row + level)
        half, middle = height * self.shape / 2 / ASPECT, 0.05 + 0.9 * share
        return Box(middle - half, foot - height, middle + half, foot)


def scenes(
    passers: Sequence[Passer], heights: tuple[float, float], noise: float = 0.0, fps: float = FPS
) -> Iterator[Scene]:
    """Yield the scenes until everyone has gone by."""
    random, here = np.random.default_rng(5), dict[int, Track]()
    for number in range(10_000):
        stream_s = number / fps
        tracks = {}
        for object_id, passer in enumerate(passers, 1):
            box = passer.box(stream_s, heights)
            if box is not None:
                top = box.top + noise * box.height * float(random.normal())
                seen = Sighting(stream_s, Box(box.left, top, box.right, box.bottom))
                tracks[object_id] = Track(object_id, seen.box, Origin.UNKNOWN, 1.0, 0.0, stream_s, (seen,))
        ended = tuple(track for object_id, track in here.items() if object_id not in tracks)
        here = tracks
        yield Scene("c", 0, stream_s, ASPECT, tuple(tracks.values()), ended)
        if not tracks and stream_s > max(passer.since_s for passer in passers):
            return


def learnt(shown: Iterator[Scene]) -> LearnedRuler:
    ruler = LearnedRuler()
    for scene in shown:
        ruler.learn(scene)
    return ruler


def crowd(slope: float, level: float, count: int, *, tall: float = 0.08, seed: int = 1) -> list[Passer]:
    """Return people of different size and place, one after the other."""
    random = np.random.default_rng(seed)
    rows = random.uniform(0.35, 0.9, count)
    sizes = 1.0 + tall * random.normal(size=count)
    return [
        Passer(row, size * (slope * row + level), to_row=float(np.clip(row + random.uniform(-0.2, 0.2), 0.3, 0.95)))
        for row, size in zip(rows.tolist(), sizes.tolist(), strict=True)
    ]


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking: minutes
@given(st.floats(0.1, 0.6), st.floats(0.0, 0.08), st.integers(0, 99), st.sampled_from((5.0, 8.0, 10.0, 15.0)))
def test_it_is_right_where_people_walk(slope: float, level: float, seed: int, fps: float) -> None:
    ruler = learnt(scenes(crowd(slope, level, 14, tall=0.05, seed=seed), (slope, level), 0.03, fps))
    known = ruler.calibration
    assert known.source is RulerSource.LEARNED
    assert known.is_sure
    for row in (0.5, 0.7):
        assert ruler.person_height(Point(0.5, row)) == pytest.approx(slope * row + level, rel=0.12)
    for each in known.rulers:
        assert each.height == pytest.approx(slope * each.foot.y + level, rel=0.15)


def test_its_rulers_say_the_same_as_it_does() -> None:
    ruler = learnt(scenes(crowd(0.3, 0.02, 14), (0.3, 0.02)))
    given_rulers = tuple(
        CalibrationRuler(foot=(each.foot.x, each.foot.y), height=each.height) for each in ruler.calibration.rulers
    )
    near, far = given_rulers
    assert near.foot[1] > far.foot[1]
    for row in (0.4, 0.6, 0.8):
        place = Point(0.5, row)
        assert Classifier(given_rulers).person_height(place) == pytest.approx(ruler.person_height(place))


def test_more_people_make_it_surer_and_few_are_not_enough() -> None:
    sure = [learnt(scenes(crowd(0.3, 0.02, count), (0.3, 0.02))).calibration.sure for count in (1, 3, 6, 14)]
    assert sure == sorted(sure)
    assert sure[1] < 0.6 < sure[2]


def test_people_of_all_sizes_make_it_less_sure() -> None:
    alike, mixed = (learnt(scenes(crowd(0.3, 0.02, 14, tall=tall), (0.3, 0.02))).calibration for tall in (0.05, 0.4))
    assert mixed.sure < alike.sure


@pytest.mark.parametrize(
    "passer",
    [
        Passer(0.6, 0.2, shape=1.8, speed=3.0),
        Passer(0.6, 0.2, shape=0.6, speed=3.5),
        Passer(0.6, 0.2, shape=1.0),
        Passer(0.6, 0.2, speed=0.15),
    ],
    ids=["car", "cyclist", "pair", "cart"],
)
def test_what_does_not_walk_upright_teaches_nothing(passer: Passer) -> None:
    ruler = learnt(scenes([passer] * 8, (0.3, 0.02)))
    assert ruler.calibration.source is RulerSource.NONE
    assert ruler.person_height(Point(0.5, 0.6)) is None


def test_cars_and_a_few_children_between_people_do_not_bend_it() -> None:
    people = crowd(0.3, 0.02, 14)
    others = [Passer(0.7, 0.3, shape=1.8, speed=3.0, since_s=1.0), *[Passer(0.6, 0.11, since_s=2.0)] * 3]
    ruler = learnt(scenes([*people, *others], (0.3, 0.02)))
    assert ruler.person_height(Point(0.5, 0.6)) == pytest.approx(0.2, rel=0.1)


def test_far_from_where_people_walk_it_says_nothing() -> None:
    ruler = learnt(scenes([Passer(0.8, 0.2, since_s=float(n)) for n in range(8)], (0.3, 0.02)))
    known = ruler.calibration
    assert known.is_sure
    assert len(known.rulers) == 1
    assert ruler.person_height(Point(0.5, 0.75)) == pytest.approx(0.2)
    assert ruler.person_height(Point(0.5, 0.4)) is None


def test_one_who_walks_to_and_fro_all_day_is_one_person() -> None:
    ruler = LearnedRuler()
    for scene in scenes([Passer(0.6, 0.2, since_s=20.0 * n) for n in range(12)], (0.3, 0.02)):
        same = tuple(Track(1, t.box, t.origin, 1.0, 0.0, t.last_s, t.new) for t in scene.tracks)
        ruler.learn(Scene("c", 0, scene.stream_s, ASPECT, same))
    assert ruler.calibration.people == 1
    assert not ruler.calibration.is_sure


def test_a_classifier_takes_the_rulers_of_the_settings_before_what_is_learnt() -> None:
    ruler = learnt(scenes(crowd(0.3, 0.02, 14), (0.3, 0.02)))
    given_ruler = CalibrationRuler(foot=(0.5, 0.6), height=0.4)
    assert Classifier((given_ruler,), ruler).person_height(Point(0.5, 0.6)) == pytest.approx(0.4)
    assert Classifier((), ruler).person_height(Point(0.5, 0.6)) == pytest.approx(0.2, rel=0.1)
    assert Classifier((), ruler).certain_s < Classifier((), LearnedRuler()).certain_s


def test_nothing_is_kept_of_who_has_gone_but_the_newest_people() -> None:
    ruler = learnt(scenes([Passer(0.6, 0.2, since_s=3.0 * n) for n in range(80)], (0.3, 0.02)))
    assert ruler.calibration.people == 60
