"""Zones on the true boxes of a real clip: the stays are those of a plain reckoning from the truth file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from edge.model.event import Event, EventType
from edge.model.scene import Scene, Track
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import CrowdSettings
from tests.support.shared_data import shared
from tests.support.stays import Polygon, Stay, paths, stays
from tests.support.truth import true_scenes

ZONES: tuple[Polygon, ...] = (
    ((0.2, 0.3), (0.6, 0.3), (0.6, 0.75), (0.2, 0.75)),
    ((0.05, 0.45), (0.35, 0.35), (0.5, 0.55), (0.3, 0.95), (0.1, 0.9)),
    ((0.45, 0.15), (0.95, 0.15), (0.95, 0.5), (0.7, 0.25), (0.5, 0.5)),
    ((0.55, 0.6), (0.9, 0.55), (0.95, 0.95), (0.6, 0.95)),
)
WITHIN_S = 0.21
"""Joins and leaves are told between two sightings, those of the truth are at one."""


def every_second(scenes: Iterator[Scene]) -> Iterator[Scene]:
    """Give every second scene; who ended in between ends with the next."""
    waiting: tuple[Track, ...] = ()
    for number, scene in enumerate(scenes):
        if number % 2:
            waiting += scene.ended
        else:
            yield replace(scene, ended=scene.ended + waiting)
            waiting = ()


def events_of(scenes: Iterator[Scene]) -> list[Event]:
    zones = tuple(
        ZoneSettings(
            zone=str(number), id=str(number), polygon=zone, join_leave=True, crowd=CrowdSettings(size=2, on_s=0)
        )
        for number, zone in enumerate(ZONES)
    )
    channel = ChannelSettings(name="V", id="c", source=SourceSettings(demo=DemoSettings()), objects=False, rules=zones)
    rules, events, scene = make_rules(channel, UTC), [], None
    for scene in scenes:
        events += [each for rule in rules for each in rule.update(scene) if isinstance(each, Event)]
    assert scene is not None
    return events + [each for rule in rules for each in rule.close(scene.time_us, scene.stream_s)]


def told_stays(events: Sequence[Event], zone: str) -> list[Stay]:
    joined: dict[int, float] = {}
    result = []
    for event in events:
        if event.rule_id == zone and event.type is EventType.REGION_JOIN:
            joined[event.object_id] = event.stream_s
        elif event.rule_id == zone and event.type is EventType.REGION_LEAVE:
            result.append(Stay(event.object_id, joined.pop(event.object_id), event.stream_s))
    assert not joined
    return sorted(result, key=lambda stay: (stay.object_id, stay.join_s))


@pytest.mark.parametrize("half", [False, True], ids=["10 fps", "5 fps"])
def test_stays_of_true_boxes_are_those_of_a_plain_reckoning(*, half: bool) -> None:
    truth = shared("data/video/vtest.gt.txt")
    walked = paths(true_scenes(truth))
    scenes = true_scenes(truth)
    events = events_of(every_second(scenes) if half else scenes)
    for number, zone in enumerate(ZONES):
        told, true = told_stays(events, str(number)), stays(walked, zone)
        assert [stay.object_id for stay in told] == [stay.object_id for stay in true]
        assert len(true) > 2
        for one, other in zip(told, true, strict=True):
            assert one.join_s == pytest.approx(other.join_s, abs=WITHIN_S)
            assert one.leave_s == pytest.approx(other.leave_s, abs=WITHIN_S)


def test_the_peak_of_a_crowd_is_that_of_the_true_stays() -> None:
    truth = shared("data/video/vtest.gt.txt")
    events, walked = events_of(true_scenes(truth)), paths(true_scenes(truth))
    for number, zone in enumerate(ZONES):
        peaks = [event.count for event in events if event.type is EventType.CROWD_OFF and event.rule_id == str(number)]
        true = stays(walked, zone)
        most = max(sum(each.join_s <= one.join_s < each.leave_s for each in true) for one in true)
        assert abs(max((peak for peak in peaks if peak is not None), default=0) - most) <= 1
