"""Sabotage: once an episode, whatever the view does in it."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Event, EventType
from edge.model.scene import Observation, Scene, View, ViewFault
from edge.rules.events import Writer
from edge.rules.sabotage import Sabotage
from edge.settings.channel import SabotageSettings

LOOK_S = 0.5
START_US = 1_700_000_000_000_000
UNSETTLED = View(settled=False)


def told(views: Sequence[View | None], *, settled: bool = True) -> list[Event]:
    """Play one view each half second, each over five scenes; return what is told."""
    rule = Sabotage(SabotageSettings(seconds=5, clear_s=10), Writer("c", "Camera"))
    events: list[Event] = []
    for number in range(len(views) * 5):
        stream_s = number * LOOK_S / 5
        view = views[number // 5]
        time_us = START_US + round(stream_s * 1e6)
        scene = Scene("c", time_us, stream_s, 1.5, (), settled=settled, observed=Observation(view=view))
        events += [each for each in rule.update(scene) if isinstance(each, Event)]
    return events


def views(fault: ViewFault | None, seconds: float) -> list[View | None]:
    return [View(fault)] * round(seconds / LOOK_S)


def test_it_is_told_at_the_moment_it_has_lasted_also_while_the_scene_is_not_settled() -> None:
    [event] = told(views(None, 20) + views(ViewFault.DARK, 15), settled=False)
    assert (event.type, event.reason, event.object_id, event.rule_id) == (EventType.SABOTAGE, "dark", -1, "-1")
    assert event.stream_s == pytest.approx(25.0)
    assert event.time_us == START_US + 25_000_000
    assert event.evidence is not None
    assert event.evidence.measures[0].limit == 5.0


def test_the_reason_is_what_held_most() -> None:
    flicker = (views(ViewFault.MOVED, 0.5) + views(ViewFault.COVERED, 1.5)) * 8
    [event] = told(views(None, 20) + flicker)
    assert event.reason == "covered"


def test_a_short_gap_is_the_same_fault_and_a_long_one_is_not() -> None:
    start = views(None, 20)
    assert len(told(start + views(ViewFault.DARK, 3) + views(None, 1) + views(ViewFault.DARK, 3))) == 1
    assert not told(start + (views(ViewFault.DARK, 4) + views(None, 3)) * 5)


def test_it_is_armed_again_after_health_that_lasts() -> None:
    attack = views(ViewFault.COVERED, 8)
    assert len(told(views(None, 20) + attack + views(None, 9) + attack)) == 1
    assert len(told(views(None, 20) + attack + views(None, 11) + attack)) == 2


def test_while_nothing_can_be_said_neither_fault_nor_health_goes_on() -> None:
    attack, away = views(ViewFault.COVERED, 8), [UNSETTLED] * 40
    assert not told([*away, None, None])
    assert len(told(attack + away + attack)) == 1


@given(st.lists(st.tuples(st.sampled_from([None, UNSETTLED, *map(View, ViewFault), View()]), st.integers(1, 30))))
def test_once_an_episode(stretches: list[tuple[View | None, int]]) -> None:
    played = [view for view, looks in stretches for _ in range(looks)]
    events = told(played)
    for before, after in pairwise(events):
        between = played[int(before.stream_s / LOOK_S) : int(after.stream_s / LOOK_S) + 1]
        healthy = longest = 0
        for view in between:
            healthy = healthy + 1 if view is not None and view.settled and view.fault is None else 0
            longest = max(longest, healthy)
        assert longest * LOOK_S >= 10 - LOOK_S
    for event in events:
        assert any(view is not None and view.fault == event.reason for view in played)
