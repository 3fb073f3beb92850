"""The tracker: who is who, from frame to frame."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.geometry import Box
from edge.model.scene import Detection, Detections, Scene
from edge.settings import CalibrationRuler
from edge.track.classify import Classifier
from edge.track.tracker import Tracker
from tests.support.boxes import follow, frame, ids, person

_SHARE = st.floats(0.0, 1.0, allow_nan=False, width=32)
_BOX = st.builds(
    lambda x, y, width, height: Box(
        x * (1 - width), y * (1 - height), x * (1 - width) + width, y * (1 - height) + height
    ),
    _SHARE,
    _SHARE,
    st.floats(0.0, 0.5, width=32),
    st.floats(0.0, 0.5, width=32),
)
_DETECTION = st.builds(
    Detection, _BOX, st.sampled_from((0.5, 0.8, 1.0)), key=st.sampled_from((None, None, None, 1, 2, 3, 99))
)
_SHOWN = st.lists(st.tuples(st.lists(_DETECTION, max_size=6), st.booleans()), max_size=25)


def _tracker(first: int = 1) -> Tracker:
    return Tracker(first, Classifier())


def _show(shown: list[tuple[list[Detection], bool]], fps: float = 5.0) -> list[Scene]:
    tracker = _tracker()
    scenes = []
    for number, (items, settled) in enumerate(shown):
        for expected in tracker.expected(number / fps):
            assert all(map(math.isfinite, (expected.box.left, expected.box.top, expected.box.right)))
        scenes.append(tracker.update(frame(number / fps), Detections(tuple(items), settled)))
    return scenes


@given(_SHOWN)
def test_whatever_comes_each_sighting_is_told_once_and_no_id_twice(shown: list[tuple[list[Detection], bool]]) -> None:
    told: Counter[tuple[int, float]] = Counter()
    ended: Counter[int] = Counter()
    for scene in _show(shown):
        here = [track.object_id for track in scene.tracks]
        assert len(here) == len(set(here))
        assert not ended.keys() & set(here)
        for track in (*scene.tracks, *scene.ended):
            told.update((track.object_id, sighting.stream_s) for sighting in track.new)
            assert [each.stream_s for each in track.new] == sorted(each.stream_s for each in track.new)
            for sighting in track.new:
                box = sighting.box
                assert 0.0 <= box.left <= box.right <= 1.0
                assert 0.0 <= box.top <= box.bottom <= 1.0
        ended.update(track.object_id for track in scene.ended)
    assert all(count == 1 for count in told.values())
    assert all(count == 1 for count in ended.values())


@given(_SHOWN)
def test_everything_is_forgotten_in_the_end(shown: list[tuple[list[Detection], bool]]) -> None:
    tracker = _tracker()
    begun: set[int] = set()
    ended: set[int] = set()
    for number, (items, settled) in enumerate([*shown, ([], True), ([], True)]):
        late_s = 400.0 if number > len(shown) else 0.0
        scene = tracker.update(frame(number / 5 + late_s), Detections(tuple(items), settled))
        begun |= {track.object_id for track in scene.tracks}
        ended |= {track.object_id for track in scene.ended}
    assert len(tracker) == 0
    assert begun == ended


@given(st.permutations(range(4)))
def test_the_order_of_the_detections_does_not_matter(order: list[int]) -> None:
    def boxes(number: int) -> list[Box]:
        return [person(0.1 + 0.2 * lane + 0.01 * number, 0.4 + 0.15 * lane) for lane in range(4)]

    straight = follow(_tracker(), [boxes(number) for number in range(15)])
    mixed = follow(_tracker(), [[boxes(number)[index] for index in order] for number in range(15)])
    assert {track.box for track in straight[-1].tracks} == {track.box for track in mixed[-1].tracks}


def test_a_mirrored_scene_gives_mirrored_tracks() -> None:
    boxes = [[person(0.2 + 0.02 * number), person(0.8 - 0.015 * number, 0.8)] for number in range(20)]
    mirror = [[Box(1 - box.right, box.top, 1 - box.left, box.bottom) for box in row] for row in boxes]
    plain, other = follow(_tracker(), boxes)[-1], follow(_tracker(), mirror)[-1]
    for track, image in zip(plain.tracks, other.tracks, strict=True):
        assert track.object_id == image.object_id
        assert track.box.left == pytest.approx(1 - image.box.right)


@pytest.mark.parametrize("fps", [5.0, 8.0, 10.0, 15.0])
def test_one_who_walks_by_is_one_object_whose_early_sightings_come_late(fps: float) -> None:
    steps = round(6 * fps)
    scenes = follow(_tracker(7), [[person(0.1 + 0.8 * number / steps)] for number in range(steps)], fps=fps)
    assert ids(scenes) == {7}
    new = [sighting for scene in scenes for track in scene.tracks for sighting in track.new]
    assert len(new) == steps
    confirmed = next(scene for scene in scenes if scene.tracks)
    assert confirmed.stream_s >= 0.4 - 1e-6
    assert confirmed.tracks[0].first_s == 0.0


def test_who_only_stands_is_not_confirmed() -> None:
    assert not ids(follow(_tracker(), [[person(0.5)] for _ in range(50)]))


def test_two_who_cross_keep_their_ids() -> None:
    scenes = follow(
        _tracker(), [[person(0.2 + 0.02 * number, 0.7), person(0.8 - 0.02 * number, 0.74)] for number in range(30)]
    )
    assert ids(scenes) == {1, 2}
    first, last = ({track.object_id: track.box.center.x for track in scenes[at].tracks} for at in (5, 29))
    assert (first[1] < first[2]) != (last[1] < last[2])


@pytest.mark.parametrize("hidden", [1, 5, 9])
def test_who_is_hidden_for_less_than_two_seconds_keeps_the_id(hidden: int) -> None:
    shown = [[] if 15 <= number < 15 + hidden else [person(0.1 + 0.015 * number)] for number in range(45)]
    scenes = follow(_tracker(), shown)
    assert ids(scenes) == {1}
    assert not any(scene.ended for scene in scenes)


def test_who_is_gone_for_longer_ends_once() -> None:
    scenes = follow(_tracker(), [[person(0.1 + 0.02 * number)] if number < 15 else [] for number in range(40)])
    ended = [(scene.stream_s, track) for scene in scenes for track in scene.ended]
    assert len(ended) == 1
    assert ended[0][0] == pytest.approx(14 / 5 + 2.2)
    assert ended[0][1].last_s == pytest.approx(14 / 5)


def test_a_parked_object_found_again_keeps_its_id_and_has_not_left() -> None:
    def at(stream_s: float) -> list[Box]:
        if stream_s < 3:
            return [person(0.2 + 0.1 * stream_s)]
        return [person(0.5)] if stream_s < 20 or stream_s >= 200 else []

    scenes = follow(_tracker(), [at(number / 5) for number in range(5 * 210)])
    assert ids(scenes) == {1}
    assert not any(scene.ended for scene in scenes)
    assert scenes[-1].tracks[0].last_s == scenes[-1].stream_s


def test_a_parked_object_ends_after_five_minutes() -> None:
    shown = [[person(min(0.2 + 0.02 * number, 0.5))] if number < 100 else [] for number in range(100 + 5 * 310)]
    ended = [scene.stream_s for scene in follow(_tracker(), shown) if scene.ended]
    assert ended == [pytest.approx(99 / 5 + 300, abs=0.5)]


def test_what_is_seen_in_changing_light_is_not_believed() -> None:
    tracker = _tracker()
    for number in range(20):
        found = Detections((Detection(person(0.1 + 0.03 * number)),), settled=False)
        scene = tracker.update(frame(number / 5), found)
        assert not scene.tracks
        assert not scene.settled


def test_one_half_hidden_keeps_height_and_feet() -> None:
    def seen(number: int) -> Box:
        box = person(0.2 + 0.015 * number)
        return Box(box.left, box.top, box.right, box.top + 0.08) if 15 <= number < 22 else box

    scenes = follow(_tracker(), [[seen(number)] for number in range(30)])
    bottoms = [track.box.bottom for scene in scenes[15:22] for track in scene.tracks]
    assert min(bottoms) > 0.7 - 0.05


@pytest.mark.parametrize(
    ("height", "confirmed"), [(0.2, True), (0.02, False)], ids=["a person's size", "too small for anyone there"]
)
def test_the_ruler_sets_the_size_limits(height: float, *, confirmed: bool) -> None:
    ruler = CalibrationRuler(foot=(0.5, 0.7), height=0.2)
    tracker = Tracker(1, Classifier((ruler,)))
    scenes = follow(tracker, [[person(0.2 + 0.01 * number, 0.7, height)] for number in range(30)])
    assert bool(ids(scenes)) is confirmed
