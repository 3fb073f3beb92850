"""Things left behind, from pictures: through the whole pipeline, with a short `seconds`."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

import pytest

from edge.capture.privacy import PrivacyPainter
from edge.model.event import Event, EventType, Suppressed, Why
from edge.model.geometry import Point, distance
from edge.model.scene import Frame
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings
from tests.support.left_behind import Laid, Show, bag, lies, person, plank, standing, street
from tests.support.masks import privacy
from tests.support.shared_data import shared

Told = tuple[list[Event], list[Suppressed]]


def channel(seconds: float = 6.0, owner_s: float = 2.0, owner_radius: float = 0.1) -> ChannelSettings:
    """Return a channel that watches its whole picture."""
    asked = AbandonedSettings(seconds=seconds, owner_s=owner_s, owner_radius=owner_radius)
    zone = ZoneSettings(zone="all", id="z", polygon=((0, 0), (1, 0), (1, 1), (0, 1)), abandoned=asked)
    return ChannelSettings(name="c", id="c", source=SourceSettings(demo=DemoSettings()), rules=(zone,))


def told(frames: Iterable[Frame], asked: ChannelSettings | None = None) -> Told:
    """Return what was told of things, and what nearly was."""
    pipeline = build_pipeline(asked or channel(), 1, UTC)
    results = [pipeline.process(frame) for frame in frames]
    events = [each for result in results for each in result.events if each.type is EventType.ABANDONED]
    near = [each for result in results for each in result.suppressed if each.type is EventType.ABANDONED]
    return events, near


def at(event: Event, laid: Laid, aspect: float) -> bool:
    """Tell whether an event is where a thing lies: its middle within half of its size."""
    assert event.evidence is not None
    assert event.evidence.box is not None
    _, x, y = laid.path[0]
    away = distance(event.evidence.box.center, Point(x, y - laid.height / 2), aspect)
    return away <= 0.5 * laid.height


@pytest.mark.parametrize("kind", ["bag", "suitcase", "box", "backpack", "sack"])
def test_each_thing_is_told_once_in_time_and_in_its_place(kind: str) -> None:
    laid = [lies(bag(kind, 3), 0.06, (0.3, 0.6), (6.0, 99.0)), lies(bag(kind, 8), 0.15, (0.7, 0.8), (6.0, 99.0))]
    events, _ = told(standing(street(), laid, 17.0))
    assert len(events) == 2
    assert all(any(at(event, each, 4 / 3) for event in events) for each in laid)
    assert all(12.0 <= event.stream_s <= 15.0 for event in events)


def test_a_second_thing_at_the_same_place_is_told_again() -> None:
    laid = [lies(bag("bag", 4), 0.1, (0.5, 0.7), (6, 16)), lies(bag("suitcase", 5), 0.1, (0.5, 0.7), (20, 99))]
    events, _ = told(standing(street(), laid, 32.0))
    assert [round(event.stream_s) for event in events] == [12, 26]
    assert events[0].object_id != events[1].object_id


def test_what_was_there_at_the_start_is_no_thing_and_leaves_none() -> None:
    laid = [lies(bag("box", 4), 0.12, (0.5, 0.7), (0, 10)), lies(bag("bag", 4), 0.12, (0.2, 0.7), (0, 99))]
    assert told(standing(street(), laid, 22.0))[0] == []


@pytest.mark.parametrize("beside", [0.0, 0.01, -0.02])
def test_what_was_there_at_the_start_and_is_put_back_is_no_thing_but_another_one_is(beside: float) -> None:
    own, other = bag("box", 4), bag("suitcase", 5)
    away = lies(own, 0.12, (0.5, 0.7), (0, 10))
    assert told(standing(street(), [away, lies(own, 0.12, (0.5 + beside, 0.7), (18, 99))], 32.0))[0] == []
    events, _ = told(standing(street(), [away, lies(other, 0.12, (0.5 + beside, 0.7), (18, 99))], 28.0))
    assert [round(event.stream_s) for event in events] == [24]


@pytest.mark.parametrize("light", [0.5, 1.4])
def test_a_change_of_light_is_no_thing_and_restarts_the_clock(light: float) -> None:
    laid = [lies(bag("suitcase", 4), 0.12, (0.5, 0.7), (5.0, 99.0))]
    events, near = told(standing(street(), laid, 22.0, light=lambda at_s: light if at_s > 9.0 else 1.0))
    assert [each.why for each in near] == [Why.LIGHT_CHANGE]
    assert len(events) == 1
    assert 15.0 <= events[0].stream_s <= 20.0


def test_what_a_privacy_mask_hides_has_no_say_in_what_is_light() -> None:
    masks = privacy(((0.0, 0.0), (0.6, 0.0), (0.6, 1.0), (0.0, 1.0)))
    painter = PrivacyPainter(masks)
    laid = [lies(bag("suitcase", 4), 0.12, (0.8, 0.7), (5.0, 99.0))]
    shown = standing(street(), laid, 22.0, light=lambda at_s: 1.4 if at_s > 9.0 else 1.0)
    events, near = told(map(painter.painted, shown), replace(channel(), masks=masks))
    assert [each.why for each in near] == [Why.LIGHT_CHANGE]
    assert len(events) == 1
    assert at(events[0], laid[0], 4 / 3)


def test_what_is_covered_for_a_while_goes_on_lying() -> None:
    cover = Laid(bag("sack", 2), 0.3, ((8.0, 0.2, 0.75), (9.0, 0.5, 0.75), (9.8, 0.5, 0.75), (10.8, 0.9, 0.75)))
    laid = [lies(bag("box", 4), 0.1, (0.5, 0.7), (6.0, 99.0)), cover]
    events, _ = told(standing(street(), laid, 15.0))
    assert [round(event.stream_s) for event in events] == [12]


@pytest.mark.parametrize("beside", [-0.03, 0.0, 0.02, 0.04])
def test_the_outline_is_the_things_once_the_legs_of_who_stood_there_have_gone(beside: float) -> None:
    left = lies(bag("box", 4), 0.08, (0.5, 0.7), (6.0, 99.0))
    legs = lies(plank(0.3), 0.22, (0.5 + beside, 0.705), (6.0, 9.5))
    events, _ = told(standing(street(), [left, legs], 18.0))
    assert len(events) == 1
    assert at(events[0], left, 4 / 3)
    assert events[0].evidence is not None
    assert events[0].evidence.box is not None
    assert events[0].evidence.box.height <= 1.3 * 0.08


def test_what_was_left_by_somebody_who_stood_before_it_for_long_is_told_once_he_has_gone() -> None:
    left = lies(bag("box", 4), 0.08, (0.5, 0.7), (6.0, 99.0))
    legs = lies(plank(0.3), 0.22, (0.5, 0.705), (6.0, 14.0))
    events, near = told(standing(street(), [left, legs], 24.0))
    assert [each.why for each in near] == [Why.PERSON]
    assert len(events) == 1
    assert at(events[0], left, 4 / 3)


def test_a_person_cut_out_of_real_video_who_never_moves_is_none_and_a_case_as_tall_is_one() -> None:
    clip = shared("data/video/vtest.avi")
    people = [
        lies(person(clip, 100, (345, 185, 395, 285), (0, 300)), 0.17, (0.3, 0.6), (6.0, 99.0)),
        lies(person(clip, 100, (580, 145, 630, 245), (0, 300)), 0.19, (0.6, 0.9), (6.0, 99.0)),
    ]
    case = lies(plank(0.55), 0.17, (0.8, 0.75), (6.0, 99.0))
    events, near = told(standing(street(), [*people, case], 17.0))
    assert {each.why for each in near} == {Why.PERSON}
    assert len(events) == 1
    assert at(events[0], case, 4 / 3)


def test_without_a_zone_that_asks_nothing_is_looked_for() -> None:
    asked = ChannelSettings(name="c", id="c", source=SourceSettings(demo=DemoSettings()))
    pipeline = build_pipeline(asked, 1, UTC)
    laid = [lies(bag("box", 4), 0.1, (0.5, 0.7), (5.0, 99.0))]
    assert not any(pipeline.process(frame).scene.observed.things for frame in standing(street(), laid, 10.0))


def test_a_bag_behind_a_crossing_crowd_and_nothing_else_of_real_video() -> None:
    laid = [lies(bag("backpack", 4), 0.08, (0.33, 0.5), (5.0, 99.0), behind=True)]
    show = Show(shared("data/video/vtest.avi"), 16.0, laid, fps=5, size=(384, 288), crf=28, window=(0, 160))
    events, _ = told(show.frames())
    assert len(events) == 1
    assert at(events[0], laid[0], 4 / 3)
    assert events[0].stream_s <= 5.0 + 6.0 + 3.0
