import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.model.event import Direction
from edge.model.geometry import Box, Point
from edge.model.scene import Frame, Scene
from edge.picture.board import View
from edge.picture.colour import Bgr, to_bgr
from edge.picture.draw import draw
from edge.picture.occupancy import inside
from edge.picture.trails import TRAIL_S, Trails
from edge.settings import LineSettings, ZoneSettings
from tests.support.pictures import plain_frame, scene_of

LINE = LineSettings(line="Door", id="line", points=((0.5, 0.2), (0.5, 0.8)))
ZONE = ZoneSettings(zone="Yard", id="zone", polygon=((0.6, 0.5), (0.9, 0.5), (0.9, 0.9), (0.6, 0.9)))
SIZE = (640, 360)
ROWS = {"tiny": (64, 36), "small": (320, 180), "full": (1920, 1080)}


def changed(image: Bgr, frame: Frame) -> NDArray[np.bool_]:
    plain = to_bgr(frame.picture, 100_000)
    return np.asarray(np.abs(image.astype(int) - plain.astype(int)).max(axis=2) > 8)


def view_of(*boxes: Box, size: tuple[int, int] = SIZE) -> View:
    frame = plain_frame(size=size)
    return View(frame, scene_of(frame, *boxes))


def test_an_empty_scene_shows_the_time_and_nothing_else() -> None:
    view = view_of()
    marks = changed(draw(view, (), {}), view.frame)
    assert marks[:30, :200].any()
    assert not marks[30:].any()
    assert not marks[:, 260:].any()


def test_a_box_is_drawn_where_it_is() -> None:
    view = view_of(Box(0.5, 0.5, 0.75, 0.9))
    marks = changed(draw(view, (), {}), view.frame)
    assert marks[180:324, 320].all()
    assert marks[324, 320:480].all()
    assert not marks[190:318, 328:472].any()
    assert not marks[40:150].any()
    assert not marks[:, :310][40:].any()


def test_a_line_shows_both_counts_and_a_one_way_line_only_its_own() -> None:
    view = view_of()
    both = changed(draw(view, (LINE,), {("line", Direction.A_TO_B): 12}), view.frame)
    one_way = LineSettings(line="Door", id="line", points=LINE.points, direction="b_to_a")
    single = changed(draw(view, (one_way,), {}), view.frame)
    assert both[75:285, 320].all()
    assert both[180, 296:345].any()
    assert both[150:210, 265:312].any()
    assert not single[150:210, 265:312].any()
    assert single[150:210, 328:370].any()


def test_counts_are_visible_in_the_picture() -> None:
    view = view_of()
    pictures = [draw(view, (LINE,), {("line", Direction.A_TO_B): count}) for count in (1, 2)]
    assert (pictures[0] != pictures[1]).any()


def test_a_zone_is_translucent() -> None:
    view = view_of()
    image = draw(view, (ZONE,), {})
    plain = to_bgr(view.frame.picture, 640)
    inside, outside = image[250, 480].astype(int), image[100, 480].astype(int)
    assert 4 < np.abs(inside - plain[250, 480]).max() < 60
    assert (outside == plain[100, 480]).all()


def test_a_zone_says_how_many_of_its_kind_are_inside() -> None:
    inside_it, elsewhere = view_of(Box(0.7, 0.3, 0.8, 0.7)), view_of(Box(0.1, 0.1, 0.2, 0.3))
    assert inside(inside_it.scene, ZONE) == 1
    assert inside(elsewhere.scene, ZONE) == 0
    assert inside(inside_it.scene, replace(ZONE, objects=("Vehicle",))) == 0
    assert inside(inside_it.scene, replace(ZONE, max_size=0.3)) == 0
    high = ((0.6, 0.4), (0.9, 0.4), (0.9, 0.6), (0.6, 0.6))
    assert inside(inside_it.scene, replace(ZONE, polygon=high)) == 0
    assert inside(inside_it.scene, replace(ZONE, polygon=high, anchor="center")) == 1
    empty, one = (View(inside_it.frame, view.scene) for view in (elsewhere, inside_it))
    label = np.s_[290:325, 384:470]
    assert (draw(empty, (ZONE,), {})[label] != draw(one, (ZONE,), {})[label]).any()


def test_the_scene_and_its_picture_stay_as_they_are() -> None:
    view = view_of(Box(0.1, 0.1, 0.4, 0.6))
    before = view.frame.picture.y.copy()
    draw(view, (LINE, ZONE), {})
    assert (view.frame.picture.y == before).all()


@pytest.mark.parametrize("size", ROWS.values(), ids=ROWS.keys())
def test_marks_go_with_the_size_of_the_picture(size: tuple[int, int]) -> None:
    view = view_of(Box(0.3, 0.4, 0.5, 0.8), size=size)
    image = draw(view, (LINE, ZONE), {})
    assert image.shape == (size[1], size[0], 3)
    assert 0.005 < changed(image, view.frame).mean() < 0.75


def test_max_width_reduces_the_picture() -> None:
    assert draw(view_of(), (LINE,), {}, max_width=320).shape == (180, 320, 3)


anywhere = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-0.5, 1.5)
fraction = st.floats(0, 1)
corners = st.tuples(fraction, fraction)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.builds(Box, anywhere, anywhere, anywhere, anywhere), max_size=4),
    st.lists(corners, min_size=2, max_size=10),
    st.lists(corners, min_size=3, max_size=8),
    st.lists(st.builds(Point, anywhere, anywhere), max_size=6),
    st.text(min_size=1, max_size=12),
)
def test_nothing_that_can_be_drawn_fails(
    boxes: list[Box],
    line: list[tuple[float, float]],
    polygon: list[tuple[float, float]],
    trail: list[Point],
    name: str,
) -> None:
    view = view_of(*boxes, size=(160, 90))
    rules = (LineSettings(line=name, points=tuple(line)), ZoneSettings(zone=name, polygon=tuple(polygon)))
    assert draw(view, rules, {}, trails={1: trail}).shape == (90, 160, 3)


def test_trails_are_short_and_end_with_their_track() -> None:
    trails = Trails()
    box = Box(0.1, 0.1, 0.2, 0.5)
    for number in range(100):
        trails.update(scene_of(plain_frame(sequence=number), box))
    kept = trails.points()
    assert list(kept) == [1]
    assert len(kept[1]) == math.ceil(TRAIL_S * 10)
    assert kept[1][0] == box.bottom_center
    frame = plain_frame(sequence=100)
    trails.update(Scene(frame.channel_id, frame.time_us, frame.stream_s, 16 / 9, ()))
    assert not trails.points()
